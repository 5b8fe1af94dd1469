"""The centre watches its own parts: troubles by name, and texts when its console reaches nobody."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from kentongan_server.adapters.transaction import SqlTransaction
from kentongan_server.application.health import STILL_S, HealthCheck
from kentongan_server.application.ports import StoreError
from kentongan_server.application.self_watch import (
    EVERY_MS,
    LAG_MS,
    MODEM_DOWN_AFTER_MS,
    STORE_SLOW_MS,
    SelfWatch,
    Surroundings,
)
from kentongan_server.domain.duty import (
    AFTER_MS,
    PAUSE_MS,
    RECOVERED_AFTER_MS,
    UNHEARD_AFTER_MS,
    DutyTexts,
    Reason,
)
from kentongan_server.domain.plain_text import SMS_CHARACTERS
from kentongan_server.domain.sms_queue import Priority
from tests.support.presses import Made, attempt, body, message
from tests.support.sms_centre import SmsCentre
from tests.unit.server.test_health import Road

BUTTON, GATEWAY = 1, 90
PHONE = "+6281200000009"


@dataclass
class Modem:
    """A modem that a test breaks."""

    name: str = "one"
    works: bool = True
    state_word: str = "ready"
    is_hopeless: bool = False


class Watched(SmsCentre):
    """A centre that watches itself, second by second."""

    def __init__(self) -> None:
        super().__init__()
        self.button(BUTTON)
        self.gateway(GATEWAY)
        self.road, self.modem = Road(), Modem()
        self.consoles, self.free, self.http, self.moves = 1, 10_000, True, True
        self.health = HealthCheck(self.store, self.clock, self.road)
        self.watch = SelfWatch(
            self.store, self.clock, self.supervise.faults, self.health, self.out,
            Surroundings([self.modem], lambda: self.consoles, lambda: self.free, 1_000, self._http, (PHONE,),
                         lambda: self.moves),
        )  # fmt: skip

    async def _http(self) -> bool:
        return self.http

    def wait(self, ms: int) -> None:
        """Time passes, looked at every second."""

        async def pass_by() -> None:
            until_ms = self.clock.now_ms + ms
            while self.clock.now_ms < until_ms:
                self.clock.now_ms += 1_000
                await self.watch.tick()

        self.run(pass_by())

    def troubles(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT kind, subject, closed_at_ms IS NULL FROM trouble ORDER BY id")

    def told(self) -> list[str]:
        """Texts to whoever is on duty, taken from the queue."""
        found: list[str] = []
        while (job := self.out.queue.next(f"m{len(found)}", "x", {"x"}, self.clock.monotonic_ms())) is not None:
            assert (job.number, job.priority) == (PHONE, Priority.DUTY)
            found.append(job.text)
        return found

    def press(self) -> None:
        made = Made(body(1, bytes(8), 7, 1_000), self.clock.now_ms, self.clock.now_ms - 1_000)
        self.run(self.intake.take(*message(self.found(GATEWAY), attempt(self.found(BUTTON), made, self.clock.now_ms))))


@pytest.fixture
def centre() -> Watched:
    return Watched()


def test_while_all_is_well_nothing_is_told(centre: Watched) -> None:
    centre.press()
    centre.wait(10 * 60_000)
    assert centre.troubles() == []
    assert centre.told() == []
    assert centre.watch.last.ok


def test_a_modem_that_is_down_is_a_trouble_by_its_name_within_ninety_seconds(centre: Watched) -> None:
    centre.wait(10_000)
    centre.modem.works, centre.modem.state_word = False, "not-registered"
    centre.wait(MODEM_DOWN_AFTER_MS - EVERY_MS)
    assert centre.troubles() == []
    centre.wait(90_000 - MODEM_DOWN_AFTER_MS)
    assert centre.troubles() == [("centre-modem-down", "one", 1)]
    centre.modem.works = True
    centre.wait(EVERY_MS)
    assert centre.troubles() == [("centre-modem-down", "one", 0)]


def test_a_sim_that_no_waiting_mends_is_told_at_once(centre: Watched) -> None:
    centre.modem.works, centre.modem.is_hopeless = False, True
    centre.wait(EVERY_MS)
    assert centre.troubles() == [("centre-modem-down", "one", 1)]


def test_a_disk_that_is_nearly_full_does_not_swing(centre: Watched) -> None:
    centre.free = 999
    centre.wait(EVERY_MS)
    centre.free = 1_050
    centre.wait(EVERY_MS)
    assert centre.troubles() == [("disk-low", "", 1)]
    centre.free = 1_100
    centre.wait(EVERY_MS)
    assert centre.troubles() == [("disk-low", "", 0)]


def test_a_slow_store_ends_after_a_minute_of_speed(centre: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    centre.wait(EVERY_MS)
    check = centre.health.check

    async def slowly() -> Any:
        found = await check()
        centre.health.store_ms = STORE_SLOW_MS
        return found

    monkeypatch.setattr(centre.health, "check", slowly)
    centre.wait(EVERY_MS)
    assert centre.troubles() == [("store-slow", "", 1)]
    monkeypatch.setattr(centre.health, "check", check)
    centre.wait(50_000)
    assert centre.troubles() == [("store-slow", "", 1)]
    centre.wait(15_000)
    assert centre.troubles() == [("store-slow", "", 0)]


def test_a_stuck_worker_and_a_loop_that_stood_still(centre: Watched) -> None:
    centre.wait(10_000)
    centre.road.still_s = {"alarm": STILL_S}
    centre.wait(EVERY_MS)
    assert centre.troubles() == [("worker-stuck", "lanes", 1)]
    assert len(centre.told()) == 1
    centre.road.still_s = {}
    centre.clock.now_ms += LAG_MS
    centre.run(centre.watch.tick())
    assert ("worker-stuck", "loop", 1) in centre.troubles()
    centre.wait(2 * EVERY_MS)
    assert [is_open for _, _, is_open in centre.troubles()] == [0, 0]


def test_a_history_that_does_not_move_is_a_trouble(centre: Watched) -> None:
    centre.moves = False
    centre.wait(EVERY_MS)
    assert centre.troubles() == [("worker-stuck", "history", 1)]
    centre.moves = True
    centre.wait(EVERY_MS)
    assert centre.troubles() == [("worker-stuck", "history", 0)]


def test_an_alarm_that_rings_where_no_console_is_open_is_texted(centre: Watched) -> None:
    centre.consoles = 0
    centre.wait(10_000)
    centre.press()
    centre.wait(UNHEARD_AFTER_MS)
    assert centre.told() == []
    centre.wait(EVERY_MS)
    assert [text for text in centre.told() if "tidak ada konsol" in text]
    centre.wait(PAUSE_MS - 2 * EVERY_MS)
    assert centre.told() == []
    centre.wait(2 * EVERY_MS)
    assert len(centre.told()) == 1, "it is told again while it lasts"
    centre.run(centre.operate.acknowledge(1, centre.version(1), "sari"))
    centre.wait(RECOVERED_AFTER_MS + 2 * EVERY_MS)
    assert [text for text in centre.told() if "Pulih" in text]


def test_what_is_for_review_wakes_nobody(centre: Watched) -> None:
    centre.consoles = 0
    centre.press()
    centre.rows("UPDATE incident SET recovered = 1")
    centre.wait(10 * 60_000)
    assert centre.told() == []


@pytest.mark.parametrize("reason", [Reason.STORE, Reason.BROKER, Reason.HTTP, Reason.HISTORY])
def test_a_part_without_which_no_console_can_tell_is_texted_with_its_end(centre: Watched, reason: Reason) -> None:
    centre.wait(10_000)
    if reason is Reason.STORE:
        centre.store.error = StoreError("disk full.")
    elif reason is Reason.BROKER:
        centre.road.gets_through = False
    elif reason is Reason.HISTORY:
        centre.moves = False
    else:
        centre.http = False
    centre.wait(AFTER_MS[reason] - EVERY_MS)
    assert centre.told() == []
    centre.wait(3 * EVERY_MS)
    assert len(centre.told()) == 1
    centre.store.error, centre.road.gets_through, centre.http, centre.moves = None, True, True, True
    centre.wait(RECOVERED_AFTER_MS + 2 * EVERY_MS)
    assert [text for text in centre.told() if "Pulih" in text]


def test_what_comes_and_goes_costs_a_bounded_number_of_texts() -> None:
    duty, texts = DutyTexts(), 0
    for second in range(0, 3_600, 5):
        flaps = (second // 65) % 2 == 0  # well just long enough to be told as recovered
        texts += len(duty.look({Reason.STUCK} if flaps else set(), second * 1_000))
    assert 2 <= texts <= 12


def test_every_text_is_one_message_that_every_telephone_shows() -> None:
    duty = DutyTexts()
    duty.look(set(Reason), 0)
    texts = duty.look(set(Reason), max(AFTER_MS.values()))
    duty.look(set(), 10**6)
    texts += duty.look(set(), 10**6 + RECOVERED_AFTER_MS)
    assert len(texts) >= len(Reason)
    assert all(text.isascii() and len(text) <= SMS_CHARACTERS for text in texts)


def test_a_store_that_fails_does_not_end_the_watch(centre: Watched) -> None:
    centre.store.error = StoreError("disk full.")
    centre.consoles, centre.free, centre.modem.works = 0, 0, False
    centre.wait(120_000)
    asyncio.run(asyncio.sleep(0))
    assert not centre.watch.last.store


class Hanging:
    """A store whose disk neither answers nor fails."""

    def __init__(self) -> None:
        self.asked = 0

    async def submit(self, _work: Any, *, urgent: bool = True) -> Any:
        self.asked += urgent
        await asyncio.Event().wait()


def test_a_disk_that_hangs_is_texted_too(centre: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has to be written down waits; whoever is on duty does not."""
    for name in ("health", "self_watch"):
        monkeypatch.setattr(f"kentongan_server.application.{name}.COMMIT_S", 0.01)
    centre.wait(10_000)
    centre.consoles, centre.modem.works, centre.modem.is_hopeless = 0, False, True
    hanging = Hanging()
    for part in (centre.health, centre.watch, centre.supervise.faults):
        monkeypatch.setattr(part, "_store", hanging)

    async def wait() -> None:
        until_ms = centre.clock.now_ms + AFTER_MS[Reason.STORE] + 3 * EVERY_MS
        while centre.clock.now_ms < until_ms:
            centre.clock.now_ms += EVERY_MS
            async with asyncio.timeout(90):
                await centre.watch.tick()

    centre.run(wait())
    assert hanging.asked
    assert [text for text in centre.told() if "tidak dapat menyimpan" in text]


