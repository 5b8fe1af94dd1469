"""The past that the bench writes: cases that end, presses that are each another one, and a history that is whole."""

from bench.past import ALARM, COLUMNS, FEED, INCIDENT, LAST_BEFORE_MS, YEAR_MS, YEARS, Ends, Fitted, Past
from kentongan_server.adapters import schema
from kentongan_server.domain import feed
from kentongan_server.domain.outcome import CAUSES, Outcome

NOW_MS = 1_790_000_000_000
BUTTONS = [Fitted(0x1001, "bank"), Fitted(0x1002, "emas")]


def written(count, ends=None):
    rows: dict[str, list[dict[str, object]]] = {"incident": [], "alarm": [], "feed": []}
    for piece in Past(BUTTONS, count, NOW_MS, ends or Ends()).pieces(size=7):
        for table, some in piece.items():
            rows[table] += [dict(zip(COLUMNS[table], row, strict=True)) for row in some]
    return rows


def test_its_columns_are_those_of_the_schema():
    for table, names in ((schema.incident, INCIDENT), (schema.alarm, ALARM), (schema.feed, FEED)):
        assert set(names) <= set(table.c.keys())
        needed = {one.name for one in table.c if not one.nullable and one.server_default is None}
        assert needed <= set(names)


def test_every_case_has_one_press_and_ended_in_its_time():
    rows = written(40)
    assert [one["id"] for one in rows["incident"]] == list(range(1, 41))
    assert [one["incident"] for one in rows["alarm"]] == list(range(1, 41))
    assert len({(one["device"], one["sequence"], one["nonce"]) for one in rows["alarm"]}) == 40
    for one in rows["incident"]:
        assert NOW_MS - YEARS * YEAR_MS - LAST_BEFORE_MS <= one["opened_at_ms"] <= NOW_MS - LAST_BEFORE_MS
        assert one["opened_at_ms"] < one["acknowledged_at_ms"] < one["closed_at_ms"] < NOW_MS
        assert one["cause"] in CAUSES[Outcome(one["outcome"])]


def test_its_history_continues_what_is_there():
    ends = Ends(incident=5, alarm=9, position=3, hash=bytes(range(32)))
    rows = written(10, ends)
    assert [one["position"] for one in rows["feed"]] == list(range(4, 34))
    assert rows["feed"][0]["prev_hash"] == ends.hash
    assert rows["incident"][0]["id"] == 6
    assert rows["alarm"][0]["id"] == 10


def test_its_history_is_whole():
    chained = [
        feed.Row(
            one["position"],
            feed.Entry(
                one["at_ms"], feed.Kind(one["kind"]), one["what"], one["subject"], one["facts"], one["personal"]
            ),
            one["salt"],
            one["commitment"],
            one["prev_hash"],
            one["hash"],
        )
        for one in written(10)["feed"]
    ]
    assert len(chained) == 30
    assert list(feed.verify(chained)) == []


def test_the_same_seed_makes_the_same_cases():
    assert written(20)["incident"] == written(20)["incident"]
