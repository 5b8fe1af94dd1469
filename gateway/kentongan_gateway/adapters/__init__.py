"""What the gateway talks to: brokers, SQLite, modem, pins."""
