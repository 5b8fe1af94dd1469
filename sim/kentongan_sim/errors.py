"""The one error of this room."""

from __future__ import annotations


class SimError(Exception):
    """The simulated city could not do what was asked; the message says what was expected, found, and what to do."""
