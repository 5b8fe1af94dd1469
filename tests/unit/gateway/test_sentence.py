"""The plain sentence: short, in letters of every telephone, with a time only when somebody knows it."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kentongan_gateway.core.moment import Moment
from kentongan_gateway.core.sentence import ZONES, pressed_ms, sentence
from kentongan_wire.armour import SMS_CHARACTERS
from kentongan_wire.press import CLOCK_HELD, CLOCK_UNSET, KIND_HOLD_UP, PATH_MQTT, Press, PressBody, PressSending

AT_0705_UTC = 1_790_060_700_000


def press(*, wall_ms: int = 0, clock: int = CLOCK_UNSET, boot_now: int = 7) -> Press:
    """Pressed at uptime 1 s, sent at 3 s."""
    body = PressBody(1, bytes(8), KIND_HOLD_UP, 1, 7, 1_000, wall_ms, clock)
    return Press(body, PressSending(3_000, boot_now, 1, 0, PATH_MQTT, 0, -60, 0, 0))


@pytest.mark.parametrize(("zone", "time"), [("WIB", "14:05"), ("WITA", "15:05"), ("WIT", "16:05")])
def test_it_names_site_post_and_time(zone: str, time: str):
    text = sentence("Bank Contoh", "Loket 2", AT_0705_UTC, zone)
    assert text == f"ALARM dari Bank Contoh, Loket 2, pukul {time} {zone}. Pusat belum menjawab."


def test_it_names_no_time_that_nobody_knows():
    assert sentence("Bank", "Loket", None, "WIB") == "ALARM dari Bank, Loket. Pusat belum menjawab."


def test_letters_of_other_alphabets_do_not_spoil_the_message():
    assert sentence("Café Ölüdeniz\n№5", "Pos @_[1]", None, "WIB").startswith("ALARM dari Cafe Oludeniz No5, Pos 1.")


@given(st.text(), st.text(), st.none() | st.integers(0, 2**63), st.sampled_from(list(ZONES)))
def test_it_is_always_one_message_of_plain_letters(site: str, post: str, at_ms: int | None, zone: str):
    text = sentence(site, post, at_ms, zone)
    assert len(text) <= SMS_CHARACTERS
    assert text.isascii()
    assert text.isprintable()


def test_the_time_is_the_buttons_when_its_clock_was_set():
    now = Moment("a", 10_000, AT_0705_UTC + 99_000)
    assert pressed_ms(press(wall_ms=AT_0705_UTC, clock=CLOCK_HELD), now, now) == AT_0705_UTC
    assert pressed_ms(press(wall_ms=AT_0705_UTC), now, now) != AT_0705_UTC


def test_else_it_is_counted_back_from_the_gateways_clock():
    arrived, now = Moment("a", 10_000, None), Moment("a", 70_000, AT_0705_UTC)
    assert pressed_ms(press(), arrived, now) == AT_0705_UTC - 60_000 - 2_000


def test_and_it_is_never_invented():
    arrived, now = Moment("a", 10_000, None), Moment("a", 70_000, AT_0705_UTC)
    assert pressed_ms(press(), arrived, dataclasses.replace(now, wall_ms=None)) is None
    assert pressed_ms(press(boot_now=8), arrived, now) is None
    assert pressed_ms(press(), dataclasses.replace(arrived, boot="before"), now) is None
