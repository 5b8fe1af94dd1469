"""Evidence for a counter that went backwards, and what is none."""

from __future__ import annotations

import pytest

from kentongan_server.domain.sequence import OTHER_BOOT_MARGIN_MS, Arrived, Known, Neighbours, went_backwards

NOW_MS = 1_790_000_000_000
NONE = Neighbours(same=False, below=None, above=None, highest=None)


def arrived(sequence: int, uptime_ms: int = 50_000, boot_id: int = 7, counted: int | None = NOW_MS) -> Arrived:
    return Arrived(sequence, boot_id, uptime_ms, counted)


def test_the_first_press_of_a_device_is_no_evidence():
    assert not went_backwards(arrived(9), NONE)


def test_the_same_sequence_with_another_nonce_is():
    assert went_backwards(arrived(9), Neighbours(same=True, below=None, above=None, highest=None))


@pytest.mark.parametrize(("uptime_ms", "rewound"), [(59_000, False), (60_000, False), (61_000, True)])
def test_in_one_boot_a_lower_sequence_must_be_an_earlier_press(uptime_ms, rewound):
    above = Known(10, 7, 60_000, NOW_MS)
    neighbours = Neighbours(same=False, below=None, above=above, highest=above)
    assert went_backwards(arrived(9, uptime_ms), neighbours) is rewound


@pytest.mark.parametrize(("uptime_ms", "rewound"), [(59_000, True), (60_000, False), (61_000, False)])
def test_in_one_boot_a_higher_sequence_must_be_a_later_press(uptime_ms, rewound):
    below = Known(8, 7, 60_000, NOW_MS)
    neighbours = Neighbours(same=False, below=below, above=None, highest=below)
    assert went_backwards(arrived(9, uptime_ms), neighbours) is rewound


def test_a_lower_sequence_that_arrives_late_is_none():
    highest = Known(40, 8, 1_000, NOW_MS - 3_600_000)
    earlier = NOW_MS - 7_200_000
    assert not went_backwards(
        arrived(9, counted=earlier), Neighbours(same=False, below=None, above=None, highest=highest)
    )


def test_a_lower_sequence_of_unknown_age_is_none():
    highest = Known(40, 8, 1_000, NOW_MS - 86_400_000)
    assert not went_backwards(arrived(9, counted=None), Neighbours(same=False, below=None, above=None, highest=highest))


@pytest.mark.parametrize(("since_ms", "rewound"), [(OTHER_BOOT_MARGIN_MS, False), (OTHER_BOOT_MARGIN_MS + 1, True)])
def test_a_lower_sequence_pressed_well_after_a_higher_one_had_arrived_is(since_ms, rewound):
    highest = Known(40, 8, 1_000, NOW_MS - since_ms)
    assert went_backwards(arrived(9), Neighbours(same=False, below=None, above=None, highest=highest)) is rewound


def test_a_higher_sequence_from_another_boot_is_none():
    highest = Known(40, 8, 1_000, NOW_MS - 86_400_000)
    assert not went_backwards(arrived(41), Neighbours(same=False, below=None, above=None, highest=highest))
