"""What the button must not forget: torn files, used-up reserves, a full disk."""

import os

from kentongan_button.core.journal import Entry, Journal
from kentongan_button.store import BEAT_RESERVE, PRESS_RESERVE, RECORD_MAX, Counter, Record, Store
from tests.support.portable import body, raises

NEEDS_DIRECTORY = True  # for the runner on MicroPython


def read(path):
    with open(path, "rb") as file:  # noqa: PTH123 - MicroPython has no pathlib
        return file.read()


def write(path, data):
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(data)


def put(record, *pieces):
    return record.write(lambda: pieces)


def newest_slot(record, path):
    """The file that the last write of this record went to."""
    return f"{path}.{record._slot}"


def test_a_record_comes_back(directory):
    path = directory + "/record"
    assert Record(path).data == b""
    for data in (b"one", b"", b"three" * 100, b"x" * RECORD_MAX):
        assert put(Record(path), data)
        again = Record(path)
        assert again.data == data
        assert not again.damaged


def test_a_record_of_pieces_is_the_same_as_one_of_a_piece(directory):
    whole, pieces = Record(directory + "/whole"), Record(directory + "/pieces")
    assert put(whole, b"one, two, three")
    assert put(pieces, b"one", b"", b", two", bytearray(b", three"))
    assert read(directory + "/pieces.0") == read(directory + "/whole.0")


def test_writes_take_turns_so_that_the_one_before_is_never_touched(directory):
    path = directory + "/record"
    record = Record(path)
    for number in range(5):
        before = [read(path + ".0") if number > 0 else None, read(path + ".1") if number > 1 else None]
        kept = record._slot
        assert put(record, b"%d" % number)
        if before[kept] is not None:
            assert read(f"{path}.{kept}") == before[kept]


def test_any_torn_write_leaves_the_record_before_it(directory):
    path = directory + "/record"
    record = Record(path)
    put(record, b"first, which stays")
    put(record, b"second, torn")
    torn = newest_slot(record, path)
    whole = read(torn)
    for size in range(len(whole)):
        for tail in (b"", b"\xff" * (len(whole) - size), bytes(len(whole) - size)):
            if whole[:size] + tail == whole:
                continue
            write(torn, whole[:size] + tail)
            again = Record(path)
            assert again.data == b"first, which stays"
            assert not again.damaged
            assert put(again, b"third")
            assert Record(path).data == b"third"
            write(torn, whole)


def test_any_flipped_bit_is_noticed(directory):
    path = directory + "/record"
    record = Record(path)
    put(record, b"first")
    put(record, b"second")
    slot = newest_slot(record, path)
    whole = read(slot)
    for index in range(len(whole)):
        for bit in range(8):
            broken = bytearray(whole)
            broken[index] ^= 1 << bit
            write(slot, broken)
            assert Record(path).data == b"first"


def test_with_both_slots_damaged_it_starts_afresh_and_says_so(directory):
    path = directory + "/record"
    record = Record(path)
    put(record, b"first")
    put(record, b"second")
    for slot in (".0", ".1"):
        write(path + slot, b"garbage")
    again = Record(path)
    assert (again.data, again.damaged) == (b"", True)
    assert put(again, b"anew")
    assert Record(path).data == b"anew"
    assert not Record(path).damaged


def test_a_new_board_is_not_damaged_nor_is_one_whose_first_write_was_cut(directory):
    path = directory + "/record"
    assert not Record(path).damaged
    write(path + ".0", b"")  # littlefs: made, never synced
    assert not Record(path).damaged


def test_an_oversize_record_is_refused(directory):
    error = raises(ValueError, put, Record(directory + "/record"), b"x", bytes(RECORD_MAX))
    assert str(RECORD_MAX) in str(error)


def test_a_failed_write_is_told_until_one_succeeds(directory):
    record = Record(directory + "/missing/record")
    assert (put(record, b"nowhere to go"), record.failed) == (False, True)
    os.mkdir(directory + "/missing")  # noqa: PTH102
    assert (put(record, b"on disk"), record.failed) == (True, False)
    assert Record(directory + "/missing/record").data == b"on disk"


def test_numbers_never_come_twice_across_restarts(directory):
    path = directory + "/counter"
    given = []
    for numbers in (1, 3, 0, 10, 25):
        counter = Counter(path, 8)
        given += [counter.take() for _ in range(numbers)]
    assert given[0] == 1
    assert given == sorted(set(given))
    # A restart skips no more than the reserve.
    assert all([after - before <= 9 for before, after in zip(given, given[1:])])  # noqa: B905, C419, RUF007


def test_a_counter_writes_once_per_reserve(directory):
    path = directory + "/counter"
    counter = Counter(path, 8)
    before = None
    writes = 0
    for _ in range(32):
        counter.take()
        content = read(newest_slot(counter.record, path))
        writes += content != before
        before = content
    assert writes == 4


def test_topped_up_in_idle_moments_taking_a_number_never_writes(directory):
    path = directory + "/counter"
    counter = Counter(path, 8)
    for _ in range(10):
        counter.top_up()
        generation = counter.record._generation
        for _ in range(4):
            counter.take()
        assert counter.record._generation == generation


def test_a_counter_goes_on_when_it_can_not_be_saved(directory):
    counter = Counter(directory + "/missing/counter", 4)
    assert [counter.take() for _ in range(10)] == list(range(1, 11))
    assert counter.record.failed


def test_the_store_makes_its_directory_and_brings_the_journal_back(directory):
    store = Store(directory + "/state")
    journal = store.load_journal()
    assert journal.entries == []
    journal.entries.append(Entry(body(store.sequence.take())))
    journal.latch = (1, body(1).nonce)
    assert store.save_journal(journal)
    again = Store(directory + "/state")
    assert not again.fault
    assert again.load_journal().encode() == journal.encode()
    assert again.sequence.take() == 1 + PRESS_RESERVE
    assert again.beat.take() == 1 + BEAT_RESERVE


def test_the_first_press_after_a_start_waits_for_no_flash(directory):
    store = Store(directory + "/state")
    records = (store.sequence.record, store.beat.record)
    before = [record._generation for record in records]
    store.sequence.take()
    store.beat.take()
    assert [record._generation for record in records] == before


def test_any_damaged_or_failing_record_is_a_fault(directory):
    for name in ("journal", "sequence", "beat"):
        path = directory + "/" + name + "-lost"
        Store(path).save_journal(Journal())
        assert not Store(path).fault
        for slot in (".0", ".1"):
            write(path + "/" + name + slot, b"garbage")
        assert Store(path).fault


def test_a_journal_of_unknown_firmware_is_a_fault_and_starts_afresh(directory):
    store = Store(directory + "/state")
    put(store._journal, b"\x63 from the future")
    again = Store(directory + "/state")
    assert again.load_journal().entries == []
    assert again.fault


def test_a_directory_that_can_not_be_made_is_a_fault_but_no_crash(directory):
    store = Store(directory + "/missing/state")
    assert store.load_journal().entries == []
    assert store.sequence.take() == 1
    assert not store.save_journal(Journal())
    assert store.fault


class NoRoom(Journal):
    """A journal for whose record the heap has no piece large enough."""

    def pieces(self):
        raise MemoryError


def test_a_heap_in_pieces_is_a_write_that_failed_and_no_end_of_the_program(directory):
    store = Store(directory)
    store.load_journal()
    assert not store.save_journal(NoRoom())
    assert store.fault
    assert store.save_journal(Journal())
    assert not store.fault
