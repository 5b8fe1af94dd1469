"""One of the centre's modems: nothing leaves its SIM before it is committed, and nothing of it ends the centre."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from kentongan_host.errors import HostError
from kentongan_server.adapters import modems
from kentongan_server.adapters.modems import CentreModem
from kentongan_server.application.ports import StoreError
from kentongan_server.domain.sms_queue import Outcome
from kentongan_server.settings import CentreModem as Settings
from kentongan_wire import at_engine
from kentongan_wire.second_path import TEXT_SENT, TEXT_WAIT
from tests.support.sms_centre import SmsCentre

LIMIT_S = 60.0  # bounds a hang on a loaded machine


@dataclass
class Heard:
    """A message on the SIM."""

    index: int
    text: str
    sender: str = "+6281234567890"
    sent_at_ms: int | None = 7


class Gsm:
    """A modem that does what a test says; what is not stored can be heard again."""

    def __init__(self) -> None:
        self.ready, self.state, self.fault, self.signal_dbm = True, at_engine.STATE_READY, 0, -70
        self.inbox: asyncio.Queue[Heard] = asyncio.Queue()
        self.deleted: list[int] = []
        self.sent: list[tuple[str, str]] = []
        self.answers: list[str | None] = []
        self.asked = 0
        self.outcome = TEXT_SENT
        self.changed = asyncio.Event()

    async def send(self, number: str, text: str) -> int:
        self.sent.append((number, text))
        return self.outcome

    async def messages(self) -> AsyncIterator[Heard]:
        while True:
            yield await self.inbox.get()

    def stored(self, index: int) -> None:
        self.deleted.append(index)
        self.changed.set()

    async def query(self, code: str) -> str | None:
        assert code == "*888#"
        self.asked += 1
        return self.answers.pop(0) if self.answers else None

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
                await asyncio.sleep(0.005)


class Rig:
    """A centre with one such modem, running."""

    def __init__(self, gsm: Gsm, **settings: Any) -> None:
        self.gsm = gsm
        self.centre = SmsCentre()
        self.taken: list[str] = []
        self.error: Exception | None = None
        self.opened = 0
        chosen = {"name": "one", "port": "/dev/x", "number": "+6281100000001", "operator": "T"} | settings
        self.modem = CentreModem(Settings(**chosen), self.centre.clock, self._take, self._open)

    async def _take(self, modem: str, sender: str, text: str, sent_at_ms: int | None) -> bool:
        assert (modem, sender, sent_at_ms) == ("one", "+6281234567890", 7)
        assert not self.gsm.deleted or text != "first"
        if self.error is not None:
            raise self.error
        self.taken.append(text)
        return True

    @asynccontextmanager
    async def _open(self, _settings: Settings) -> AsyncIterator[Gsm]:
        self.opened += 1
        if self.opened == 1 and isinstance(self.error, HostError) and not isinstance(self.error, StoreError):
            raise self.error
        yield self.gsm

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.modem.run(self.centre.out, self.centre.supervise.faults))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def troubles(self) -> list[tuple[Any, ...]]:
        return self.centre.rows("SELECT kind, subject, closed_at_ms IS NULL FROM trouble ORDER BY id")


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modems, "AGAIN_S", 0.01)
    monkeypatch.setattr(modems, "CREDIT_LOOK_S", 0.01)


async def test_a_message_is_deleted_after_it_was_taken() -> None:
    rig = Rig(Gsm())
    async with rig.running():
        rig.gsm.inbox.put_nowait(Heard(3, "first"))
        await rig.gsm.until(lambda: bool(rig.gsm.deleted))
        assert (rig.taken, rig.gsm.deleted) == (["first"], [3])
        assert rig.modem.shape(rig.centre.out)["received_last_minute"] == 1


@pytest.mark.parametrize("error", [StoreError("disk full."), ZeroDivisionError("a bug")])
async def test_what_was_not_committed_stays_on_the_sim_and_is_taken_when_it_comes_again(error: Exception) -> None:
    rig = Rig(Gsm())
    rig.error = error
    async with rig.running():
        rig.gsm.inbox.put_nowait(Heard(3, "press"))
        await rig.gsm.until(lambda: rig.gsm.inbox.empty() and not rig.modem._in_work)
        assert rig.gsm.deleted == []
        rig.error = None
        rig.gsm.inbox.put_nowait(Heard(3, "press"))
        await rig.gsm.until(lambda: rig.gsm.deleted == [3])
        assert rig.taken == ["press"]


async def test_a_port_that_cannot_be_used_is_tried_again_and_ends_nothing_else() -> None:
    rig = Rig(Gsm())
    rig.error = HostError("no such PIN file.", "Make it.")
    async with rig.running():
        await rig.gsm.until(lambda: rig.opened == 2)
        rig.error = None
        rig.gsm.inbox.put_nowait(Heard(1, "press"))
        await rig.gsm.until(lambda: rig.gsm.deleted == [1])
    assert not rig.modem.works
    assert rig.modem.state_word == "off"


async def test_its_state_in_the_consoles_words() -> None:
    rig = Rig(Gsm())
    assert rig.modem.state_word == "off"
    assert await rig.modem.send("+6281200000000", "x") is Outcome.REROUTE
    async with rig.running():
        await rig.gsm.until(lambda: rig.modem.works)
        assert rig.modem.state_word == "ready"
        rig.gsm.outcome = TEXT_WAIT
        assert await rig.modem.send("+6281200000000", "x") is Outcome.WAIT
        rig.gsm.ready, rig.gsm.fault = False, at_engine.FAULT_PIN
        assert (rig.modem.state_word, rig.modem.is_hopeless, rig.modem.works) == ("pin", True, False)
        rig.gsm.fault, rig.gsm.state = 0, at_engine.STATE_SEARCHING
        assert rig.modem.state_word == "searching"


async def test_low_credit_and_an_ending_sim_are_troubles_of_this_modem() -> None:
    rig = Rig(Gsm(), balance_ussd="*888#", balance_least=20_000)
    rig.gsm.answers = ["Pulsa Rp 19.999 aktif s.d. 25/09/2026", "Pulsa Rp 50.000 aktif s.d. 25/09/2027"]
    async with rig.running():  # the test's day is 2026-09-21
        await rig.gsm.until(lambda: len(rig.troubles()) == 2)
        assert rig.troubles() == [("credit-low", "one", 1), ("credit-expires", "one", 1)]
        shown = rig.modem.shape(rig.centre.out)
        assert (shown["balance"], shown["valid_until"]) == (19_999, "2026-09-25")
        assert rig.gsm.asked == 1, "it is not asked again and again"
        for _ in range(20):
            await rig.modem.send("+6281200000000", "x")
        await rig.gsm.until(lambda: not any(is_open for _, _, is_open in rig.troubles()))
        assert rig.gsm.asked == 2