def test_a_clock_that_was_set_back_hides_no_alarm_from_whoever_is_on_duty(
    centre: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.press()
    centre.consoles, wall_ms = 0, centre.clock.wall_ms
    monkeypatch.setattr(centre.clock, "wall_ms", lambda: wall_ms() - 86_400_000)
    centre.wait(UNHEARD_AFTER_MS + 3 * EVERY_MS)
    assert [text for text in centre.told() if "tidak ada konsol" in text]


def test_what_rings_is_found_without_walking_through_all_alarms_ever(centre: Watched) -> None:
    centre.press()
    plan = centre.rows(f"EXPLAIN QUERY PLAN {SqlTransaction.SQL['ringing_since']}")
    read = [row[3] for row in plan if " incident" in row[3] or " i " in row[3] or " a " in row[3]]
    assert len(read) == 3, read
    assert ["INDEX ix_incident_open" in one for one in read] == [True, False, True], "only what is open"
    assert "ix_alarm_incident" in read[1]


def test_a_reminder_that_nobody_answers_is_texted_too(centre: Watched) -> None:
    centre.press()
    centre.run(centre.operate.acknowledge(1, centre.version(1), "sari"))
    centre.run(centre.operate.park(1, centre.version(1), "sari", centre.clock.wall_ms() + 60_000, ""))
    centre.consoles = 0
    centre.wait(50_000)
    assert centre.told() == []
    centre.wait(10_000)
    centre.run(centre.operate.tick())
    centre.wait(UNHEARD_AFTER_MS + 3 * EVERY_MS)
    assert [text for text in centre.told() if "tidak ada konsol" in text]


def test_what_rings_unheard_is_not_called_seen_because_the_disk_is_full(centre: Watched) -> None:
    centre.press()
    centre.consoles = 0
    centre.wait(2 * EVERY_MS)
    centre.store.error = StoreError("full.")
    centre.wait(UNHEARD_AFTER_MS + 3 * EVERY_MS + 2 * RECOVERED_AFTER_MS)
    told = centre.told()
    assert [text for text in told if "tidak ada konsol" in text]
    assert [text for text in told if "Pulih" in text] == []
    centre.store.error = None
    centre.run(centre.operate.acknowledge(1, centre.version(1), "sari"))
    centre.wait(RECOVERED_AFTER_MS + 3 * EVERY_MS)
    assert [text for text in centre.told() if "alarm sudah dilihat" in text]
