"""Any order of what buttons, the centre and operators do: a press is stored, and rings until somebody answers it."""

from __future__ import annotations

from functools import partial
from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from kentongan_server.application import centre_alarms
from kentongan_server.domain.correlation import WINDOW_MS
from kentongan_server.domain.errors import CentreError
from tests.support.shift_rig import ShiftDesk

SIGNALS = st.tuples(
    st.sampled_from(["press", "press", "repeat", "attack", "wait"]), st.integers(1, 3), st.integers(1, 4)
)
ACTS = st.tuples(
    st.sampled_from(["end", "end", "acknowledge", "reopen", "merge", "split"]), st.integers(1, 5), st.integers(1, 4)
)


class Site(ShiftDesk):
    """Three buttons, and the presses that they made."""

    def __init__(self) -> None:
        super().__init__()
        self.button(3)
        self.numbers: list[tuple[int, int]] = []
        self.repeats: dict[tuple[int, int], int] = {}

    def signal(self, what: str, button: int, number: int) -> None:
        if what == "wait":
            self.clock.now_ms += WINDOW_MS
        elif what == "attack":
            now_ms = self.clock.wall_ms()
            self.store.run(partial(centre_alarms.suspect_attack, site="a", since_ms=now_ms, at_ms=now_ms))
        elif what == "press":
            self.numbers.append((button, len(self.numbers) + 1))
            self.must_ring(*self.numbers[-1])
        elif self.numbers:
            again = self.numbers[-1 - number % len(self.numbers)]
            self.repeats[again] = self.repeats.get(again, 0) + 1
            self.must_ring(*again, self.repeats[again])

    def must_ring(self, button: int, number: int, repeats: int = 0) -> None:
        self.press_of(button, number, repeats)
        query = (
            "SELECT count(*) FROM alarm AS a JOIN incident AS i ON i.id = a.incident "
            "WHERE a.device = ? AND a.acknowledged_by IS NULL AND i.state <> 'closed' AND i.recovered = 0"
        )
        assert self.rows(query, button)[0][0], "whoever pressed rings"

    def act(self, what: str, incident: int, other: int) -> None:
        seen, operate = self.version(incident), self.operate
        acts: dict[str, Any] = {
            "acknowledge": lambda: operate.acknowledge(incident, seen, "sari"),
            "reopen": lambda: operate.reopen(incident, seen, "sari", ""),
            "merge": lambda: operate.merge(incident, seen, "sari", other),
            "split": lambda: operate.split(incident, seen, "sari", other),
        }
        if what == "end":
            self.run(operate.acknowledge(incident, seen, "sari"))
            self.close(incident)
        else:
            self.run(acts[what]())


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(SIGNALS, ACTS), max_size=30))
def test_no_press_is_refused_and_none_is_silent(steps: list[tuple[str, int, int]]) -> None:
    site = Site()
    for what, one, other in steps:
        site.clock.now_ms += 1_000
        try:
            if what in {"press", "repeat", "attack", "wait"}:
                site.signal(what, one, other)
            else:
                site.act(what, one, other)
        except CentreError:
            continue
    assert site.rows("SELECT count(*) FROM alarm WHERE sequence > 0") == [(len(site.numbers),)]
