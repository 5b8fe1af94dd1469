"""When an answered incident rings again: at once, until it does so too often; then at a bounded rate.

A press is never refused, merged away or answered by anybody but a person: its row and its count
are there at once. Only the bell of an incident that somebody answered a moment ago may wait, so
that a chattering contact does not chain an operator to one row while other rows ring. An incident may
have several buttons: what is new in it, another button or another kind of alarm, rings at once.
"""

from __future__ import annotations

AGAIN_AT_ONCE = 2  # times: somebody who presses again after the answer, and once more, is heard without delay
# From one ringing to the next of one incident after that. Three times the 10 s in which an alarm should be
# answered (NUMBERS), so that an operator who answers each time has most of the time for other rows.
PACE_MS = 30_000
# The same for a site whose paths come and go: each loss is a suspected attack, but not each minute.
SITE_PACE_MS = 600_000


def rings_at(again: int, rang_at_ms: int, now_ms: int, pace_ms: int = PACE_MS) -> int:
    """When an incident of which every alarm was answered rings for a new one.

    Args:
        again: how often it has rung again before.
        rang_at_ms: when it began to ring last.
        now_ms: when the new alarm came.
        pace_ms: least time between two beginnings.

    Returns:
        `now_ms`, or a later time, never more than `pace_ms` from now, whatever a clock that was set says.
    """
    if again < AGAIN_AT_ONCE:
        return now_ms
    return min(max(now_ms, rang_at_ms + pace_ms), now_ms + pace_ms)
