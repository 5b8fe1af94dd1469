"""Operators: they look, think, acknowledge what they saw, and close, or they do not."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kentongan_sim.universe.history import History
    from kentongan_sim.universe.world import World

_RINGING = """
SELECT i.id, max(a.id), i.version FROM incident AS i JOIN alarm AS a ON a.incident = i.id
WHERE i.state <> 'closed' AND a.acknowledged_by IS NULL GROUP BY i.id ORDER BY i.id
"""
_ACKNOWLEDGED = """
SELECT i.id, i.version FROM incident AS i WHERE i.state = 'acknowledged'
AND NOT EXISTS (SELECT 1 FROM alarm AS a WHERE a.incident = i.id AND a.acknowledged_by IS NULL) ORDER BY i.id
"""
_POSITION = "SELECT coalesce(max(position), 0) FROM feed"


class Desk:
    """Who sits at the console.

    Attributes:
        dark_until_ms: nobody looks before this.
    """

    def __init__(self, world: World, draw: random.Random) -> None:
        self.dark_until_ms = 0
        self._world = world
        self._loop = world.loop
        self._draw = draw

    def look(self) -> None:
        """An operator looks at the console, thinks, and acknowledges what was seen."""
        world, plan = self._world, self._world.plan
        if world.over:
            return
        if world.centre.operate is not None and world.oracle.history.alarms:
            self._acknowledge_seen(plan.think_ms)
            if plan.closes and self._draw.randrange(100) < plan.closes:
                self._close_done()
        at_ms = max(self._loop.now_ms + plan.look_every_ms, self.dark_until_ms)
        self._loop.after(at_ms - self._loop.now_ms, self._loop.nature, self.look)

    def answer_all(self) -> None:
        """At the end somebody sits at the desk."""
        if self._world.centre.operate is not None:
            self._acknowledge_seen(0)

    def _acknowledge_seen(self, think_ms: int) -> None:
        world = self._world
        if world.centre.operate is None:
            return
        life = world.oracle.history
        connection = world.centre_disk.connection
        ringing = connection.execute(_RINGING).fetchall()
        if not ringing:
            return
        (position,) = connection.execute(_POSITION).fetchone()
        for incident, newest, version in ringing:
            act = (life, incident, newest, version, position)
            self._loop.after(think_ms, self._loop.nature, self._acknowledge, *act)

    def _acknowledge(self, life: History, incident: int, newest: int, version: int, position: int) -> None:
        world = self._world
        if world.oracle.history is life and world.centre.operate is not None:
            world.oracle.acknowledged(incident, newest, position)
            world.centre.acknowledge(incident, version)

    def _close_done(self) -> None:
        world = self._world
        if world.centre.operate is None:
            return
        for incident, version in world.centre_disk.connection.execute(_ACKNOWLEDGED).fetchall():
            world.oracle.closed(incident)
            world.centre.close(incident, version)
