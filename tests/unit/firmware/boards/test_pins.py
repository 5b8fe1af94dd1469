"""Pin maps against what the ESP32-S3-WROOM-1-N8R8 forbids."""

from __future__ import annotations

import pytest

from kentongan_button.boards import desk, guard_post
from kentongan_button.config import CONTACTS
from kentongan_button.core.loop import ALARM_FROM_MV

STRAPS = {0, 3, 45, 46}
USB = {19, 20}
FLASH_AND_PSRAM = set(range(26, 38))
CONSOLE = {43, 44}
ADC1 = set(range(1, 11))
EXISTING = set(range(22)) | set(range(26, 49))
MODEM_STATUS = {48}  # kept free

both = pytest.mark.parametrize("board", [guard_post, desk], ids=lambda board: board.VARIANT)


def pins_of(board) -> list[int]:
    single = [board.BATTERY_ADC, board.KEY_RESET, board.TAMPER, board.MAINS_LOST, board.LAMP]
    motor = [board.VIBRATION] if board.VIBRATION >= 0 else []
    modem = [board.MODEM_TX, board.MODEM_RX, board.MODEM_KEY]
    return [*board.CONTACT_ADC, *board.CONTACT_EDGE, *single, *motor, *modem]


@both
def test_no_pin_serves_two_ends(board):
    assert len(set(pins_of(board))) == len(pins_of(board))


@both
def test_no_pin_is_one_that_the_module_needs(board):
    assert not set(pins_of(board)) & (STRAPS | USB | FLASH_AND_PSRAM | CONSOLE | MODEM_STATUS)
    assert set(pins_of(board)) <= EXISTING


@both
def test_analogue_inputs_are_on_the_converter_that_wifi_leaves_alone(board):
    assert {*board.CONTACT_ADC, board.BATTERY_ADC} <= ADC1


@both
def test_each_contact_has_a_loop_and_an_edge(board):
    assert len(board.CONTACT_ADC) == len(board.CONTACT_EDGE)


@both
def test_the_comparator_trips_where_the_decoder_sees_an_alarm(board):
    assert board.COMPARATOR_MV == ALARM_FROM_MV


def test_each_way_to_press_has_a_board():
    assert {"two-button": len(guard_post.CONTACT_ADC), "recessed": len(desk.CONTACT_ADC)} == CONTACTS
