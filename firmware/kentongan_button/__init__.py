"""Firmware of a panic button."""
