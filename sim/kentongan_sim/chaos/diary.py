"""What happened in a round, second by second: for who looks for the cause of what went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kentongan_sim.evidence import Evidence, now_ms
from kentongan_sim.virtual_button import Trace, VirtualButton

# Traces that say how a press went, or why none came of a gesture.
TOLD = frozenset(
    {
        "pressed",
        "repeated",
        "lamp",
        "link",
        "power",
        "hello",
        "running",
        "watchdog-bite",
        "unhealthy",
        "sms-outcome",
        "memory",
    }
)


class Diary:
    """Writes lines with the seconds since the beginning into a file.

    Args:
        path: of the file, which is written at once.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", buffering=1)
        self._began_ms = now_ms()

    def say(self, what: str, at_ms: float | None = None) -> None:
        """One line; now, unless told when."""
        since_ms = (now_ms() if at_ms is None else at_ms) - self._began_ms
        self._file.write(f"{since_ms / 1000:9.3f}  {what}\n")

    def note(self, button: VirtualButton, trace: Trace) -> None:
        """Something happened at a button."""
        if trace.name in TOLD:
            values = " ".join(f"{name}={_short(value)}" for name, value in trace.values.items())
            self.say(f"{button.name}: {trace.name} {values}".rstrip(), trace.at_ms)

    def close(self, evidence: Evidence) -> None:
        """Add when each gesture closed its contacts, which is known after it, and end."""
        self.say("gestures:")
        for device, contact_ms in evidence.asked:
            self.say(f"{device:08x} contacts closed", contact_ms)
        self._file.close()


def _short(value: Any) -> str:  # noqa: ANN401 - whatever a board tells
    text = str(value)
    return text if len(text) <= 16 else f"{text[:15]}…"
