"""kill -9 of the centre at every moment that matters: nothing lost, nothing doubled, no receipt before its time."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from kentongan_host.failpoints import (
    CENTRE_AFTER_ACKNOWLEDGE_BEFORE_RECEIPT,
    CENTRE_AFTER_COMMIT_BEFORE_RECEIPT,
    CENTRE_BEFORE_COMMIT,
)
from kentongan_host.mqtt import MqttError
from kentongan_server.cli import audit
from kentongan_wire.press import PressBody
from kentongan_wire.receipts import Receipt
from tests.support.centre_http import http_client, until_health
from tests.support.centre_process import CentreProcess
from tests.support.centre_rig import PASSWORD, CentreRig, SmallButton, SmallGateway, SmallSite

REPEAT_S = 0.5  # how often the test's custody sends again what is not answered
PATIENCE_S = 180.0  # bounds two starts of the centre and what comes between them, on a busy machine


def rows(rig: CentreRig, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(rig.database)) as connection:
        return connection.execute(query).fetchall()


@contextlib.asynccontextmanager
async def logged_in(rig: CentreRig) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(rig.url) as client:
        answer = await client.post("/api/login", json={"name": "sari", "password": PASSWORD})
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        yield client


async def deliver(gateway: SmallGateway, button: SmallButton, body: PressBody) -> Receipt:
    """Sends a press again and again, as custody does, until its button has a receipt."""
    wanted = button.identity(body)
    async with asyncio.timeout(PATIENCE_S):
        for number in range(1, 10_000):
            with contextlib.suppress(MqttError):
                await gateway.carry(button.attempt(body, number))
            found = gateway.find(Receipt, button.device, lambda one: one.press == wanted)
            if found:
                return found[0]
            await asyncio.sleep(REPEAT_S)
    raise AssertionError("never answered")


@pytest.mark.parametrize("fail_point", [CENTRE_BEFORE_COMMIT, CENTRE_AFTER_COMMIT_BEFORE_RECEIPT])
async def test_killed_around_the_commit_a_press_is_one_alarm_and_gets_its_receipt(
    rig: CentreRig, bank: SmallSite, process: CentreProcess, fail_point: str
) -> None:
    button, gateway = bank.buttons[0], bank.gateway
    await process.start(fail_point)
    body = button.body()
    async with gateway:
        with contextlib.suppress(MqttError):
            await gateway.carry(button.attempt(body))
        assert await process.died() == -9
        committed = fail_point == CENTRE_AFTER_COMMIT_BEFORE_RECEIPT
        assert rows(rig, "SELECT count(*) FROM alarm") == [(int(committed),)]
        assert gateway.find(Receipt, button.device) == [], "a receipt left before the commit"
        await process.start()
        receipt = await deliver(gateway, button, body)
    assert (receipt.level, receipt.revision) == (1, 1)
    assert rows(rig, "SELECT count(*), sum(level) FROM alarm") == [(1, 1)]
    assert rows(rig, "SELECT count(*) FROM incident") == [(1,)]


async def test_killed_after_an_acknowledgement_the_lamp_learns_of_it(
    rig: CentreRig, bank: SmallSite, process: CentreProcess
) -> None:
    button, gateway = bank.buttons[0], bank.gateway
    await process.start(CENTRE_AFTER_ACKNOWLEDGE_BEFORE_RECEIPT)
    body = button.body()
    async with gateway:
        await deliver(gateway, button, body)
        async with logged_in(rig) as operator:
            seen = (await operator.get("/api/incidents/1")).json()["version"]
            with contextlib.suppress(httpx.HTTPError):
                await operator.post("/api/incidents/1/acknowledge", json={"version": seen})
        assert await process.died() == -9
        assert rows(rig, "SELECT level, revision FROM alarm") == [(2, 2)]
        assert gateway.find(Receipt, button.device, lambda one: one.level == 2) == []
        await process.start()
        await gateway.connected()
        await gateway.report(button.heartbeat(shown=(body.sequence, body.nonce, 1, 1)))
        receipt = await gateway.receipt(button, body, level=2)
    assert receipt.revision == 2


async def test_killed_at_random_under_load_nothing_is_lost_or_doubled(
    rig: CentreRig, bank: SmallSite, process: CentreProcess
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    fate = random.Random(seed)
    gateway = bank.gateway
    bodies = [(button, button.body()) for button in bank.buttons for _ in range(30)]
    await process.start(f"{CENTRE_AFTER_COMMIT_BEFORE_RECEIPT}:{fate.randrange(2, 30)}")
    async with gateway:
        delivering = [asyncio.create_task(deliver(gateway, *one)) for one in bodies]
        assert await process.died() == -9
        await process.start(f"{CENTRE_BEFORE_COMMIT}:{fate.randrange(2, 30)}")
        assert await process.died() == -9
        await process.start()
        await asyncio.gather(*delivering)
    stored = rows(rig, "SELECT device, sequence, nonce FROM alarm ORDER BY device, sequence")
    assert stored == sorted((button.device, body.sequence, body.nonce) for button, body in bodies)
    assert rows(rig, "SELECT count(*) FROM incident") == [(1,)]  # two buttons of one site
    assert rows(rig, "SELECT count(*) FROM trouble WHERE kind = 'rewound-or-cloned'") == [(0,)]
    await process.stop()
    assert audit(["verify", "--state", str(rig.state.directory)]) == 0


async def test_the_first_start_keeps_the_first_password_out_of_the_log(rig: CentreRig, process: CentreProcess) -> None:
    """What a service manager keeps of a process's words must not let anybody in."""
    state = rig.state.directory
    settings = (state / "centre.toml").read_text()
    shutil.rmtree(state)
    state.mkdir(mode=0o700)
    (state / "centre.toml").write_text(settings)
    await process.start(first_line=b"first-password")
    kept = state / "first-password"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    password = kept.read_text().strip()
    async with http_client(rig.url) as client:
        answer = await client.post("/api/login", json={"name": "admin", "password": password})
    assert (answer.status_code, answer.json()["role"]) == (200, "admin")
    assert password not in process.said()
    kept.unlink()
    await process.stop()
    await process.start()
    assert not kept.exists()


async def test_stopped_politely_it_leaves_no_process_and_can_be_started_again(
    rig: CentreRig, bank: SmallSite, process: CentreProcess
) -> None:
    await process.start()
    async with logged_in(rig) as operator, operator.stream("GET", "/api/stream") as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        assert await process.stop() == 0
    await process.start()
    async with http_client(rig.url) as client:
        await until_health(client, ok=True, broker=True, store=True, moving=True)
