"""Server-sent events as a client reads them (WHATWG HTML, 9.2.6), without I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class ServerEvent:
    """One event: its `id` (None when the server gave none), its name and its data."""

    id: str | None
    event: str
    data: str


class EventReader:
    """Takes lines without their ends, gives the event that a blank line completes."""

    def __init__(self) -> None:
        self._id: str | None = None
        self._event = ""
        self._data: list[str] = []

    def feed(self, line: str) -> Iterator[ServerEvent]:
        """Take one line; yields at most one event."""
        if not line:
            if self._data:
                yield ServerEvent(self._id, self._event or "message", "\n".join(self._data))
            self._id, self._event, self._data = None, "", []
            return
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id":
            self._id = value
