"""Sites whose every clock the test moves: heartbeats, reports, texts and presses on the centre's real store."""

from __future__ import annotations

from typing import Any

from kentongan_wire.frame import seal
from kentongan_wire.path_report import CAUSE_PERIODIC, PathReport
from kentongan_wire.press import CLOCK_SET
from kentongan_wire.supervision import Beat, Heartbeat, SiteReport
from kentongan_wire.topics import REPORT, gateway_up
from tests.support.direct_centre import DirectCentre
from tests.support.presses import Made, attempt, body, message

BUTTONS, GATEWAY, OTHER = (1, 2), 90, 91


class City(DirectCentre):
    """Two buttons and a gateway at site a, one gateway at site b; counters kept for the test."""

    def __init__(self) -> None:
        super().__init__()
        for number in BUTTONS:
            self.button(number)
        self.gateway(GATEWAY)
        self.gateway(OTHER, "b")
        self.counters: dict[int, int] = {}

    def next_counter(self, device: int) -> int:
        self.counters[device] = self.counters.get(device, 0) + 1
        return self.counters[device]

    def heartbeat(self, device: int, **changes: Any) -> bytes:
        values: dict[str, Any] = {
            "counter": self.next_counter(device), "boot_id": 7, "uptime_ms": 1_000_000 + self.clock.now_ms,
            "wall_ms": self.clock.wall_ms(), "clock": CLOCK_SET, "state": 0,
            "battery_mv": 0, "signal_dbm": -128, "undelivered": 0,
            "sequence": 0, "nonce": bytes(8), "level": 0, "revision": 0, "firmware": 1,
        }  # fmt: skip
        enrolled = self.found(device)
        return seal(Heartbeat(**values | changes), device, 1, enrolled.keys.up_link)

    def report(
        self,
        *beats: bytes,
        gateway: int = GATEWAY,
        held_ms: int = 0,
        state: int = 0,
        boot_id: int = 7,
        counter: int | None = None,
    ) -> None:
        counter = self.next_counter(gateway) if counter is None else counter
        told = SiteReport(
            counter, boot_id, 2_000_000 + self.clock.now_ms, self.clock.wall_ms(), state, 0, 0, 0,
            tuple(Beat(held_ms, beat) for beat in beats),
        )  # fmt: skip
        raw = seal(told, gateway, 1, self.found(gateway).keys.up_link)
        self.run(self.supervise.take(gateway_up(gateway, REPORT), raw))

    def text(
        self, device: int, *, cause: int = CAUSE_PERIODIC, state: int = 0, ago_ms: int = 0, **changes: Any
    ) -> bool:
        """A path report by SMS, made `ago_ms` before it arrives; what the centre makes of it."""
        uptime_ms = self.clock.now_ms - ago_ms + (2_000_000 if device >= GATEWAY else 1_000_000)
        values: dict[str, Any] = {
            "counter": self.next_counter(-device), "boot_id": 7, "uptime_ms": uptime_ms,
            "wall_ms": self.clock.wall_ms() - ago_ms, "clock": CLOCK_SET, "cause": CAUSE_PERIODIC, "state": state,
            "undelivered": 0, "signal_dbm": -77,
        }  # fmt: skip
        taken: bool = self.run(self.supervise.path_report(self.found(device), PathReport(**values | changes)))
        return taken

    def own_alarms(self) -> list[tuple[str, int, int]]:
        """(site, kind, times) of the alarms that the centre made."""
        query = (
            "SELECT i.site, a.kind, a.repeats + 1 FROM alarm a JOIN incident i ON i.id = a.incident WHERE a.path = 0"
        )
        return [(site, kind, times) for site, kind, times in self.rows(f"{query} ORDER BY a.id")]

    def history(self, incident: int = 1) -> list[str]:
        """What happened to an incident, as its time line says."""
        rows = self.rows(
            "SELECT what FROM feed WHERE kind = 'incident' AND subject = ? ORDER BY position", str(incident)
        )
        return [what for (what,) in rows]

    def hear_all(self) -> None:
        self.report(*(self.heartbeat(number) for number in BUTTONS))

    def wait(self, ms: int, *, hear: tuple[int, ...] = ()) -> None:
        """Time passes second by second; those of `hear` give a sign of life every five."""
        until_ms = self.clock.now_ms + ms
        while self.clock.now_ms < until_ms:
            self.clock.now_ms = min(self.clock.now_ms + 1_000, until_ms)
            if self.clock.now_ms % 5_000 == 0:
                for gateway in (one for one in hear if one >= GATEWAY):
                    beats = BUTTONS if gateway == GATEWAY else ()
                    self.report(*(self.heartbeat(number) for number in beats if number in hear), gateway=gateway)
            self.run(self.supervise.tick())

    def troubles(self) -> list[tuple[int, str, bool]]:
        """(device, kind, is open) in the order in which they were raised."""
        rows = self.rows("SELECT device, kind, closed_at_ms IS NULL FROM trouble ORDER BY id")
        return [(device, kind, bool(is_open)) for device, kind, is_open in rows]

    def down(self, kind: type[Any], device: int) -> list[Any]:
        return [f.payload for _, _, f in self.outbox.sent if f.device == device and isinstance(f.payload, kind)]


class Desk(City):
    """An operator who answers at once, and a button that is pressed at will."""

    def __init__(self) -> None:
        super().__init__()
        self.pressed = 0
        self.made: list[Made] = []

    def press(self, *, repeats: int = 0, again: int | None = None) -> None:
        if again is None:
            self.pressed += 1
            uptime_ms = 1_000_000 + self.clock.now_ms
            made = Made(
                body(self.pressed, self.pressed.to_bytes(8, "big"), 7, uptime_ms), self.clock.now_ms, -1_000_000
            )
            self.made.append(made)
        else:
            made = self.made[again]
        frame = attempt(self.found(1), made, self.clock.now_ms, repeats=repeats)
        self.run(self.intake.take(*message(self.found(GATEWAY), frame)))

    def second(self, count: int = 1) -> None:
        self.wait(count * 1_000, hear=(GATEWAY, *BUTTONS))

    @property
    def rings(self) -> bool:
        """As the console shows it."""
        unanswered = self.rows("SELECT count(*) FROM alarm WHERE acknowledged_by IS NULL")[0][0]
        return bool(unanswered) and self.rows("SELECT quiet_until_ms FROM incident") == [(None,)]

    def answer(self) -> None:
        self.run(self.operate.acknowledge(1, self.version(1), "sari"))
