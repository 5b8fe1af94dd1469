"""What one console's stream shows: everything, or what its person may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kentongan_server.application.views import StreamEvent
from kentongan_server.domain.roles import Reach, Scope, sees

STREAMED = ("incident", "trouble", "rejection", "drill")
# A console whose person sees a part begins with its lists: it is told when to read them.
RELOAD = b"event: reload\ndata: {}\n\n"


@dataclass(slots=True)
class Eyes:
    """Whose stream it is.

    Attributes:
        scopes: how far of each kind of event; a kind that is not there is not seen at all.
        sites: the person's.
        user: their id.
        answers: may acknowledge every incident: what rings there is heard by somebody who can answer it.
        desk: works at one of the centre's or an agency's.
        shown: ids of open incidents that were told; who sees them no more is told that they are gone.
    """

    scopes: Mapping[str, Scope]
    sites: frozenset[str] = frozenset()
    user: int = 0
    answers: bool = False
    desk: bool = False
    shown: set[int] = field(default_factory=set)

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return all(kind in self.scopes and self.scopes[kind].reach is Reach.ALL for kind in STREAMED)

    def chunk(self, event: StreamEvent) -> bytes | None:
        """The event as this person may see it; None when it is not for them."""
        scope = self.scopes.get(event.name)
        if scope is None:
            return None
        if not sees(scope, event.about, self.sites):
            return self._gone(event)
        if event.name == "incident" and scope.reach is Reach.AGENCY:
            self.shown.add(event.subject)
        return encode(event, event.outcome if scope.reach is Reach.SITES else None)

    def _gone(self, event: StreamEvent) -> bytes | None:
        """It was this agency's, and is not any more."""
        if event.name != "incident" or event.subject not in self.shown:
            return None
        self.shown.discard(event.subject)
        data = f'{{"position": {event.position}, "incident": {event.subject}}}'
        return f"id: {event.position}\nevent: gone\ndata: {data}\n\n".encode()


def encode(event: StreamEvent, text: str | None = None) -> bytes:
    """A server-sent event, with another text than its own if one is given."""
    return f"id: {event.position}\nevent: {event.name}\ndata: {text or event.text}\n\n".encode()
