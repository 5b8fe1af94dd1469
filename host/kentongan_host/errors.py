"""The base error of this room and those that others must tell apart; no I/O, so that every layer may import it."""

from __future__ import annotations


class HostError(Exception):
    """Something of the machine is not as the program needs it.

    Attributes:
        what: what was expected and what was found.
        remedy: what to do about it; empty when the program itself goes on trying.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what} {remedy}".rstrip())
        self.what = what
        self.remedy = remedy


class StoreError(HostError):
    """The store could not commit: disk full, input/output error, file gone. Nothing of the item is on disk."""


class StoreBusyError(StoreError):
    """More writes wait than may: this one was not taken."""
