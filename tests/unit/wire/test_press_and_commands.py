"""Small rules of the wire that vectors do not show."""

import pytest

from kentongan_wire import frame, supervision, topics
from kentongan_wire.command import COMMAND_REPORT_NOW, Command, CommandGuard
from kentongan_wire.custody import INNER_MAX, Envelope
from kentongan_wire.errors import FrameError
from kentongan_wire.mac import MacKey
from kentongan_wire.press import Press, PressBody, PressIdentity, PressSending

KEY = MacKey(b"k")


def press(pressed_boot: int, pressed_ms: int, sent_boot: int, sent_ms: int) -> Press:
    return Press(
        PressBody(1, bytes(8), 1, 1, pressed_boot, pressed_ms, 0, 0),
        PressSending(sent_ms, sent_boot, 1, 0, 1, 0, -128, 0, 0),
    )


def test_the_age_of_a_press_is_the_difference_of_uptimes_of_one_boot() -> None:
    assert press(7, 1_000, 7, 4_500).age_ms() == 3_500


@pytest.mark.parametrize(("boot", "sent_ms"), [(8, 4_500), (7, 999)])
def test_the_age_across_a_reboot_is_unknown_never_invented(boot: int, sent_ms: int) -> None:
    assert press(7, 1_000, boot, sent_ms).age_ms() is None


def test_a_press_is_known_by_device_sequence_and_nonce() -> None:
    one = press(7, 1, 7, 1).identity(5)
    assert one == PressIdentity(5, 1, bytes(8))
    assert hash(one) == hash(PressIdentity(5, 1, bytes(8)))
    assert one != PressIdentity(6, 1, bytes(8))
    assert one != PressIdentity(5, 2, bytes(8))
    assert one != PressIdentity(5, 1, b"12345678")


def test_a_command_is_taken_once_in_its_own_boot_and_time() -> None:
    guard = CommandGuard(boot_id=7)
    assert guard.take(Command(1, 7, 1_000, COMMAND_REPORT_NOW), 900)
    assert not guard.take(Command(1, 7, 1_000, COMMAND_REPORT_NOW), 901), "replayed"
    assert not guard.take(Command(2, 8, 1_000, COMMAND_REPORT_NOW), 901), "of another boot"
    assert not guard.take(Command(2, 7, 1_000, COMMAND_REPORT_NOW), 1_001), "expired"
    assert guard.take(Command(3, 7, 2_000, COMMAND_REPORT_NOW), 1_001)


def test_a_receiver_takes_only_the_types_it_names() -> None:
    raw = frame.seal(press(1, 1, 1, 1), 1, 1, KEY)
    with pytest.raises(FrameError, match="type: 0x01 is not accepted here"):
        frame.parse(raw, (supervision.Heartbeat,))


@pytest.mark.parametrize(("device", "key_id"), [(0, 1), (2**32, 1), (1, 256), (1, -1)])
def test_nobody_seals_for_a_device_or_key_that_cannot_be(device: int, key_id: int) -> None:
    with pytest.raises(FrameError, match="value"):
        frame.seal(press(1, 1, 1, 1), device, key_id, KEY)


def test_what_would_not_fit_is_refused_when_sealed() -> None:
    with pytest.raises(FrameError, match="oversize"):
        frame.seal(Envelope(0, 0, bytes(INNER_MAX + 1)), 1, 1, KEY)
    beats = tuple(supervision.Beat(0, b"") for _ in range(supervision.BEATS_MAX + 1))
    with pytest.raises(FrameError, match="oversize"):
        frame.seal(supervision.SiteReport(1, 1, 1, 1, 0, 0, 0, 0, beats), 1, 1, KEY)
    full = tuple(supervision.Beat(0, bytes(200)) for _ in range(supervision.BEATS_MAX))
    with pytest.raises(FrameError, match="oversize: expected at most 8192 bytes"):
        frame.seal(supervision.SiteReport(1, 1, 1, 1, 0, 0, 0, 0, full), 1, 1, KEY)


@pytest.mark.parametrize("site", ["", "Bank", "bank/1", "bank+", "#", "b" * 33, "toko emas"])
def test_a_site_code_is_one_harmless_topic_level(site: str) -> None:
    with pytest.raises(FrameError, match="site code"):
        topics.check_site(site)
