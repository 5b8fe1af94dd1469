"""What is calculated of the console's measurements, and which of it is held to a number."""

from datetime import UTC, datetime

import pytest

from bench import busy_console, eight_tabs, restart, streams, weights
from bench.busy_console import Hour
from bench.streams import Stream

NONCE, OTHER = bytes(range(8)), bytes(8)


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (datetime(2026, 11, 22, tzinfo=UTC), ("2026-10-01", "2026-11-01")),
        (datetime(2026, 1, 1, tzinfo=UTC), ("2025-12-01", "2026-01-01")),
        (datetime(2024, 3, 31, tzinfo=UTC), ("2024-02-01", "2024-03-01")),
    ],
)
def test_the_report_is_of_the_whole_month_before(today, month):
    assert restart.month_before(today) == month


def test_a_restart_is_held_to_its_slowest():
    slow, *_ = restart.rows(1_000_000, [900.0, 5_001.0], {}, 1_000_000_000)
    assert not slow.meets
    fast, whole, each = restart.rows(1_000_000, [900.0, 4_999.0], {}, 1_000_000_000)
    assert fast.meets
    assert (whole.values, each.values) == ({"value": 1_000}, {"value": 1_000})


def test_a_stream_is_told_of_a_nonce_that_lies_across_two_pieces():
    stream, text = Stream(), b'data: {"nonce": "' + NONCE.hex().encode() + b'"}'
    stream.take(text[:25], 1.0, [NONCE, OTHER])
    assert not stream.told
    stream.take(text[25:], 2.0, [NONCE, OTHER])
    stream.take(text, 3.0, [NONCE, OTHER])
    assert stream.told == {NONCE: 2.0}


def test_streams_are_held_to_one_core():
    cost = {"without": 100.0, "with": 140.0, "idle": 12.0, "alarms": 101.0}
    each, last, idle, alarms, memory = streams.rows([1.0, 2.0], [2.0], cost)
    assert (each.values["n"], last.values["max"]) == (2, 2.0)
    assert idle.meets
    assert not alarms.meets
    assert memory.values["for one stream"] == 0.2


QUICK, SLOW_1, SLOW_2 = [20.0] * 100, [20.0] * 99 + [101.0], [20.0] * 98 + [101.0] * 2


@pytest.mark.parametrize(
    ("shared", "alone", "count", "met"),
    [
        (Hour(QUICK, 200.0), Hour(QUICK, 200.0), 500, [True, True, True, True]),
        (Hour(QUICK, 200.0), Hour(SLOW_2, 200.0), 500, [False, True, True, True]),
        (Hour(SLOW_1, 200.0), Hour(SLOW_1, 200.0), 500, [True, True, True, True]),
        (Hour(SLOW_2, 200.0), Hour(QUICK, 200.0), 500, [True, False, True, True]),
        (Hour(QUICK, 150.0), Hour(QUICK, 200.0), 500, [True, True, False, True]),
        (Hour(QUICK, 200.0), Hour(QUICK, 150.0), 500, [True, True, False, True]),
        (Hour(QUICK, 200.0), Hour(QUICK, 200.0), 499, [True, True, True, False]),
        (Hour(QUICK, 200.0), Hour(QUICK, 200.0), 501, [True, True, True, False]),
        (Hour([], 200.0), Hour([], 200.0), 500, [False, False, True, True]),
    ],
)
def test_a_busy_console_must_answer_be_busy_and_lose_no_row(shared, alone, count, met):
    assert [row.meets for row in busy_console.rows(shared, alone, count)] == met


@pytest.mark.parametrize(
    ("own", "last", "met"),
    [
        ([80.0, 999.0], [90.0, 1_000.0], [True, True]),
        ([80.0, 1_001.0], [90.0, 1_001.0], [False, False]),
        ([80.0], [1_001.0], [True, False]),
        ([], [], [False, False]),
    ],
)
def test_an_acknowledgement_among_eight_tabs_is_held_to_its_slowest(own, last, met):
    assert [row.meets for row in eight_tabs.rows(own, last)] == met


def test_files_are_added_up_by_what_they_are():
    sizes = {
        "main-A.js": (10, 30),
        "chunk-B.js": (5, 9),
        "worker-C.js": (2, 2),
        "city-D.js": (100, 400),
        "maplibre-gl-worker-E.js": (50, 200),
        "reports-F.js": (3, 4),
        "main-G.css": (7, 8),
        "icon-quiet-H.svg": (1, 1),
        "font.woff2": (6, 6),
    }
    assert weights.added_up(sizes) == {
        "scripts": (15, 39),
        "the worker": (2, 2),
        "the map, loaded when it is shown": (150, 600),
        "pages loaded when they are opened": (3, 4),
        "styles": (7, 8),
        "icons": (1, 1),
        "other files": (6, 6),
    }
