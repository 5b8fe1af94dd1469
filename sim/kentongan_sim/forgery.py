"""Puts forged frames and copies of real ones into both brokers while a run goes on."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from pathlib import Path

from kentongan_sim.city import City
from kentongan_sim.enrolment import GatewayKit
from kentongan_sim.errors import SimError
from kentongan_sim.evidence import Evidence
from kentongan_sim.forger import Forger, StolenGateway
from kentongan_sim.ports import HOST
from kentongan_sim.publishers import CentrePublisher, SitePublisher

LEAD_MS = 400.0  # mean time between two injections: about as often as somebody presses
CUSTODY = "custody.db"  # the gateway's database in its state folder
RECEIVED = "received"  # state of a press whose custody has ended with the centre's receipt
REPLAY_LOOK_S = 0.1  # how often it is looked for a frame to copy
REPLAY_WAIT_S = 30.0  # bounds the wait for the first real frame


class Forgery:
    """The injections of one run, drawn from its seed."""

    def __init__(self, city: City, evidence: Evidence, seed: int, forged: int, replayed: int) -> None:
        self._city = city
        self._evidence = evidence
        self._fate = random.Random(f"{seed}/forger")
        self._replayed = replayed
        spare = city.enrolled.spare_gateway
        self._gateway = StolenGateway(spare.device, spare.key_id, spare.site, spare.root)
        forger = Forger(self._fate, [button.device for button in city.buttons], self._gateway)
        self._for_site = forger.for_site(forged // 2)
        self._for_centre = forger.for_centre(forged - forged // 2)

    async def run(self, pressing: asyncio.Task[None]) -> None:
        """Inject everything, mixed into the presses as far as these go on."""
        enrolled = self._city.enrolled
        spare, kit = enrolled.spare_button, enrolled.spare_gateway
        site = SitePublisher(
            HOST,
            self._city.listener_port(spare.site),
            spare.site,
            spare.device,
            kit.psk(spare.device),
            self._city.state / "forger",
        )
        steps = ["site"] * len(self._for_site) + ["centre"] * len(self._for_centre) + ["replay"] * self._replayed
        self._fate.shuffle(steps)
        async with CentrePublisher(HOST, self._city.broker_port, kit.device, kit.folder) as centre:
            for step in steps:
                if not pressing.done():
                    await asyncio.wait({pressing}, timeout=self._fate.expovariate(1 / LEAD_MS) / 1000)
                if step == "replay":
                    await self._replay(site, centre)
                    continue
                if step == "site":
                    await site.publish(self._for_site.pop())
                else:
                    await centre.publish(self._for_centre.pop())
                self._evidence.forged_injected += 1

    async def _replay(self, site: SitePublisher, centre: CentrePublisher) -> None:
        """Send a frame again that has its receipt: on a wrong topic at the site, or in a stolen gateway's envelope."""
        frame = await self._real_frame()
        if self._fate.random() < 0.5:
            await site.publish(frame)
        else:
            await centre.publish(self._gateway.envelope(frame))
        self._evidence.replayed_injected += 1

    async def _real_frame(self) -> bytes:
        try:
            async with asyncio.timeout(REPLAY_WAIT_S):
                while not (frames := self._carried()):  # noqa: ASYNC110 - another process's database raises no event
                    await asyncio.sleep(REPLAY_LOOK_S)
        except TimeoutError:
            raise SimError(f"no press reached the centre within {REPLAY_WAIT_S:g} s: nothing to replay") from None
        return self._fate.choice(sorted(frames))

    def _carried(self) -> list[bytes]:
        return [frame for site in self._city.enrolled.sites for frame in _received(site.gateway)]


def _received(kit: GatewayKit) -> list[bytes]:
    """The frames that this gateway has carried to the end."""
    path: Path = kit.folder / "state" / CUSTODY
    if not path.exists():
        return []
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [bytes(row[0]) for row in connection.execute("SELECT frame FROM press WHERE state = ?", (RECEIVED,))]
    finally:
        connection.close()
