"""Hardware behind small interfaces; only esp32.py touches the chip."""
