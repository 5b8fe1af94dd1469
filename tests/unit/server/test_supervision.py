"""Counters, silence and hoarded heartbeats."""

from __future__ import annotations

import pytest

from kentongan_server.domain.supervision import (
    BUTTON_TROUBLES,
    EARLIER_BOOTS_MAX,
    HOARD_ALLOWED_MS,
    SILENT_AFTER_MS,
    Freshness,
    Watch,
    boot_started,
    fallen_silent,
    freshness,
    gateway_is_back,
    hear,
    troubles_of,
)
from kentongan_server.domain.trouble import TroubleKind
from kentongan_wire import supervision as wire

NOW_MS = 10_000_000


def watch(device: int = 1, *, site: str = "a", is_gateway: bool = False, heard_ms: int = NOW_MS) -> Watch:
    return Watch(device, site, is_gateway, heard_ms)


@pytest.mark.parametrize(
    ("counter", "expected"), [(6, Freshness.FRESH), (5, Freshness.REPEATED), (4, Freshness.STALE), (0, Freshness.STALE)]
)
def test_a_counter_must_rise(counter, expected):
    one = watch()
    hear(one, 1, 5, 7, 1_000, NOW_MS)
    assert freshness(one, 1, counter) is expected


def test_a_new_key_epoch_starts_its_counter_anew():
    one = watch()
    hear(one, 1, 500, 7, 1_000, NOW_MS)
    assert freshness(one, 2, 1) is Freshness.FRESH


def test_what_was_never_heard_is_fresh():
    assert freshness(None, 1, 0) is Freshness.FRESH


@pytest.mark.parametrize(("silence_ms", "fallen"), [(SILENT_AFTER_MS, False), (SILENT_AFTER_MS + 1, True)])
def test_silence_is_a_trouble_after_its_time(silence_ms, fallen):
    gateway, button = watch(9, is_gateway=True), watch(1, heard_ms=NOW_MS - silence_ms)
    assert (fallen_silent([gateway, button], NOW_MS) == [button]) is fallen


def test_a_silent_gateway_is_one_trouble_and_not_one_for_each_button():
    last = NOW_MS - SILENT_AFTER_MS - 1
    gateway = watch(9, is_gateway=True, heard_ms=last)
    buttons = [watch(number, heard_ms=last - 8_000) for number in range(1, 4)]
    assert fallen_silent([gateway, *buttons], NOW_MS) == [gateway]
    gateway.silent = True
    assert fallen_silent([gateway, *buttons], NOW_MS + 3_600_000) == []


def test_a_second_gateway_keeps_the_site_watched():
    last = NOW_MS - SILENT_AFTER_MS - 1
    dead, alive = watch(9, is_gateway=True, heard_ms=last), watch(10, is_gateway=True)
    button = watch(1, heard_ms=last)
    assert fallen_silent([dead, alive, button], NOW_MS) == [dead, button]


def test_another_sites_gateway_speaks_for_nobody_here():
    last = NOW_MS - SILENT_AFTER_MS - 1
    here, there = watch(9, is_gateway=True, heard_ms=last), watch(10, site="b", is_gateway=True)
    assert fallen_silent([here, there, watch(1, heard_ms=last)], NOW_MS) == [here]


def test_a_button_whose_site_has_no_gateway_is_watched_by_the_clock():
    button = watch(1, heard_ms=NOW_MS - SILENT_AFTER_MS - 1)
    assert fallen_silent([button], NOW_MS) == [button]


def test_after_the_gateway_is_back_its_buttons_have_the_whole_time_again():
    last = NOW_MS - 600_000
    gateway, button, other = watch(9, is_gateway=True), watch(1, heard_ms=last), watch(2, site="b", heard_ms=last)
    gateway_is_back([gateway, button, other], "a", NOW_MS)
    assert (button.heard_ms, other.heard_ms) == (NOW_MS, last)


def test_a_gateway_that_comes_and_goes_keeps_no_dead_button_alive():
    gateway, button = watch(9, is_gateway=True), watch(1, heard_ms=NOW_MS)
    now_ms = NOW_MS
    for number in range(1, 10):
        now_ms += SILENT_AFTER_MS + 1_000
        hear(gateway, 1, number, 7, now_ms - NOW_MS, now_ms)
        gateway_is_back([gateway, button], "a", now_ms)
        if button in fallen_silent([gateway, button], now_ms):
            break
    assert number == 2, "excused once, then silent"


def test_a_button_that_was_heard_again_is_excused_again():
    button = watch(1, heard_ms=NOW_MS)
    for number in range(1, 5):
        later_ms = NOW_MS + number * 600_000
        gateway_is_back([button], "a", later_ms)
        assert button.heard_ms == later_ms
        hear(button, 1, number, 7, later_ms - NOW_MS, later_ms + 1_000)


def test_a_button_that_was_silent_before_stays_so():
    button = watch(1, heard_ms=1)
    button.silent = True
    gateway_is_back([button], "a", NOW_MS)
    assert button.heard_ms == 1


def test_hoarded_heartbeats_keep_no_dead_button_alive():
    button = watch(1, heard_ms=0)
    hear(button, 1, 1, 7, 60_000, NOW_MS)  # uptime one minute, on its way for nothing
    dead_since_ms = NOW_MS + 16_000
    for number in range(1, 10):  # the gateway kept those of before and claims each is new
        made_up_ms = dead_since_ms + number * 30_000
        hear(button, 1, 1 + number, 7, 60_000 + number * 1_000, made_up_ms)
    assert button.heard_ms <= NOW_MS + HOARD_ALLOWED_MS + 9_000


def test_honest_heartbeats_of_a_slow_crystal_are_heard_for_months():
    button, drift = watch(1, heard_ms=0), 50e-6
    for day in range(120):
        true_ms = day * 86_400_000
        hear(button, 1, day + 1, 7, int(true_ms * (1 - drift)), NOW_MS + true_ms)
        assert button.heard_ms == NOW_MS + true_ms


def test_the_start_of_a_boot_is_the_earliest_estimate():
    button = watch(1)
    hear(button, 1, 1, 7, 1_000, NOW_MS + 900)
    hear(button, 1, 2, 7, 9_000, NOW_MS + 8_100)
    assert boot_started(button, 7) == NOW_MS - 900
    hear(button, 1, 3, 7, 17_000, NOW_MS + 30_000)
    assert boot_started(button, 7) == NOW_MS - 900


def test_earlier_boots_are_remembered_and_bounded():
    button = watch(1)
    for boot in range(1, EARLIER_BOOTS_MAX + 3):
        hear(button, 1, boot, boot, 1_000, NOW_MS + boot)
    assert boot_started(button, 2) == NOW_MS + 2 - 1_000
    assert boot_started(button, 1) is None
    assert boot_started(None, 1) is None


def test_state_bits_are_troubles_by_one_table():
    state = wire.BUTTON_TAMPER | wire.BUTTON_LATCHED | wire.BUTTON_CLOCK_UNSET
    assert troubles_of(state, BUTTON_TROUBLES) == {TroubleKind.TAMPER}
