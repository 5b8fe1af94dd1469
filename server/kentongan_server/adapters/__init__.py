"""What the centre talks to: brokers, the store, other systems."""
