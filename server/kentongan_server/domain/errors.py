"""The one base error of the centre; every message ends with what a person can do about it."""

from __future__ import annotations


class CentreError(Exception):
    """Something the centre refuses or cannot do.

    Attributes:
        code: stable word for programs (the `code` of HTTP errors).
        what: what was expected and what was found.
        remedy: what to do about it; may be empty.
    """

    code = "refused"

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what} {remedy}".rstrip())
        self.what = what
        self.remedy = remedy


class NotFoundError(CentreError):
    """There is no such thing."""

    code = "not-found"


class InvalidError(CentreError):
    """A value that cannot be taken."""

    code = "invalid"
