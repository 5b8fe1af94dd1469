"""`kentongan gateway` as a technician meets it: what it says when something is not as it must be."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

from tests.support.site import PATIENCE_S, ROOT, TestGateway
from tests.support.site_client import running


async def command(*arguments: str, **environment: str) -> tuple[int, str]:
    """Runs it to its end; exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kentongan_tools", "gateway", *arguments,
        cwd=ROOT, env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode is not None
    return process.returncode, out.decode()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


async def test_check_says_that_the_settings_are_in_order(gateway: TestGateway):
    assert await command("--config", str(gateway.config), "--check") == (0, f"{gateway.config}: in order\n")


async def test_a_typo_is_told_by_file_key_and_nearest_key(gateway: TestGateway):
    edit(gateway.config, "buttons_file =", "button_file =")
    code, said = await command("--config", str(gateway.config))
    assert code == 78
    assert f"{gateway.config}: [gateway] button_file: unknown key; did you mean 'buttons_file'?" in said
    assert "Traceback" not in said


async def test_a_wrong_device_is_told_with_what_was_expected(gateway: TestGateway):
    edit(gateway.config, 'device = "0a000001"', 'device = "gateway 1"')
    code, said = await command("--config", str(gateway.config))
    assert (code, "[gateway] device: expected" in said, "eight hex digits" in said) == (78, True, True)
    assert "found 'gateway 1'" in said


async def test_a_variable_overrides_the_file(gateway: TestGateway):
    code, said = await command("--config", str(gateway.config), KENTONGAN_BUTTONS__PORT="seventy")
    assert (code, "environment variable KENTONGAN_BUTTONS__PORT" in said) == (78, True)


async def test_a_taken_port_is_named_with_the_setting(gateway: TestGateway):
    with socket.socket() as other:
        other.bind(("127.0.0.1", gateway.port))
        other.listen()
        code, said = await command("--config", str(gateway.config))
    assert code == 69
    assert f"cannot listen on 127.0.0.1:{gateway.port}: Address already in use." in said
    assert "[buttons] host and port in gateway.toml" in said
    assert "Traceback" not in said


async def test_a_missing_broker_is_named_with_a_remedy(gateway: TestGateway):
    code, said = await command("--config", str(gateway.config), KENTONGAN_BROKER__MOSQUITTO="/nowhere/mosquitto")
    assert (code, "there is no program '/nowhere/mosquitto'" in said) == (69, True)


@pytest.mark.parametrize("name", ["gateway.secret", "buttons.json", "centre/alarm.key"])
async def test_a_secret_that_others_can_read_is_refused(gateway: TestGateway, name: str):
    path = gateway.directory / name
    path.chmod(0o644)
    code, said = await command("--config", str(gateway.config))
    assert (code, f"{path} has mode 0644; expected 0600" in said) == (69, True)


async def test_a_certificate_that_does_not_fit_its_key_is_named(gateway: TestGateway):
    shutil.copy(gateway.directory / "centre" / "report.key", gateway.directory / "centre" / "alarm.key")
    code, said = await command("--config", str(gateway.config))
    assert (code, "alarm.crt: expected a certificate for the key" in said) == (69, True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is no list of buttons"),
        ('{"site": "elsewhere", "buttons": []}', "is of site 'elsewhere'; expected 'bank-01'"),
        ('{"site": "bank-01", "buttons": [{"device": "x"}]}', "buttons.0.device"),
    ],
)
async def test_a_wrong_button_list_is_told_without_its_keys(gateway: TestGateway, content: str, words: str):
    (gateway.directory / "buttons.json").write_text(content)
    code, said = await command("--config", str(gateway.config))
    assert (code, words in said, "kentongan enrol keys --site bank-01" in said) == (69, True, True)


async def test_a_second_gateway_on_the_same_folder_is_refused(gateway: TestGateway):
    async with running(gateway):
        code, said = await command("--config", str(gateway.config))
        assert (code, f"{gateway.state} is in use by another process" in said) == (69, True)


async def test_no_secret_reaches_the_log_or_the_command_line(gateway: TestGateway):
    async with gateway.centre, running(gateway):
        await gateway.centre.next_report()
        assert gateway.process is not None
        lines = process_tree(gateway.process.pid)
    secrets = [(gateway.directory / "gateway.secret").read_text().strip()]
    for button in gateway.centre.buttons.values():
        secrets += [button.keys.transport.hex(), button.keys.hop_secret.hex()]
    for secret in secrets:
        assert secret not in gateway.log()
        assert secret not in lines


def process_tree(pid: int) -> str:
    """Command lines and environments of a process and its children."""
    parts = [
        Path(f"/proc/{process}/{name}").read_text()
        for process in (pid, *children_of(pid))
        for name in ("cmdline", "environ")
    ]
    return "\n".join(parts)


def children_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


async def test_what_it_writes_is_private(gateway: TestGateway):
    async with running(gateway):
        assert modes(gateway.state) == {
            "lock": 0o600,
            "custody.db": 0o600,
            "custody.db-wal": 0o600,
            "custody.db-shm": 0o600,
        }
    assert gateway.state.stat().st_mode & 0o777 == 0o700


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir() if path.is_file()}


async def test_it_ends_with_0_and_leaves_no_process(gateway: TestGateway):
    await gateway.start()
    assert gateway.process is not None
    children = children_of(gateway.process.pid)
    assert children
    assert await gateway.stop() == 0
    assert not [child for child in children if (Path("/proc") / child).exists()]
