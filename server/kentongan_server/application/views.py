"""What people may look at; the adapters read it from the store beside the writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kentongan_server import shapes


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of the live stream; `text` is its JSON."""

    position: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events of a stretch of the history.

    Attributes:
        through: the position up to which there is nothing else to tell.
        more: whether the stretch was cut at the limit.
    """

    events: tuple[StreamEvent, ...]
    through: int
    more: bool


class Views(Protocol):
    """Reading; each answer is true for one moment of the store."""

    async def position(self) -> int: ...
    async def open_incidents(self) -> shapes.Incidents: ...
    async def closed_incidents(self) -> shapes.Incidents: ...
    async def incident(self, incident: int) -> shapes.IncidentWithTimeline | None: ...
    async def troubles(self) -> shapes.Troubles: ...
    async def trouble(self, trouble: int) -> shapes.Trouble | None: ...
    async def rejections(self) -> shapes.Rejections: ...
    async def devices(self) -> shapes.Devices: ...
    async def events(self, after: int, through: int | None = None) -> EventPage: ...
