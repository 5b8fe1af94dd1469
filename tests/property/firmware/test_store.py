"""Records and counters under power cuts at any byte of any write."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kentongan_button.core.journal import Entry, Journal
from kentongan_button.store import Counter, Record
from kentongan_wire.press import PressBody
from tests.support.scratch import MEMORY

u32 = st.integers(0, 2**32 - 1)
u64 = st.integers(0, 2**64 - 1)
u16 = st.integers(0, 2**16 - 1)
u8 = st.integers(0, 255)
nonces = st.binary(min_size=8, max_size=8)
bodies = st.builds(PressBody, u32, nonces, u8, u8, u32, u64, u64, u8)
entries = st.builds(Entry, bodies, u16, u8, u32)

# What a cut leaves of the file that was being written.
TEARS = st.one_of(
    st.none(),  # it was written in full
    st.tuples(st.floats(0, 1), st.sampled_from(["cut", "erased", "zeroed", "noise"])),
)


def tear(path: Path, share: float, how: str) -> bool:
    """Leave only a share of the file; False when nothing changed."""
    whole = path.read_bytes()
    size = int(len(whole) * share)
    rest = len(whole) - size
    tail = {"cut": b"", "erased": b"\xff" * rest, "zeroed": bytes(rest), "noise": bytes(range(7, 7 + rest % 200))}[how]
    path.write_bytes(whole[:size] + tail)
    return whole[:size] + tail != whole


@given(st.lists(entries, max_size=40), st.one_of(st.none(), st.tuples(u32, nonces)), st.booleans(), u32)
def test_any_journal_comes_back(listed, latch, overflow, incarnation):
    journal = Journal()
    journal.entries = listed
    journal.latch, journal.overflow, journal.incarnation = latch, overflow, incarnation
    again = Journal.decode(journal.encode())
    assert (again.latch, again.overflow, again.incarnation) == (latch, overflow, incarnation)
    shown = [(entry.body, entry.repeats, entry.level, entry.revision) for entry in again.entries]
    assert shown == [(entry.body, entry.repeats, entry.level, entry.revision) for entry in listed]


@given(st.binary(max_size=200))
def test_no_bytes_break_the_journal_other_than_by_value_error(data):
    try:
        journal = Journal.decode(data)
    except ValueError:
        return
    assert Journal.decode(journal.encode()).encode() == journal.encode()


@given(st.lists(st.tuples(st.binary(max_size=300), TEARS), max_size=12))
def test_a_cut_leaves_the_newest_record_or_the_one_before(writes):
    with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
        path = directory + "/record"
        known = b""
        record = Record(path)
        for data, torn in writes:
            pieces = (data[:7], data[7:])
            assert record.write(partial(iter, pieces))
            if torn is None:
                known = data
                continue
            if not tear(Path(f"{path}.{record._slot}"), *torn):
                known = data
            record = Record(path)  # power is back
            assert record.data == known
        assert Record(path).data == known


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans(), TEARS), max_size=12))
def test_no_number_comes_twice(boots):
    with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
        path = directory + "/counter"
        given_out: list[int] = []
        for count, tops_up, torn in boots:
            counter = Counter(path, 4)
            for _ in range(count):
                if tops_up:
                    counter.top_up()
                given_out.append(counter.take())
            # The cut hits a reservation from which nothing was given out yet.
            counter._next = max(counter._next, counter._limit)
            counter.top_up()
            if torn is not None:
                tear(Path(f"{path}.{counter.record._slot}"), *torn)
        assert given_out == sorted(set(given_out))
