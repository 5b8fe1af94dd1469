"""What people may look at; the adapters read it from the store beside the writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kentongan_server import shapes, shapes_people
from kentongan_server.domain.roles import ABOUT_NOTHING, EVERYTHING, About, Scope


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of the live stream.

    Attributes:
        text: its JSON.
        about: what says who may see it.
        outcome: its JSON for those who only see how it ended; None where that is all of `text`.
        subject: id of what it is about.
    """

    position: int
    name: str
    text: str
    about: About = ABOUT_NOTHING
    outcome: str | None = None
    subject: int = 0


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


@dataclass(frozen=True, slots=True)
class Closed:
    """Which closed incidents; all of them without an argument.

    Attributes:
        before: those that were closed before this one was, and of the same moment those before it.
        site: of this site.
        from_ms: closed at this moment or later.
        to_ms: closed before this moment.
    """

    before: int | None = None
    site: str | None = None
    from_ms: int | None = None
    to_ms: int | None = None


ANY_CLOSED = Closed()


class Views(Protocol):
    """Reading; each answer is true for one moment of the store.

    Who does not see everything is told no position: how far the history has come would tell that something happened.
    """

    async def position(self) -> int: ...
    async def waiting(self) -> int | None:
        """Which row of the history is the next to get its place; None: all have theirs."""

    async def open_incidents(self, scope: Scope = EVERYTHING) -> shapes.Incidents: ...
    async def closed_incidents(self, scope: Scope = EVERYTHING, which: Closed = ANY_CLOSED) -> shapes.Incidents:
        """A page of them, newest first; `NotFoundError` when there is no `before` (any more)."""

    async def incident(self, incident: int, scope: Scope = EVERYTHING) -> shapes.IncidentWithTimeline | None: ...
    async def troubles(self, scope: Scope = EVERYTHING) -> shapes.Troubles: ...
    async def trouble(self, trouble: int) -> shapes.Trouble | None: ...
    async def rejections(self) -> shapes.Rejections: ...
    async def devices(self, scope: Scope = EVERYTHING) -> shapes.Devices: ...
    async def within(self, scope: Scope, name: str, which: int | str) -> bool:
        """Whether this incident, trouble or site (`name`) is there and in the scope."""

    async def shown(self, scope: Scope) -> set[int]:
        """The open incidents in the scope."""

    async def sites_of(self, user: int) -> frozenset[str]:
        """The sites that a user is bound to."""

    async def users(self) -> list[shapes_people.User]: ...
    async def user(self, user: int) -> shapes_people.User | None: ...
    async def sessions(self, user: int, now_ms: int) -> list[shapes_people.Session]: ...
    async def passkeys(self, user: int) -> list[shapes_people.Passkey]: ...
    async def events(self, after: int, through: int | None = None) -> EventPage: ...
