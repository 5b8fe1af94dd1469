"""The figures of the main road that are not plain spans."""

from bench.road import heap_row


def test_the_heap_is_held_to_its_number_without_what_only_the_virtual_board_takes():
    row = heap_row([(36_000, 12_000), (35_000, 12_500), (40_000, 12_000)])
    assert row.values == {"free": 35_000, "fakes": 12_500, "together": 47_500}
    assert row.meets
    assert not heap_row([(36_000, 12_000), (30_000, 10_000)]).meets
