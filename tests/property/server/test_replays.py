"""A replay ends as the store stands, whatever was done: the history tells the whole story."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from kentongan_server.domain.call import Said
from kentongan_server.domain.errors import CentreError
from tests.support.direct_centre import T0_MS
from tests.support.shift_rig import ShiftDesk

ACTS = (
    "press", "repeat", "acknowledge", "take", "dispatch", "arrive", "withdraw", "park", "unpark", "wait", "close",
    "reopen", "merge", "split", "note", "call", "add", "drill", "end-drill",
)  # fmt: skip
MINUTE_MS = 60_000


def do(desk: ShiftDesk, act: str, incident: int, button: int, number: int) -> None:
    desk.clock.now_ms += 1_000
    seen, who, operate = desk.version(incident), ("sari", "budi")[button - 1], desk.operate
    now_ms = T0_MS + desk.clock.now_ms
    acts: dict[str, Any] = {
        "acknowledge": lambda: operate.acknowledge(incident, seen, who),
        "take": lambda: operate.take(incident, seen, who, may_always=True, over=True),
        "dispatch": lambda: operate.dispatch(incident, seen, who, "Patroli 7"),
        "arrive": lambda: operate.arrive(incident, seen, who),
        "withdraw": lambda: operate.withdraw(incident, seen, who, ""),
        "park": lambda: operate.park(incident, seen, who, now_ms + MINUTE_MS, ""),
        "unpark": lambda: operate.unpark(incident, seen, who),
        "close": lambda: operate.close(incident, seen, who, "real", "threat", ""),
        "reopen": lambda: operate.reopen(incident, seen, who, ""),
        "merge": lambda: operate.merge(incident, seen, who, 1 + incident % 3),
        "split": lambda: operate.split(incident, seen, who, button),
        "note": lambda: operate.note(incident, who, "ya"),
        "add": lambda: desk.calls.add(incident, who, Said()),
        "end-drill": lambda: desk.drills.end(1, who),
    }
    if act == "press":
        desk.press_of(button, number)
    elif act == "repeat" and desk.made:
        desk.press(repeats=number, again=button % len(desk.made))
    elif act == "wait":
        desk.clock.now_ms += 11 * MINUTE_MS
        desk.run(operate.tick())
        desk.run(desk.drills.tick())
    elif act == "call":
        desk.call(site="a")
    elif act == "drill":
        desk.drill((button, "fire", 0))
        desk.run(desk.drills.tick())
    elif act in acts:
        desk.run(acts[act]())


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 4), st.integers(1, 2)), max_size=25))
def test_a_replay_ends_as_the_store_stands(done: list[tuple[str, int, int]]) -> None:
    desk = ShiftDesk()
    desk.press()
    for number, (act, incident, button) in enumerate(done, start=2):
        try:
            do(desk, act, incident, button, number)
        except CentreError:
            continue
    columns = "id, state, owner, dispatched_to, parked_until_ms, outcome, cause, reminded_at_ms IS NOT NULL"
    for row in desk.rows(f"SELECT {columns} FROM incident"):
        alarms = desk.rows("SELECT id, acknowledged_by FROM alarm WHERE incident = ?", row[0])
        (calls,) = desk.rows("SELECT count(*) FROM call WHERE incident = ?", row[0])[0]
        after = desk.replayed(row[0])[-1].after
        told = (str(after.state), after.owner, after.dispatched_to, after.parked_until_ms, after.outcome, after.cause)
        assert told == row[1:7]
        assert after.reminding == bool(row[7])
        assert after.alarms == {one for one, _ in alarms}
        assert after.unanswered == {one for one, who in alarms if who is None}
        assert after.calls == calls
    assert desk.faults() == []
