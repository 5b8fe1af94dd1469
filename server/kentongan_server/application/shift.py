"""What the desk does beside its incidents: 112 calls, drills, the hand-over of shifts, what expires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kentongan_server import shapes_desk as shapes
from kentongan_server.application.calls import Calls
from kentongan_server.application.drills import Drills
from kentongan_server.application.hand_over import HandOver
from kentongan_server.application.retention import Retention


class DeskViews(Protocol):
    """Reading, beside the writer; None: it is not there."""

    async def caller(self, digest: bytes) -> shapes.Caller: ...
    async def drills(self) -> shapes.Drills: ...
    async def drill(self, drill: int) -> shapes.Drill | None: ...
    async def hand_overs(self) -> shapes.HandOvers: ...
    async def takers(self, giver: str) -> list[shapes.Taker]: ...
    async def hand_over(self, number: int) -> shapes.HandOverPage | None: ...
    async def replay(self, incident: int) -> shapes.Replay: ...


@dataclass(frozen=True)
class Shift:
    """All of it, wired."""

    calls: Calls
    drills: Drills
    hand_over: HandOver
    retention: Retention
    views: DeskViews

    async def tick(self) -> None:
        """Call it every second."""
        await self.drills.tick()
        await self.retention.tick()
