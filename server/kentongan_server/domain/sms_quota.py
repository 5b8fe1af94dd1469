"""Which receipts are texted: few for each press, for ever, so that nobody can spend the centre's credit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

RECEIPTS_PER_PRESS = 4  # texted for one genuine new press, to all devices together (docs/architecture.md)
# A holder texts both of the centre's numbers, one after the other: one answer is for both.
ROUND_MS = 20_000


class Sent(Protocol):
    """What was texted to one device for one press."""

    @property
    def count(self) -> int: ...
    @property
    def last_at_ms(self) -> int: ...


def addressees(sent: Mapping[int, Sent], texter: int, button: int, at_ms: int) -> tuple[int, ...]:
    """The devices for whom a receipt is made now and texted to `texter`'s number.

    A button that texted gets its own. A gateway gets the one that ends its custody, and its
    button's to hand on, unless the button has texted and was answered itself.

    Args:
        sent: what was texted for this press so far, by the device that was texted to.
        texter: the device whose frame came by SMS.
        button: who pressed.
        at_ms: now, Unix ms.
    """
    before = sent.get(texter)
    if before is not None and 0 <= at_ms - before.last_at_ms < ROUND_MS:
        return ()
    wanted = (texter,) if texter == button or button in sent else (texter, button)
    left = RECEIPTS_PER_PRESS - sum(one.count for one in sent.values())
    return wanted[: max(0, left)]
