"""The one base error of this room; every message ends with what a person can do about it."""

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
