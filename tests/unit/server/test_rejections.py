"""Rejections: exact counts, one row for one cause, and a flood that does not drown the stream of alarms."""

from __future__ import annotations

from functools import partial

import pytest

from kentongan_server.adapters.transaction import (
    ARRIVALS_KEPT_MS,
    REJECTION_MERGE_MS,
    REJECTION_ROWS,
    REJECTION_SAMPLE,
    REJECTIONS_TOLD,
    REJECTIONS_TOLD_EVERY_MS,
)
from kentongan_server.application.ports import Arrival, StoreError
from kentongan_server.application.rejections import LISTED_A_SECOND, SECOND_MS, list_rejection, sent_once
from kentongan_server.domain.verdict import REFUSAL_CODES, Part, Reason, Rejected, Why, because
from kentongan_wire.receipts import REFUSAL_REASONS
from tests.support.direct_centre import T0_MS, DirectCentre

MAC = because(Why.MAC)


@pytest.fixture
def centre() -> DirectCentre:
    return DirectCentre()


def refuse(
    centre: DirectCentre, raw: bytes, *, at_ms: int = 0, reason: Reason = Reason.BAD_MAC, device: int | None = 5
) -> bool:
    rejected = Rejected(reason, Part.PRESS, MAC, "0000005a", device, raw)
    arrival = sent_once(raw, T0_MS + at_ms)
    listed: bool = centre.store.run(lambda register: list_rejection(register, rejected, arrival, T0_MS + at_ms))
    return listed


def counts(centre: DirectCentre) -> list[tuple[str, int]]:
    return centre.rows("SELECT reason, count FROM rejection ORDER BY id")


def test_repeats_of_one_cause_from_one_sender_are_one_row(centre: DirectCentre) -> None:
    for number in range(5):
        assert refuse(centre, b"%d" % number)
    refuse(centre, b"other cause", reason=Reason.MALFORMED)
    refuse(centre, b"other sender", device=6)
    refuse(centre, b"no sender", device=None)
    refuse(centre, b"no sender again", device=None)
    assert counts(centre) == [("bad-mac", 5), ("malformed", 1), ("bad-mac", 1), ("bad-mac", 2)]


def test_after_a_pause_a_new_row_begins(centre: DirectCentre) -> None:
    refuse(centre, b"a")
    refuse(centre, b"b", at_ms=REJECTION_MERGE_MS)
    refuse(centre, b"c", at_ms=2 * REJECTION_MERGE_MS + 1)
    assert counts(centre) == [("bad-mac", 2), ("bad-mac", 1)]


def test_the_same_arrival_is_counted_once(centre: DirectCentre) -> None:
    assert refuse(centre, b"a")
    assert not refuse(centre, b"a", at_ms=1_000)
    assert refuse(centre, b"a", at_ms=ARRIVALS_KEPT_MS)
    assert sum(count for _, count in counts(centre)) == 2


def test_what_was_counted_long_ago_is_forgotten(centre: DirectCentre) -> None:
    refuse(centre, b"a")
    refuse(centre, b"b", at_ms=ARRIVALS_KEPT_MS + 1)
    assert centre.rows("SELECT count(*) FROM rejection_arrival") == [(1,)]


def test_arrivals_are_told_apart_by_their_moment(centre: DirectCentre) -> None:
    rejected = Rejected(Reason.BAD_MAC, Part.PRESS, MAC, "0000005a", 5, b"a")
    for at_ms, listed in ((0, True), (5_000, False), (-5_000, False), (5_001, True)):
        arrival = Arrival(b"digest", T0_MS + at_ms, 5_000)
        work = partial(list_rejection, rejected=rejected, arrival=arrival, at_ms=T0_MS)
        assert centre.store.run(work) is listed


def test_a_flood_is_counted_exactly_and_told_now_and_then(centre: DirectCentre) -> None:
    flood, every_ms = 3_000, 20
    for number in range(flood):
        refuse(centre, b"%d" % number, at_ms=number * every_ms)
    assert counts(centre) == [("bad-mac", flood)]
    (told,) = centre.rows("SELECT count(*) FROM feed WHERE kind = 'rejection'")[0]
    assert REJECTIONS_TOLD < told <= REJECTIONS_TOLD + flood * every_ms / REJECTIONS_TOLD_EVERY_MS + 1


def test_somebody_who_claims_to_be_everybody_fills_no_page(centre: DirectCentre) -> None:
    claimed = 3 * REJECTION_ROWS
    for number in range(1, claimed + 1):
        refuse(centre, b"%d" % number, device=number, at_ms=number)
    found = counts(centre)
    assert len(found) == REJECTION_ROWS + 1
    assert sum(count for _, count in found) == claimed


def test_what_was_refused_is_kept_in_part_only(centre: DirectCentre) -> None:
    refuse(centre, b"x" * 8_000)
    assert centre.rows("SELECT size, length(sample) FROM rejection") == [(8_000, REJECTION_SAMPLE)]


def test_a_flood_from_one_source_costs_a_count_and_delays_nobody(centre: DirectCentre) -> None:
    """Who sends more than any gateway would is counted exactly, by one commit a second."""
    flood, listed_at_once = 5 * LISTED_A_SECOND, 0
    before = centre.store.commits

    async def take(number: int, source: str = "0000005a") -> bool:
        rejected = Rejected(Reason.BAD_MAC, Part.PRESS, MAC, source, number, b"%d" % number)
        return await centre.rejections.list(rejected, sent_once(rejected.raw, T0_MS), T0_MS)

    for number in range(1, flood + 1):
        listed_at_once += centre.run(take(number))
    assert listed_at_once == LISTED_A_SECOND
    assert centre.run(take(7, "0000005b")), "another gateway's are listed one by one"
    centre.run(centre.rejections.flush())
    assert centre.rows("SELECT sum(count) FROM rejection WHERE source = '0000005a'") == [(flood,)]
    assert centre.store.commits - before == LISTED_A_SECOND + 2
    centre.clock.now_ms += SECOND_MS
    assert centre.run(take(flood + 1))


def test_a_counted_flood_outlives_a_store_that_fails_for_a_while(centre: DirectCentre) -> None:
    async def take(number: int) -> None:
        rejected = Rejected(Reason.BAD_MAC, Part.PRESS, MAC, "0000005a", 5, b"%d" % number)
        await centre.rejections.list(rejected, sent_once(rejected.raw, T0_MS), T0_MS)

    for number in range(LISTED_A_SECOND + 10):
        centre.run(take(number))
    centre.store.error = StoreError("full.")
    with pytest.raises(StoreError):
        centre.run(centre.rejections.flush())
    centre.run(take(1_000))
    centre.store.error = None
    centre.run(centre.rejections.flush())
    assert centre.rows("SELECT sum(count) FROM rejection") == [(LISTED_A_SECOND + 11,)]


def test_every_reason_is_told_to_gateways_with_a_code_of_the_wire() -> None:
    assert REFUSAL_CODES.keys() == set(Reason)
    assert all(0 < code < len(REFUSAL_REASONS) for code in REFUSAL_CODES.values())
