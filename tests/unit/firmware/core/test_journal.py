"""The journal's record."""

from kentongan_button.core.journal import CAPACITY, Entry, Journal
from kentongan_wire.press import REPEATS_MAX, PressIdentity
from tests.support.portable import DEVICE, body, copy, nonce, raises


def full_journal():
    journal = Journal()
    journal.latch = (1, nonce(1))
    journal.overflow = True
    journal.incarnation = 0xFFFFFFFF
    for sequence in range(1, CAPACITY + 1):
        journal.entries.append(Entry(body(sequence), repeats=sequence, level=sequence % 6, revision=sequence * 7))
    return journal


def test_everything_that_must_survive_comes_back():
    journal = full_journal()
    again = copy(journal)
    assert (again.latch, again.overflow, again.incarnation) == ((1, nonce(1)), True, 0xFFFFFFFF)
    assert len(again.entries) == CAPACITY
    for before, after in zip(journal.entries, again.entries):  # noqa: B905 - not on MicroPython
        assert after.body == before.body
        assert (after.repeats, after.level, after.revision) == (before.repeats, before.level, before.revision)
    assert again.encode() == journal.encode()


def test_an_empty_journal_comes_back_empty():
    again = copy(Journal())
    assert (again.entries, again.latch, again.overflow, again.incarnation) == ([], None, False, 0)


def test_a_full_journal_fits_one_flash_block():
    assert len(full_journal().encode()) < 2_048


def test_another_version_or_length_is_refused():
    record = full_journal().encode()
    for broken in (b"", record[:-1], record + b"x", b"\x02" + record[1:]):
        assert "expected version 1" in str(raises(ValueError, Journal.decode, broken))


def test_repeats_stop_at_what_the_wire_can_say():
    entry = Entry(body(1), repeats=REPEATS_MAX)
    entry.repeat()
    assert entry.repeats == REPEATS_MAX


def test_an_entry_knows_its_identity():
    assert Entry(body(9)).identity(DEVICE) == PressIdentity(DEVICE, 9, nonce(9))
