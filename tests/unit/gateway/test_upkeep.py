"""When the gateway is ill, and what it does about a store that comes late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kentongan_gateway.adapters.site_broker import SiteBroker
from kentongan_gateway.adapters.store import FILE_NAME, Store
from kentongan_gateway.alarm_road import AlarmRoad
from kentongan_gateway.core.custody import Copy
from kentongan_gateway.core.moment import Moment
from kentongan_gateway.core.report import COUNTERS_AHEAD, Counters
from kentongan_gateway.identity import Identity
from kentongan_gateway.upkeep import SITE_DOWN_MAX_MS, STORE_SILENT_MAX_MS, Upkeep
from kentongan_host.mqtt import Connection, Endpoint
from kentongan_host.notify import Notifier
from kentongan_host.tasks import Background, Wake
from kentongan_wire.mac import MacKey
from kentongan_wire.press import PressIdentity
from tests.support.site import MOSQUITTO, SITE
from tests.support.site_sms import StillClock


class Rig:
    """Upkeep over a real store; site broker and link are not opened."""

    def __init__(self, folder: Path, store: Store, background: Background) -> None:
        self.clock = StillClock()
        self.store = store
        self.folder = folder
        self.site = SiteBroker(
            program=MOSQUITTO, directory=folder / "broker", host="127.0.0.1", port=1, site=SITE, buttons={}
        )
        key = MacKey(bytes(32))
        self.alarms = AlarmRoad(
            identity=Identity(1, 1, SITE, key, key), buttons={}, site=self.site, link=Connection(Endpoint("x")),
            store=store, clock=self.clock, background=background, wake=Wake(),
        )  # fmt: skip
        self.counters = Counters(1, 1)
        self.upkeep = Upkeep(
            alarms=self.alarms, counters=self.counters, site=self.site, store=store, clock=self.clock,
            notifier=Notifier({}), buttons_file=folder / "buttons.json", site_code=SITE, beginning=None,
        )  # fmt: skip


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with Store(tmp_path / FILE_NAME) as store, Background() as background:
        yield Rig(tmp_path, store, background)


async def test_a_site_broker_that_stays_away_is_an_illness(rig: Rig):
    assert rig.upkeep.ill() is None
    rig.clock.ms += SITE_DOWN_MAX_MS
    assert rig.upkeep.ill() is None
    rig.clock.ms += 1
    assert "the site broker has been away for" in str(rig.upkeep.ill())


async def test_a_store_that_hangs_is_an_illness(rig: Rig):
    rig.upkeep._asked_ms = rig.clock.ms
    rig.clock.ms += STORE_SILENT_MAX_MS
    assert rig.upkeep.ill() is None
    rig.clock.ms += 1
    assert "the store has not answered for" in str(rig.upkeep.ill())


async def test_a_store_that_comes_late_hands_over_what_it_holds(rig: Rig):
    identity, moment = PressIdentity(7, 1, bytes(8)), Moment("a", 0, None)
    await rig.store.hold(identity, Copy(b"raw", moment))
    rig.alarms.store_fails = True
    assert rig.upkeep._store_wants_tending()
    await rig.upkeep.tend_once()
    assert identity in rig.alarms.custody
    assert not rig.alarms.store_fails
    assert rig.counters.reserved_below == rig.counters.take() + COUNTERS_AHEAD
    assert not rig.upkeep._store_wants_tending()


async def test_a_store_that_fails_is_told_and_tried_again(rig: Rig):
    rig.folder.joinpath(FILE_NAME).mkdir()
    await rig.upkeep.tend_once()
    assert rig.alarms.store_fails
    rig.folder.joinpath(FILE_NAME).rmdir()
    await rig.upkeep.tend_once()
    assert not rig.alarms.store_fails


async def test_a_store_that_comes_late_takes_back_no_counter(tmp_path: Path, rig: Rig):
    async with Store(tmp_path / FILE_NAME) as store:
        await store.begin(0)
        await store.reserve(900_000_000, None)
    rig.alarms.store_fails = True
    await rig.upkeep.tend_once()
    assert rig.counters.take() == 900_000_000
    assert rig.counters.reserved_below == 900_000_000 + COUNTERS_AHEAD
    assert (await rig.store.begin(0)).counters_from == 900_000_000 + COUNTERS_AHEAD
