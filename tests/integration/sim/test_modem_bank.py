"""Emulated modems in real time, through a pty and through a socket."""

from __future__ import annotations

import asyncio
import os

import pytest

from kentongan_sim.modem.bank import ModemBank
from kentongan_sim.modem.model import QUICK
from kentongan_sim.modem.ports import HOST
from kentongan_sim.modem.sim_card import SimCard
from kentongan_sim.modem.sms_network import PROMPT

ONE, TWO, PHONE = "+6281100000001", "+6285500000002", "+6280000000009"
LIMIT_S = 60.0  # bounds a hang on a loaded machine; all of it takes milliseconds


class Terminal:
    """Somebody who types at a modem."""

    def __init__(self, write):
        self.heard = b""
        self._write = write
        self._news = asyncio.Event()

    def take(self, data):
        self.heard += data
        self._news.set()

    async def type(self, text, answer="OK\r\n"):
        self._write(text.encode())
        await self.hear(answer)

    async def hear(self, answer):
        async with asyncio.timeout(LIMIT_S):
            while answer.encode() not in self.heard:
                self._news.clear()
                await self._news.wait()
        _, _, self.heard = self.heard.partition(answer.encode())


@pytest.fixture
async def bank(tmp_path):
    bank = ModemBank(seed=1, timing=QUICK, conditions=PROMPT)
    bank.add_pty("one", SimCard(ONE), tmp_path / "modem-one")
    bank.add_tcp("two", SimCard(TWO), powered=True)
    async with bank:
        yield bank


@pytest.fixture
async def one(bank):
    descriptor = os.open(bank.modems["one"].path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    terminal = Terminal(lambda data: os.write(descriptor, data))
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, lambda: terminal.take(os.read(descriptor, 4_096)))
    yield terminal
    loop.remove_reader(descriptor)
    os.close(descriptor)


@pytest.fixture
async def two(bank):
    reader, writer = await asyncio.open_connection(HOST, bank.modems["two"].tcp_port)
    terminal = Terminal(writer.write)

    async def listen():
        while data := await reader.read(4_096):
            terminal.take(data)

    task = asyncio.create_task(listen())
    yield terminal
    writer.close()
    await task


async def test_from_a_pty_to_a_socket_and_back(bank, one, two):
    for terminal in (one, two):
        await terminal.type('ATE0;+CMGF=1;+CSCS="GSM";+CNMI=2,1,0,0,0\r')
    await one.type(f'AT+CMGS="{TWO}"\r', "> ")
    await one.type("K1ABC\x1a", "+CMGS: 1\r\n\r\nOK\r\n")
    await two.hear('+CMTI: "SM",0\r\n')
    await two.type("AT+CMGR=0\r", "K1ABC\r\n\r\nOK\r\n")
    assert bank.network.transit_ms("K1ABC") is not None
    await two.type(f'AT+CMGS="{ONE}"\r', "> ")
    await two.type("K1XYZ\x1a", "OK\r\n")
    await one.hear('+CMTI: "SM",0\r\n')


async def test_the_power_key_reaches_a_board_s_modem(bank, two):
    await two.type("AT\r")
    bank.power_key("two", 3_000)
    bank.power_key("two", 1_000)
    await two.hear("RDY\r\n")
    await two.type("AT\r")


async def test_a_board_that_reconnects_has_the_line(bank, two):
    await two.type("AT\r")
    reader, writer = await asyncio.open_connection(HOST, bank.modems["two"].tcp_port)
    writer.write(b"AT\r")
    async with asyncio.timeout(LIMIT_S):
        assert await reader.readuntil(b"OK\r\n")
    writer.close()


async def test_unplugged_the_port_is_gone_and_comes_back_by_the_same_name(bank, tmp_path):
    link = tmp_path / "modem-one"
    await bank.unplug("one")
    assert not link.exists()
    await bank.plug("one")
    assert link.is_char_device()


async def test_a_phone_reads_and_texts(bank, one):
    phone = bank.add_phone(PHONE)
    arrived = asyncio.Event()
    bank.network.on_delivered = lambda message: arrived.set() if message.number == PHONE else None
    await one.type('ATE0;+CMGF=1;+CSCS="GSM";+CNMI=2,1,0,0,0\r')
    bank.text(PHONE, ONE, "Halo")
    await one.hear("+CMTI")
    await one.type(f'AT+CMGS="{PHONE}"\r', "> ")
    await one.type("Selamat pagi\x1a", "OK\r\n")
    async with asyncio.timeout(LIMIT_S):
        await arrived.wait()
    assert phone.texts() == ["Selamat pagi"]


async def test_an_outage_is_seen_by_the_modem(bank, one):
    bank.set_outage("Telkomsel", out=True)
    await one.type("AT+CREG?\r", "+CREG: 0,2\r\n\r\nOK\r\n")
    bank.set_outage("Telkomsel", out=False)
    await one.type("AT+CREG?\r", "+CREG: 0,1\r\n\r\nOK\r\n")
