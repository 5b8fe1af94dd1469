"""A whole button for tests: the shipped firmware on the real interpreter, its cable, and everything it said."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kentongan_sim.errors import SimError
from kentongan_sim.flash_image import write_image, write_nvs
from kentongan_sim.link_proxy import LinkProxy
from kentongan_sim.modem.bank import ModemBank
from kentongan_sim.processes import Death, ProcessManager
from kentongan_sim.virtual_button import BoardFiles, Trace, VirtualButton
from tests.support.site import PATIENCE_S
from tests.support.site_hop import DEVICE, KEY_ID, ROOT_SECRET, SITE

SENTENCE = "Alarm Bank Contoh, Pos Contoh"


@dataclass(frozen=True)
class Fitted:
    """A modem of a bank, as a board has it; its numbers are the centre's and the duty phones'."""

    bank: ModemBank
    name: str
    centre_numbers: tuple[str, ...]
    duty_numbers: tuple[str, ...]
    sim_pin: str = ""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.bank.modems[self.name].tcp_port}"

    def power_key(self, held_ms: int) -> None:
        self.bank.power_key(self.name, held_ms)

    def power_off(self) -> None:
        self.bank.power_off(self.name)


def device_json(port: int, variant: str = "guard-post", modem: Fitted | None = None) -> dict[str, object]:
    """What enrolment would write for the test's button."""
    numbers: dict[str, object] = {}
    if modem is not None:
        numbers = {
            "centre_numbers": list(modem.centre_numbers),
            "duty_numbers": list(modem.duty_numbers),
            "sentence": SENTENCE,
        }
    return {
        **numbers,
        "device": f"{DEVICE:08x}",
        "key_id": KEY_ID,
        "site": SITE,
        "variant": variant,
        "press": "two-button" if variant == "guard-post" else "recessed",
        "gateway_host": "127.0.0.1",
        "gateway_port": port,
        "wifi_ssid": "contoh",
    }


class RealButton:
    """The button, switched off at first. `traces` holds all that it said, over all boots."""

    def __init__(
        self,
        slot: Path,
        folder: Path,
        gateway_port: int,
        variant: str = "guard-post",
        state: Path | None = None,
        modem: Fitted | None = None,
    ) -> None:
        self.link = LinkProxy("127.0.0.1", gateway_port)
        self.traces: list[Trace] = []
        self.files = BoardFiles(folder / "flash", folder / "nvs")
        self._slot = slot
        self._variant = variant
        self._state = state
        self._modem = modem
        self._deaths: list[Death] = []
        self._faults: list[SimError] = []
        self._manager = ProcessManager(folder, self._deaths.append)
        self._said = asyncio.Condition()
        self._told: set[asyncio.Task[None]] = set()
        self.thing = VirtualButton(
            name="Pos Contoh",
            device=DEVICE,
            variant=variant,
            files=self.files,
            link=self.link,
            manager=self._manager,
            seed=1,
            on_trace=self._note,
            on_fault=self._faults.append,
            modem=modem,
        )

    async def __aenter__(self) -> Self:
        await self.link.start()
        device = device_json(self.link.port, self._variant, self._modem)
        await asyncio.to_thread(write_image, self.files.flash, self._slot, device, self._state)
        write_nvs(self.files.nvs, ROOT_SECRET, "rahasia", self._modem.sim_pin if self._modem else "")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.thing.stop()
        await self.link.stop()
        await self._manager.stop()
        if error is None:
            assert self._deaths == [], self._deaths
            assert self._faults == [], self._faults

    async def start(self) -> None:
        """Power on and wait for the link."""
        mark = len(self.traces)
        await self.thing.power_on()
        await self.until("link", mark, up=True)

    async def until(self, name: str, mark: int = 0, **values: object) -> dict[str, Any]:
        """The first trace of this name with these values since `mark`, past or to come."""
        async with asyncio.timeout(PATIENCE_S), self._said:
            while True:
                for trace in self.traces[mark:]:
                    if trace.name == name and values.items() <= trace.values.items():
                        return trace.values
                await self._said.wait()

    async def press(self) -> dict[str, Any]:
        """Push and let go; what the button says about it."""
        mark = len(self.traces)
        await self.thing.push()
        return await self.until("pressed", mark)

    def named(self, name: str, mark: int = 0) -> list[dict[str, Any]]:
        """The values of all traces of this name since `mark`."""
        return [trace.values for trace in self.traces[mark:] if trace.name == name]

    def _note(self, _button: VirtualButton, trace: Trace) -> None:
        self.traces.append(trace)
        task = asyncio.get_running_loop().create_task(self._tell())
        self._told.add(task)
        task.add_done_callback(self._told.discard)

    async def _tell(self) -> None:
        async with self._said:
            self._said.notify_all()
