"""Parts of the centre that stop working: a full disk, a dead broker, taken addresses, bad settings."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
from pathlib import Path

import pytest

from kentongan_server.cli import serve
from kentongan_server.service import CentreService
from kentongan_wire.receipts import Receipt
from kentongan_wire.supervision import HeartbeatAnswer
from kentongan_wire.topics import ALARM
from tests.support.centre_http import http_client, http_of, until_health
from tests.support.centre_process import CentreProcess
from tests.support.centre_rig import HOST, CentreRig, SmallSite, until

UNLIMITED = resource.RLIM_INFINITY
UNANSWERED = "not stored, not answered"  # what the centre's log says of a press that it could not keep


async def test_on_a_full_disk_nothing_is_answered_and_afterwards_everything_is(
    rig: CentreRig, bank: SmallSite, process: CentreProcess
) -> None:
    """The centre may not claim what it cannot keep: no receipt, and no heartbeat answer that proves a path."""
    button, gateway = bank.buttons[0], bank.gateway
    await process.start()
    body = button.body()
    async with gateway, http_client(rig.url) as client:
        await gateway.report(button.heartbeat())
        await gateway.wait_for(HeartbeatAnswer, button.device)
        process.limit_files(4_096)  # what a full disk is to SQLite: no file can grow
        await gateway.carry(button.attempt(body))
        await until_health(client, ok=False, broker=True, store=False, moving=True)
        await process.logs(UNANSWERED, times=1, lane=ALARM)
        gateway.down.clear()
        await gateway.report(button.heartbeat())
        await gateway.carry(button.attempt(body, 2))
        await process.logs(UNANSWERED, times=2, lane=ALARM)
        assert not (await client.get("/healthz")).is_success
        assert gateway.down == []

        process.limit_files(UNLIMITED)
        await until_health(client, ok=True, broker=True, store=True, moving=True)
        await gateway.carry(button.attempt(body, 3))
        assert (await gateway.receipt(button, body)).level == 1
        assert len(gateway.find(Receipt, button.device)) == 1
        await gateway.report(button.heartbeat())
        await gateway.wait_for(HeartbeatAnswer, button.device, lambda one: one.counter == button.counter)


async def test_a_killed_broker_is_a_trouble_until_it_is_back(rig: CentreRig, bank: SmallSite) -> None:
    button, gateway = bank.buttons[0], bank.gateway
    async with rig.running() as centre, http_of(centre) as address, gateway:
        looking = asyncio.create_task(centre.look_after())
        async with http_client(address) as client:
            await until_health(client, ok=True, broker=True, store=True, moving=True)
            os.kill(broker_of(centre), signal.SIGSTOP)
            os.kill(broker_of(centre), signal.SIGKILL)

            async def restored() -> bool:
                listed = (await centre.views.troubles())["troubles"]
                return [(one["kind"], one["closed_at_ms"] is not None) for one in listed] == [
                    ("centre-broker-down", True)
                ]

            await until(centre, restored)
            await gateway.connected()
            body = button.body()
            await gateway.carry(button.attempt(body))
            await gateway.receipt(button, body)
            await until_health(client, ok=True, broker=True, store=True, moving=True)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


def broker_of(centre: CentreService) -> int:
    """The process id of the centre's own mosquitto."""
    assert centre.broker is not None
    assert centre.broker.pid is not None
    return centre.broker.pid


@pytest.mark.parametrize("which", ["http", "broker"])
def test_a_taken_address_is_told_with_the_setting_that_names_it(
    rig: CentreRig, capsys: pytest.CaptureFixture[str], which: str
) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, rig.http_port if which == "http" else rig.broker_port))
        taken.listen()
        assert serve(["--state", str(rig.state.directory)]) == 1
    told = capsys.readouterr().err
    assert f"[{which}] host and port in centre.toml" in told


def test_a_state_folder_in_use_is_told(rig: CentreRig, bank: SmallSite, capsys: pytest.CaptureFixture[str]) -> None:
    from kentongan_host.files import DirectoryLock

    with DirectoryLock(rig.state.directory):
        assert serve(["--state", str(rig.state.directory)]) == 1
    assert "in use by another process" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("[http]\nprot = 8080\n", "did you mean 'port'"),
        ("[http]\nport = 0\n", "found 0"),
        ("[broker]\nurl = 'amqp://x'\n", "mqtt://HOST"),
        ("[sael]\nkey_file = 'x'\n", "did you mean 'seal'"),
        ("[http\n", "no TOML"),
    ],
)
def test_a_typo_in_the_settings_is_told(
    rig: CentreRig, capsys: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    (rig.state.directory / "centre.toml").write_text(line)
    assert serve(["--state", str(rig.state.directory)]) == 1
    message = capsys.readouterr().err
    assert "centre.toml" in message
    assert told in message


def test_without_mosquitto_what_to_install_is_told(rig: CentreRig, capsys: pytest.CaptureFixture[str]) -> None:
    settings = rig.state.directory / "centre.toml"
    broken = [line for line in settings.read_text().splitlines() if not line.startswith("mosquitto")]
    settings.write_text("\n".join([*broken, 'mosquitto = "no-such-program"', ""]))
    assert serve(["--state", str(rig.state.directory)]) == 1
    assert "no-such-program" in capsys.readouterr().err


def test_a_missing_sealing_key_stops_the_start(rig: CentreRig, capsys: pytest.CaptureFixture[str]) -> None:
    Path(rig.state.settings.seal.key_file).unlink()
    assert serve(["--state", str(rig.state.directory)]) == 1
    assert "cannot read the secret file" in capsys.readouterr().err
