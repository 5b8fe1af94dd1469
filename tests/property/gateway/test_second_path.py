"""Custody and the second path together: whatever the networks do, every held press is texted or received.

The real road over a real store; the main path, the SMS network, the centre and the power are played.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kentongan_gateway.adapters.store import FILE_NAME, Store
from kentongan_gateway.core.main_path import FIRST_MS, FIRST_SPREAD_MS, LOST_MS
from kentongan_host.tasks import Background
from kentongan_wire.custody import Envelope
from kentongan_wire.press import PressIdentity
from kentongan_wire.second_path import (
    PATIENCE_MS,
    ROUND_MAX_MS,
    TEXT_REROUTE,
    TEXT_RETRY,
    TEXT_SENT,
    TEXT_UNKNOWN,
    TEXT_WAIT,
)
from tests.support.site import TestButton
from tests.support.site_sms import CENTRE, SmsRig

OUTCOMES = (TEXT_SENT, TEXT_RETRY, TEXT_REROUTE, TEXT_WAIT, TEXT_UNKNOWN)
STEPS = ("press", "press", "wait", "answer", "receipt by MQTT", "modem away", "modem back", "trouble", "kill")


class World:
    """What is outside of the gateway, and what it has seen."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self.chance = chance
        self.buttons = [TestButton(0xA1B2), TestButton(0xA1B3)]
        self.centre: set[PressIdentity] = set()
        self.texted: set[PressIdentity] = set()
        self.held: set[PressIdentity] = set()
        self.answers: list[str] = []
        self.read = 0  # of the modem's texts, how many the network has carried

    def network(self, rig: SmsRig, *, works: bool) -> None:
        """Carries what was sent: loses some unless it works; the centre commits and answers."""
        for number, text in rig.modem.sent[self.read :]:
            if number not in CENTRE or not isinstance(rig.read(text), Envelope):
                continue
            press = rig.press_in(text)
            self.texted.add(press)
            if works or self.chance.random() < 0.5:
                self.centre.add(press)
                self.answers.append(rig.receipt(press))
        self.read = len(rig.modem.sent)

    async def answer(self, rig: SmsRig, *, works: bool) -> None:
        """The centre's receipts come, twice or never, in any order."""
        self.chance.shuffle(self.answers)
        for text in [*self.answers, *self.answers[:1]]:
            if works or self.chance.random() < 0.5:
                assert await rig.road.take(text)
        self.answers.clear()


async def live(world: World, steps: list[str], store: Store, background: Background) -> None:
    """One run of the gateway, until it is killed or the steps are over."""
    rig = SmsRig(world.folder, store, background, world.buttons)
    world.read = 0
    rig.alarms.custody.load((await store.begin(0)).held)
    assert {identity for identity, _ in rig.alarms.custody.held_since(rig.clock.now())} == world.held
    while steps:
        step = steps.pop()
        if step == "press":
            world.held.add(await rig.hold(world.chance.choice(world.buttons)))
        elif step == "answer":
            rig.main_path.answered(rig.clock.ms)
        elif step == "receipt by MQTT" and world.held:
            world.centre.add(press := world.chance.choice(sorted(world.held, key=repr)))
            assert await rig.road.take(rig.receipt(press))  # the same end, by whatever path
        elif step in {"modem away", "modem back"}:
            rig.modem.ready = step == "modem back"
        elif step == "trouble":
            rig.modem.outcomes = [world.chance.choice(OUTCOMES) for _ in range(world.chance.randrange(1, 6))]
        elif step == "kill":
            return
        await rig.texts_until(rig.clock.ms + world.chance.choice((1, PATIENCE_MS, LOST_MS, 90_000)))
        world.network(rig, works=False)
        await world.answer(rig, works=False)
        world.held = {identity for identity, _ in rig.alarms.custody.held_since(rig.clock.now())}
    await prove(world, rig)


async def prove(world: World, rig: SmsRig) -> None:
    """The SMS network works from now on, the main path never again."""
    rig.modem.ready, rig.modem.outcomes = True, []
    for _ in range(4):
        await rig.texts_until(rig.clock.ms + ROUND_MAX_MS + FIRST_MS + FIRST_SPREAD_MS)
        world.network(rig, works=True)
        assert {identity for identity, _ in rig.alarms.custody.held_since(rig.clock.now())} <= world.texted
        await world.answer(rig, works=True)
    assert len(rig.alarms.custody) == 0


@settings(max_examples=40)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=30), seed=st.integers(0, 2**32))
def test_every_held_press_is_texted_or_received(steps: list[str], seed: int):
    async def run() -> None:
        with tempfile.TemporaryDirectory(prefix="kt") as name:
            world = World(Path(name), random.Random(seed))
            made = steps.count("press")
            left = [*steps]
            while True:
                ends = "kill" not in left
                async with Store(Path(name) / FILE_NAME) as store, Background() as background:
                    await live(world, left, store, background)
                if ends:
                    break
            assert len(world.centre) == made

    asyncio.run(run())
