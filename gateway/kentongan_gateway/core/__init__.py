"""Custody, route choice and supervision: decisions without I/O."""
