"""A virtual board with a firmware of the test's own, and a host that only listens: how does it end?"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

from kentongan_sim.board_link import BoardLink
from kentongan_sim.flash_image import pack_image, write_nvs
from kentongan_sim.panel import Panel, wiring
from tests.support.interpreter import ROOT, micropython
from tests.support.real_button import device_json
from tests.support.site import PATIENCE_S
from tests.support.site_hop import ROOT_SECRET

RUN = "sim/kentongan_sim/board/run.py"


class Board:
    """A board with a firmware of the test's own, started once or several times."""

    def __init__(self, folder: Path, **slots: str) -> None:
        self.folder = folder
        self.flash, self.nvs = folder / "flash", folder / "nvs"
        slot = folder / "slot"
        for name, app in slots.items():
            target = slot / name / "kentongan_button"
            target.mkdir(parents=True)
            (target / "app.py").write_text(app)
        self._slots = slot
        write_nvs(self.nvs, ROOT_SECRET, "rahasia")
        self.messages: list[dict[str, Any]] = []
        self.output = ""

    def image(self, *, device: bool = True, slot: str | None = None, watchdog_ms: str = "8_000") -> None:
        """Make the flash: the slots, the firmware's own boot.py, and what else lies at the root."""
        root = self.folder / "root"
        shutil.copytree(self._slots, root)
        boot = (ROOT / "firmware/kentongan_button/boot.py").read_text()
        assert boot.count("WATCHDOG_MS = 8_000") == 1
        (root / "boot.py").write_text(boot.replace("WATCHDOG_MS = 8_000", f"WATCHDOG_MS = {watchdog_ms}"))
        if slot is not None:
            (root / "slot").write_text(slot)
        if device:
            (root / "device.json").write_text(json.dumps(device_json(1)))
        pack_image(self.flash, root)

    async def run(self, link: BoardLink | None = None) -> int:
        """Start it and wait for its end; the return code."""
        own = link or BoardLink("test", Panel(wiring("guard-post")).snapshot, self._note, self.fault)
        await own.start()
        try:
            process = await asyncio.create_subprocess_exec(
                micropython(), "-X", "heapsize=160k", RUN, cwd=ROOT,
                env=self.environment(own.port),
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            output, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
        finally:
            await own.stop()
        self.output = output.decode()
        assert process.returncode is not None
        return process.returncode

    def environment(self, port: int) -> dict[str, str]:
        """What tells the board where its host and files are."""
        return {
            **os.environ,
            "KENTONGAN_BOARD": f"127.0.0.1:{port}",
            "KENTONGAN_FLASH": str(self.flash),
            "KENTONGAN_NVS": str(self.nvs),
        }

    def _note(self, message: dict[str, Any], _at_ms: float) -> None:
        self.messages.append(message)

    def fault(self, error: Exception) -> None:
        """The board said something that is no message."""
        raise error

    def said(self, key: str) -> list[Any]:
        """The values of this key in all messages that have it."""
        return [message[key] for message in self.messages if key in message]
