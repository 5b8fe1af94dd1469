"""docs/wire-protocol.md is normative, so it may not drift from the code."""

import re
from pathlib import Path

import pytest

from kentongan_wire import frame
from kentongan_wire.armour_dense import sms_text
from kentongan_wire.command import Command
from kentongan_wire.custody import Envelope
from kentongan_wire.mac import MacKey
from kentongan_wire.path_report import PathReport
from kentongan_wire.press import BODY_SIZE, SENDING_SIZE, Press, PressBody, PressIdentity, PressSending
from kentongan_wire.receipts import REFUSAL_REASONS, Receipt, Refusal, Stored
from kentongan_wire.record import Payload
from kentongan_wire.supervision import Beat, Behind, Heartbeat, HeartbeatAnswer, SiteReport
from tests.support.payloads import ALL_PAYLOADS

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "wire-protocol.md").read_text()
NAMES = {
    Press: PressBody.FIELDS + PressSending.FIELDS,
    Receipt: ("press.device", "press.sequence", "press.nonce", *Receipt.FIELDS[1:]),
}
PRESS = Press(PressBody(1, bytes(8), 1, 1, 1, 1, 1, 1), PressSending(*range(1, 10)))
ZERO: dict[type[Payload], Payload] = {
    Press: PRESS,
    Heartbeat: Heartbeat(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, bytes(8), 0, 0, 0),
    HeartbeatAnswer: HeartbeatAnswer(0, 0, 0, 0),
    Behind: Behind(0, 0),
    Command: Command(0, 0, 0, 0),
    Receipt: Receipt(PressIdentity(1, 0, bytes(8)), 1, 1, 0, 0),
    Stored: Stored(1, bytes(8)),
    Refusal: Refusal(bytes(16), 1),
    Envelope: Envelope(0, 0, b""),
    PathReport: PathReport(0, 0, 0, 0, 0, 0, 0, 0, 0),
    SiteReport: SiteReport(0, 0, 0, 0, 0, 0, 0, 0, ()),
}


def table(heading: str) -> tuple[int, list[tuple[str, str]]]:
    """The size in a payload's heading and the (bytes, field) rows below it."""
    section = re.search(rf"### {heading} \((\d+) bytes[^)]*\)\n(.*?)(?=\n#|\Z)", DOCUMENT, re.DOTALL)
    assert section, heading
    return int(section[1]), re.findall(r"^\| (\d+|n) \| ([\w.]+) \|", section[2], re.MULTILINE)


@pytest.mark.parametrize("payload", ALL_PAYLOADS)
def test_the_table_of_a_payload_is_its_layout(payload: type[Payload]) -> None:
    size, rows = table(payload.__name__)
    assert sum(int(width) for width, _ in rows if width != "n") == size
    assert tuple(field for _, field in rows) == NAMES.get(payload, payload.FIELDS)
    assert len(ZERO[payload].encode()) == size


@pytest.mark.parametrize("payload", ALL_PAYLOADS)
def test_the_table_of_types_names_every_payload(payload: type[Payload]) -> None:
    assert f"| `0x{payload.TYPE:02x}` | {payload.__name__} |" in DOCUMENT


def sms_characters(payload: Payload) -> int:
    return len(sms_text(frame.seal(payload, 1, 1, MacKey(b"k"))))


def test_sizes_told_in_words_are_true() -> None:
    assert table("Press")[0] == BODY_SIZE + SENDING_SIZE
    assert f"takes {sms_characters(PRESS)} of the\n160 characters" in DOCUMENT
    assert f"a receipt {sms_characters(ZERO[Receipt])}, a path report {sms_characters(ZERO[PathReport])}." in DOCUMENT
    carried = Envelope(0, 0, frame.seal(PRESS, 1, 1, MacKey(b"k")))
    assert f"envelope around a press takes {sms_characters(carried)}." in DOCUMENT
    assert len(Beat(0, b"").as_tuple()) == 2
    for number, reason in enumerate(REFUSAL_REASONS):
        assert not reason or f"{number} {reason.replace('mac', 'MAC')}" in DOCUMENT
