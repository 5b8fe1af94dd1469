"""The words that travel: frames, their MACs, keys, topics and SMS armour, for both interpreters."""
