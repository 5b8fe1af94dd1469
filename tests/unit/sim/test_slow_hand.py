"""A hand on a machine that is held up: late, but never a closure shorter than a person's."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any, cast

from kentongan_sim.hand import CLOSURE_MS
from kentongan_sim.panel import Contact
from kentongan_sim.virtual_button import VirtualButton

HELD_UP_S = 2 * CLOSURE_MS[1] / 1000


class HeldUpBoard:
    """Takes what the panel sends, with its time; the machine stops once, when the contact closes first."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, dict[str, Any]]] = []

    def send(self, change: dict[str, Any] | None) -> None:
        if not self.sent:
            time.sleep(HELD_UP_S)
        if change is not None:
            self.sent.append((time.monotonic() * 1000, change))


def a_button(board: HeldUpBoard) -> VirtualButton:
    nowhere = cast("Any", SimpleNamespace())
    button = VirtualButton(
        name="Pos",
        device=1,
        variant="desk",
        files=nowhere,
        link=nowhere,
        manager=nowhere,
        seed=1,
        on_trace=lambda *_: None,
        on_fault=lambda _: None,
    )
    cast("Any", button)._board = board
    return button


async def test_a_closure_is_as_long_as_it_was_drawn_however_late_the_hand_is():
    board = HeldUpBoard()
    button = a_button(board)
    await button.push()
    await asyncio.sleep(2 * button.panel.wiring.contact_filter_ms / 1000)
    closed = [at_ms for at_ms, change in board.sent if Contact.PRESSED.value in change.get("adc", {}).values()]
    opened = [at_ms for at_ms, change in board.sent if Contact.REST.value in change.get("adc", {}).values()]
    assert opened[-1] - closed[0] >= CLOSURE_MS[0]
    edge = str(button.panel.wiring.contact_edge[0])
    assert [change["pin"][edge] for _, change in board.sent if edge in change.get("pin", {})] == [1, 0]
