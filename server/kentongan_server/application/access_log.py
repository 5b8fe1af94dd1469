"""Lines of the history about who came in, who did not, and what was changed about them."""

from __future__ import annotations

from typing import Any

from kentongan_server.domain.feed import Entry, Kind, canonical

NAME_MAX = 200  # characters kept of a name that somebody typed


def entry(at_ms: int, what: str, who: str, user: int | None = None, by: str | None = None, **facts: Any) -> Entry:  # noqa: ANN401
    """A line about a person; `by`: whoever did it to them, if it was not they themselves."""
    subject = str(user) if user is not None else ""
    personal = {"who": who[:NAME_MAX], **({"by": by} if by is not None else {})}
    return Entry(at_ms, Kind.ACCESS, what, subject, canonical(facts), canonical(personal))
