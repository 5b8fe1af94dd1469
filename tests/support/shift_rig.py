"""A desk with calls, drills, hand-overs and what expires, on a store in memory whose clock the test moves."""

from __future__ import annotations

import json
from typing import Any

from kentongan_server.application.calls import Calls
from kentongan_server.application.drills import Asked, Drills
from kentongan_server.application.retention import Retention
from kentongan_server.domain import feed
from kentongan_server.domain.call import Said, Where
from kentongan_server.domain.category import Category
from kentongan_server.domain.replay import Step, replay
from kentongan_server.domain.retention import DAY_MS, Keeping
from kentongan_wire.press import KIND_HOLD_UP
from tests.support.presses import Made, attempt, body, message
from tests.support.virtual_city import GATEWAY, Desk

NUMBER, KEY = "+6281234567890", b"k" * 32
KEEPING = Keeping(caller_days=90, exact_place_days=60, caller_digest_days=365, access_days=200)


class ShiftDesk(Desk):
    """Whoever sits there is `sari` unless said otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = Calls(self.store, self.clock, KEY)
        self.drills = Drills(self.store, self.clock)
        self.retention = Retention(self.store, self, self.clock, KEEPING, self)
        self.asked_to_clear = 0
        self.read_at_the_moment = False
        self.hear_all()

    async def clear(self) -> bool:
        """See `application.retention.Leftovers`: a store in memory has none, but may be read at the moment."""
        self.asked_to_clear += 1
        return not self.read_at_the_moment

    async def old_access(self, before_ms: int, most: int) -> list[int]:
        """See `application.retention.OldLines`."""
        query = "SELECT position FROM feed WHERE kind = 'access' AND at_ms < ? AND personal IS NOT NULL LIMIT ?"
        return [position for (position,) in self.rows(query, before_ms, most)]

    def call(self, category: Category = Category.THEFT, said: Said | None = None, **where: Any) -> int:
        said = said or Said("0812-3456-7890", "Ibu Rini", "Ada yang masuk rumah tetangga")
        incident: int = self.run(self.calls.take("sari", category, said, Where(**where)))
        return incident

    def drill(self, *alarms: tuple[int, str, int], minutes: int = 30) -> int:
        """(button, kind, in seconds) each."""
        number: int = self.run(self.drills.start("Jumat pagi", minutes, [Asked(*one) for one in alarms], "budi"))
        return number

    def pass_s(self, seconds: int) -> None:
        """Time passes; the desk looks once at the end of it."""
        self.clock.now_ms += seconds * 1_000
        self.run(self.drills.tick())

    def pass_days(self, days: int) -> None:
        """Time passes, and what has expired by then is erased."""
        self.clock.now_ms += days * DAY_MS
        self.run(self.retention.tick())
        while self.retention.busy:
            self.run(self.retention.tick())

    def press_of(self, button: int, number: int, repeats: int = 0, kind: int = KIND_HOLD_UP) -> None:
        uptime_ms = 1_000_000 + self.clock.now_ms
        pressed = body(number, bytes([button]) * 7 + bytes([number]), 7, uptime_ms, kind)
        made = Made(pressed, self.clock.now_ms, -1_000_000)
        frame = attempt(self.found(button), made, self.clock.now_ms, repeats=repeats)
        self.run(self.intake.take(*message(self.found(GATEWAY), frame)))

    def close(self, incident: int, outcome: str = "real", cause: str = "theft") -> None:
        self.run(self.operate.close(incident, self.version(incident), "sari", outcome, cause, ""))

    def incident(self, columns: str, incident: int = 1) -> tuple[Any, ...]:
        return self.rows(f"SELECT {columns} FROM incident WHERE id = ?", incident)[0]

    # --- the history ---

    def lines(self) -> list[feed.Row]:
        query = (
            "SELECT position, at_ms, kind, what, subject, facts, personal, salt, commitment, prev_hash, hash "
            "FROM feed ORDER BY position"
        )
        return [
            feed.Row(row[0], feed.Entry(row[1], feed.Kind(row[2]), *row[3:7]), *row[7:]) for row in self.rows(query)
        ]

    def faults(self) -> list[feed.Finding]:
        """What an audit finds."""
        return list(feed.verify(self.lines()))

    def replayed(self, incident: int = 1) -> list[Step]:
        rows = [row for row in self.lines() if (row.entry.kind, row.entry.subject) == ("incident", str(incident))]
        return replay(rows)

    def personal(self, what: str) -> list[dict[str, Any] | None]:
        """The personal parts of all lines of this name; None once erased."""
        lines = [row.entry for row in self.lines() if row.entry.what == what]
        return [json.loads(line.personal) if line.personal is not None else None for line in lines]
