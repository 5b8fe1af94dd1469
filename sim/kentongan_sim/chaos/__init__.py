"""Process chaos: a real city, pressed while everything in it is killed, frozen, cut, filled up and unplugged."""
