"""The mobile network around the centre: its two modems on serial ports, and phones that text them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from kentongan_sim.modem.bank import ModemBank
from kentongan_sim.modem.model import QUICK
from kentongan_sim.modem.sim_card import SimCard
from kentongan_sim.modem.sms_network import PROMPT

MODEMS = {"one": ("+6281100000001", "Telkomsel"), "two": ("+6285500000002", "Indosat")}
FIELD = "+6281300000011"  # the number of whatever texts from a site
LIMIT_S = 90.0  # bounds a wait for the network's own loop on a loaded machine


class Air:
    """Enter it before the centre starts; it has a loop and a thread of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._bank = ModemBank(seed=1, timing=QUICK, conditions=PROMPT)
        for name, (number, operator) in MODEMS.items():
            self._bank.add_pty(name, SimCard(number, operator=operator), folder / name)
        self._bank.add_phone(FIELD)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._bank.__aenter__(), self._loop).result(LIMIT_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._bank.__aexit__(kind, error, trace), self._loop).result(LIMIT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def settings(self) -> str:
        """The modems for `centre.toml`."""
        return "".join(
            f'\n[[modems]]\nname = "{name}"\nport = "{self._bank.modems[name].path}"\n'
            f'number = "{number}"\noperator = "{operator}"\nvalid_until = 2099-01-01\n'
            for name, (number, operator) in MODEMS.items()
        )

    def text(self, modem: str, text: str) -> None:
        """Something at a site texts one of the centre's numbers."""
        self._there(lambda: self._bank.text(FIELD, MODEMS[modem][0], text))

    def take_sim(self, modem: str) -> None:
        """Somebody takes the SIM out of one of the centre's modems."""
        self._there(lambda: self._bank.set_sim(modem, None))

    def put_sim(self, modem: str) -> None:
        number, operator = MODEMS[modem]
        self._there(lambda: self._bank.set_sim(modem, SimCard(number, operator=operator)))

    def _there(self, act: Callable[[], None]) -> None:
        async def run() -> None:
            act()

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(LIMIT_S)
