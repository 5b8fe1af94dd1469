"""What gateway and centre both need of an operating system: broker, MQTT, settings, log, store, secrets."""
