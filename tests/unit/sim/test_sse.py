"""Server-sent events, line by line."""

from __future__ import annotations

import pytest

from kentongan_sim.sse import EventReader, ServerEvent


def read(text: str) -> list[ServerEvent]:
    reader = EventReader()
    return [event for line in text.split("\n") if (event := reader.feed(line)) is not None]


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("id: 7\nevent: incident\ndata: {}\n\n", [ServerEvent("7", "incident", "{}")]),
        ("data:no space\n\n", [ServerEvent(None, "message", "no space")]),
        ("data: one\ndata: two\n\n", [ServerEvent(None, "message", "one\ntwo")]),
        (": comment\n\n", []),
        ("event: tick\n\n", []),
        ("id: 1\ndata: a\n\ndata: b\n\n", [ServerEvent("1", "message", "a"), ServerEvent(None, "message", "b")]),
        ("data: cut off", []),
    ],
)
def test_reads_events(text, events):
    assert read(text) == events
