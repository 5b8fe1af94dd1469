"""A console runs for weeks: what came and went leaves nothing behind in the page."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Route, expect

from tests.browser.support.screen import Screen

ROUNDS = 6  # the first two fill the lists that are bounded
OPENED = 1_000  # incidents that are opened and closed in one round: as many as the page keeps of closed ones
# Bytes. A page that kept every closed incident would grow by some 10 MB in the rounds that are compared; what the
# collector leaves lying differs by some hundred KB.
GROWTH_MOST = 3_000_000
OPENED_AT = 10_000_000  # numbers of incidents that no real one has


class Rounds:
    """Stands in for the centre's live stream: one round of updates whenever one is wanted, else 503."""

    def __init__(self, real: dict[str, Any]) -> None:
        self._real = real
        self._numbers = itertools.count(OPENED_AT)
        self._position = OPENED_AT
        self.wanted = 0
        self.over = 0  # rounds that the page has taken, as it says by where it wants to go on

    def __call__(self, route: Route) -> None:
        if self.wanted == 0:
            self.over += route.request.url.endswith(f"after={self._position}")
            route.fulfill(status=503, body="")
            return
        self.wanted -= 1
        route.fulfill(content_type="text/event-stream", body="".join(self._round()))

    def _round(self) -> Iterator[str]:
        for number in itertools.islice(self._numbers, OPENED):
            opened = self._real | {"id": number, "owner": f"operator-{number}"}
            closed = opened | {"state": "closed", "outcome": "test", "cause": "announced", "closed_at_ms": number}
            yield self._message("incident", {"what": "opened", "incident": opened})
            yield self._message("incident", {"what": "closed", "incident": closed})
        yield self._message("tick", {"position": self._position, "at_ms": self._real["opened_at_ms"]})

    def _message(self, name: str, content: dict[str, Any]) -> str:
        self._position += name == "incident"
        return f"event: {name}\nid: {self._position}\ndata: {json.dumps(content)}\n\n"


def test_the_heap_does_not_grow_with_thousands_of_updates(context, centre, desk, bank, record_property):
    desk.calm()
    bank.press("Meja teller")
    (real,) = desk.until(1)
    desk.acknowledge(real)
    rounds = Rounds(desk.incidents()[0])
    context.add_cookies(desk.cookies)
    screen = Screen(context, centre.url)
    # Without a SharedWorker the page reads the stream itself, where the test can stand in for the centre.
    screen.page.add_init_script("delete window.SharedWorker")
    screen.page.route("**/api/stream?*", rounds)
    screen.page.goto(centre.url)
    expect(screen.rows).to_have_count(1)
    session = context.new_cdp_session(screen.page)
    used = []
    for _ in range(ROUNDS):
        rounds.wanted, rounds.over = 1, 0
        screen.until(lambda: rounds.over)
        expect(screen.rows).to_have_count(1)
        session.send("HeapProfiler.collectGarbage")
        used.append(session.send("Runtime.getHeapUsage")["usedSize"])
    record_property("bytes of the heap after each round", used)
    assert used[-1] - used[1] < GROWTH_MOST, used
