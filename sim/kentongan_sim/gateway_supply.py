"""What a gateway's kernel tells it of mains, battery and case: the files that its supply adapter reads, with levers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

MAINS, BATTERY, TAMPER = "mains", "battery", "tamper"


class GatewaySupply:
    """A folder of such files; everything is well at first.

    Args:
        folder: of its own, empty.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self.set_mains(lost=False)
        self.set_battery(low=False)
        self.set_lid(opened=False)

    @property
    def environment(self) -> Mapping[str, str]:
        """Tells the gateway's settings where the files are."""
        return {f"KENTONGAN_SUPPLY__{name.upper()}_FILE": str(self._folder / name) for name in (MAINS, BATTERY, TAMPER)}

    def set_mains(self, *, lost: bool) -> None:
        """Take the mains away or give it back; a battery carries the machine."""
        self._write(MAINS, on=not lost)

    def set_battery(self, *, low: bool) -> None:
        """Let that battery run down or be full."""
        self._write(BATTERY, on=low)

    def set_lid(self, *, opened: bool) -> None:
        """Open or close the case."""
        self._write(TAMPER, on=opened)

    def _write(self, name: str, *, on: bool) -> None:
        new = self._folder / f"{name}.new"
        new.write_text(f"{on:d}\n", encoding="ascii")
        new.replace(self._folder / name)  # whole at every moment, as the kernel's own files are
