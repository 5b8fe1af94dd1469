"""Server-sent events as a client reads them (WHATWG HTML, 9.2.6), without I/O."""

from __future__ import annotations

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

    def feed(self, line: str) -> ServerEvent | None:
        """Take one line; the event when this line completes one."""
        if not line:
            complete = ServerEvent(self._id, self._event or "message", "\n".join(self._data)) if self._data else None
            self._id, self._event, self._data = None, "", []
            return complete
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id":
            self._id = value
        return None
