"""Mains, battery and case, as the kernel tells them: files that hold 0 or 1."""

from __future__ import annotations

from pathlib import Path

from kentongan_host.log import logger
from kentongan_wire.supervision import SITE_BATTERY_LOW, SITE_MAINS_LOST, SITE_TAMPER

READ_MAX = 16  # bytes of such a file that are looked at
EVERY_MS = 1_000  # between two looks: a case that is opened is told within the next report

_log = logger("kentongan.supply")


class Supply:
    """Reads what is fitted; a file that cannot be understood counts as the fault it would tell.

    Args:
        mains_file: 1 while mains power is there; None when not fitted.
        battery_file: 1 while the battery is low.
        tamper_file: 1 while the case is open.
    """

    def __init__(self, mains_file: Path | None, battery_file: Path | None, tamper_file: Path | None) -> None:
        fitted = (
            (SITE_MAINS_LOST, mains_file, b"1"),
            (SITE_BATTERY_LOW, battery_file, b"0"),
            (SITE_TAMPER, tamper_file, b"0"),
        )
        self._fitted = [(bit, path, well) for bit, path, well in fitted if path is not None]
        self._unreadable: set[Path] = set()
        self.state = 0

    def look(self) -> int:
        """Reads all files; the `SITE_…` bits of what is not well, which `state` holds until the next look."""
        self.state = sum(bit for bit, path, well in self._fitted if self._read(path) != well)
        return self.state

    def _read(self, path: Path) -> bytes | None:
        why = "expected 0 or 1"
        content = None
        try:
            with path.open("rb", buffering=0) as file:
                content = (file.read(READ_MAX) or b"").strip()
        except OSError as error:
            why = error.strerror or type(error).__name__
        if content in {b"0", b"1"}:
            self._unreadable.discard(path)
            return content
        if path not in self._unreadable:
            self._unreadable.add(path)
            _log.error("supply file not understood, counts as a fault", file=str(path), why=why)
        return None
