"""What gateway and centre need of a modem; `kentongan_host.modem` has it, and so has whatever stands in for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class Incoming(Protocol):
    """A message that came in."""

    @property
    def index(self) -> int:
        """Names it for `stored`."""

    @property
    def text(self) -> str:
        """What it says."""


class TextModem(Protocol):
    """Texts, and hands out what comes in."""

    @property
    def ready(self) -> bool:
        """Whether a text could go out now."""

    @property
    def fault(self) -> int:
        """One of the AT engine's `FAULT_…`."""

    @property
    def signal_dbm(self) -> int:
        """Of the mobile network."""

    async def send(self, number: str, text: str) -> int:
        """Texts one message; what became of it, one of `second_path.TEXT_…`."""

    def messages(self) -> AsyncIterator[Incoming]:
        """Every message that comes in, for ever; one that is not `stored` comes again."""

    def stored(self, index: int) -> None:
        """The message may go from the modem."""
