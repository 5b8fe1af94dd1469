"""smstools, which nobody wrote for us, uses an emulated modem as it would use a real one."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from kentongan_sim.modem.bank import ModemBank
from kentongan_sim.modem.model import QUICK
from kentongan_sim.modem.sim_card import SimCard
from kentongan_sim.modem.sms_network import PROMPT
from tests.support.interpreter import ROOT

OURS, PHONE = "+6281100000001", "+6280000000009"
LIMIT_S = 120.0  # bounds a hang; smsd polls every second and takes some 5 s

SETTINGS = """\
devices = GSM1
outgoing = {folder}/outgoing
checked = {folder}/checked
incoming = {folder}/incoming
sent = {folder}/sent
failed = {folder}/failed
logfile = 1
loglevel = 7
delaytime = 1
errorsleeptime = 1
autosplit = 0
infofile = {folder}/smsd.working
pidfile = {folder}/smsd.pid

[GSM1]
device = {port}
baudrate = 115200
incoming = yes
memory_start = 0
"""


def program():
    found = shutil.which("smsd", path=ROOT / ".tools/bin") or shutil.which("smsd")
    assert found, "smsd is not there: run make setup"
    return found


@pytest.fixture
def folder(tmp_path):
    for name in ("outgoing", "checked", "incoming", "sent", "failed"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
async def bank(folder):
    bank = ModemBank(seed=1, timing=QUICK, conditions=PROMPT)
    bank.add_pty("one", SimCard(OURS), folder / "modem")
    async with bank:
        yield bank


@pytest.fixture
async def log(bank, folder):
    """Everything that smsd says, while it runs."""
    settings = folder / "smsd.conf"
    settings.write_text(SETTINGS.format(folder=folder, port=bank.modems["one"].path))
    process = await asyncio.create_subprocess_exec(
        program(), "-t", "-c", str(settings), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said = Said(process.stdout)
    yield said
    process.terminate()
    await said.listening
    await process.wait()


class Said:
    """Lines of a program, waited for."""

    def __init__(self, stream):
        self.lines = []
        self._news = asyncio.Event()
        self.listening = asyncio.create_task(self._listen(stream))

    async def until(self, words):
        async with asyncio.timeout(LIMIT_S):
            while not any(words in line for line in self.lines):
                self._news.clear()
                assert not self.listening.done(), "\n".join(self.lines)
                await self._news.wait()

    async def _listen(self, stream):
        while line := await stream.readline():
            self.lines.append(line.decode(errors="replace").strip())
            self._news.set()
        self._news.set()


async def test_smstools_identifies_sends_and_receives(bank, folder, log):
    phone = bank.add_phone(PHONE)
    arrived = asyncio.Event()
    bank.network.on_delivered = lambda message: arrived.set() if message.number == PHONE else None
    await log.until("Modem is registered to the network")

    draft = folder / "draft"
    draft.write_text(f"To: {PHONE}\n\nHalo dari smstools\n")
    draft.rename(folder / "outgoing" / "one")
    async with asyncio.timeout(LIMIT_S):
        await arrived.wait()
    assert phone.texts() == ["Halo dari smstools"]

    bank.text(PHONE, OURS, "K1ABC jawaban")
    await log.until("Wrote an incoming message file")
    (received,) = (folder / "incoming").iterdir()
    assert received.read_text().endswith("K1ABC jawaban")
    assert f"From: {PHONE.removeprefix('+')}" in received.read_text()
    assert list((folder / "failed").iterdir()) == []
