"""Write the golden vectors of wire/vectors/ anew.

Run it only when the wire protocol changes on purpose: both interpreters are held to these
files, and a device in the field speaks what they say.
"""

import json
from pathlib import Path

from kentongan_wire import armour, frame, keys
from kentongan_wire.armour_dense import sms_text
from kentongan_wire.command import COMMAND_REPORT_NOW, Command
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, Envelope
from kentongan_wire.path_report import CAUSE_MAIN_LOST, CAUSE_PERIODIC, PathReport
from kentongan_wire.press import (
    CLOCK_SET,
    CONTACT_A,
    CONTACT_B,
    KIND_HOLD_UP,
    PATH_MQTT,
    PATH_SMS,
    Press,
    PressBody,
    PressIdentity,
    PressSending,
)
from kentongan_wire.receipts import LEVEL_ACKNOWLEDGED, LEVEL_RECEIVED, REFUSED_BAD_MAC, Receipt, Refusal, Stored
from kentongan_wire.record import Payload, Record
from kentongan_wire.supervision import BUTTON_LATCHED, Beat, Behind, Heartbeat, HeartbeatAnswer, SiteReport

VECTORS = Path(__file__).resolve().parents[2] / "wire" / "vectors"
BUTTON, GATEWAY, KEY_ID, SITE = 0x0000A1B2, 0x00C0FFEE, 1, "bank-pahlawan"
BUTTON_ROOT, GATEWAY_ROOT = bytes(range(32)), bytes(range(32, 64))
BUTTON_KEYS = keys.DeviceKeys(BUTTON_ROOT, keys.ROLE_BUTTON, BUTTON, KEY_ID, SITE)
GATEWAY_KEYS = keys.DeviceKeys(GATEWAY_ROOT, keys.ROLE_GATEWAY, GATEWAY, KEY_ID, SITE)
SMS_FRAME_MAX = 117  # bytes: longer ones never travel by SMS
NONCE = bytes.fromhex("0123456789abcdef")
WALL_MS = 1_768_000_000_000


def plain(value: object) -> object:
    """A payload's fields as JSON: bytes as hex, records as objects."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, Record):
        return {name: plain(getattr(value, name)) for name in value.FIELDS}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def payloads() -> list[tuple[str, int, str, Payload]]:
    """(name, device, key purpose, payload), at least one of every type."""
    body = PressBody(1, NONCE, KIND_HOLD_UP, CONTACT_A | CONTACT_B, 0xDEADBEEF, 61_000, WALL_MS, CLOCK_SET)
    extreme = PressBody(2**32 - 1, b"\xff" * 8, 255, 255, 2**32 - 1, 2**64 - 1, 2**64 - 1, 255)
    first = Press(body, PressSending(61_012, 0xDEADBEEF, 1, 0, PATH_MQTT, 3_700, -61, 0, 0))
    last = Press(extreme, PressSending(2**64 - 1, 2**32 - 1, 65_535, 65_535, PATH_SMS, 65_535, -128, 2**32 - 1, 65_535))
    zero = Press(PressBody(0, bytes(8), 0, 0, 0, 0, 0, 0), PressSending(0, 0, 0, 0, 0, 0, 0, 0, 0))
    beat = Heartbeat(
        7, 0xDEADBEEF, 90_000, WALL_MS, CLOCK_SET, BUTTON_LATCHED, 3_700, -61, 1, 1, NONCE, 1, 1, 0x00010000
    )
    identity = PressIdentity(BUTTON, 1, NONCE)
    pressed = frame.seal(first, BUTTON, KEY_ID, BUTTON_KEYS.up_link)
    beaten = frame.seal(beat, BUTTON, KEY_ID, BUTTON_KEYS.up_link)
    spoken = (8, 0xDEADBEEF, 3_600_000, WALL_MS, CLOCK_SET)
    report = (3, 0xFEEDF00D, 5_000, WALL_MS, 0, 1, 40, 2)
    return [
        ("press, first attempt", BUTTON, keys.UP_LINK, first),
        ("press, every field at its end", BUTTON, keys.UP_LINK, last),
        ("press, every field zero", BUTTON, keys.UP_LINK, zero),
        ("heartbeat", BUTTON, keys.UP_LINK, beat),
        ("path report of a button", BUTTON, keys.UP_LINK, PathReport(*spoken, CAUSE_PERIODIC, BUTTON_LATCHED, 1, -61)),
        ("receipt: received", BUTTON, keys.DOWN_LINK, Receipt(identity, LEVEL_RECEIVED, 1, WALL_MS, 42)),
        ("receipt: acknowledged", BUTTON, keys.DOWN_LINK, Receipt(identity, LEVEL_ACKNOWLEDGED, 2, WALL_MS, 42, 3)),
        ("heartbeat answer", BUTTON, keys.DOWN_LINK, HeartbeatAnswer(7, 0xDEADBEEF, WALL_MS, 42)),
        ("command", BUTTON, keys.DOWN_LINK, Command(1, 0xDEADBEEF, 120_000, COMMAND_REPORT_NOW)),
        ("stored", BUTTON, keys.HOP, Stored(1, NONCE)),
        ("envelope", GATEWAY, keys.UP_LINK, Envelope(12, ENVELOPE_IN_CUSTODY, pressed)),
        ("envelope, empty", GATEWAY, keys.UP_LINK, Envelope(0, 0, b"")),
        ("site report", GATEWAY, keys.UP_LINK, SiteReport(*report, (Beat(700, beaten),))),
        ("site report, no heartbeats", GATEWAY, keys.UP_LINK, SiteReport(*report, ())),
        ("path report of a gateway", GATEWAY, keys.UP_LINK, PathReport(*spoken, CAUSE_MAIN_LOST, 0, 0, -128)),
        ("receipt for the gateway", GATEWAY, keys.DOWN_LINK, Receipt(identity, LEVEL_RECEIVED, 1, WALL_MS, 42)),
        ("refusal", GATEWAY, keys.DOWN_LINK, Refusal(b"\x5a" * 16, REFUSED_BAD_MAC)),
        ("behind", GATEWAY, keys.DOWN_LINK, Behind(0xFFFFFFFE, 0xFEEDF00D)),
    ]


def frame_vectors() -> list[dict[str, object]]:
    """Every payload sealed, with all that is needed to do it again."""
    rows: list[dict[str, object]] = []
    for name, device, purpose, payload in payloads():
        of_button = device == BUTTON
        device_keys = BUTTON_KEYS if of_button else GATEWAY_KEYS
        key = {keys.UP_LINK: device_keys.up_link, keys.DOWN_LINK: device_keys.down_link, keys.HOP: device_keys.hop}
        raw = frame.seal(payload, device, KEY_ID, key[purpose])
        rows.append(
            {
                "name": name,
                "type": type(payload).__name__,
                "role": keys.ROLE_BUTTON if of_button else keys.ROLE_GATEWAY,
                "device": device,
                "key_id": KEY_ID,
                "purpose": purpose,
                "payload": plain(payload),
                "frame": raw.hex(),
                "armour": armour.armour(raw),
                "sms": sms_text(raw) if len(raw) <= SMS_FRAME_MAX else None,
            }
        )
    return rows


def key_vectors() -> list[dict[str, object]]:
    """The four keys of the two devices, as hex, by their labels."""
    rows: list[dict[str, object]] = []
    for role, root, device in (
        (keys.ROLE_BUTTON, BUTTON_ROOT, BUTTON),
        (keys.ROLE_GATEWAY, GATEWAY_ROOT, GATEWAY),
    ):
        for purpose in (keys.UP_LINK, keys.DOWN_LINK, keys.TRANSPORT, keys.HOP):
            site = SITE if purpose in (keys.TRANSPORT, keys.HOP) else ""
            info = keys.label(role, purpose, device, KEY_ID, site)
            rows.append({"root": root.hex(), "info": info.decode(), "key": keys.expand(root, info).hex()})
    return rows


def invalid_vectors() -> list[dict[str, object]]:
    """Bytes that are no frame, with the reason that every decoder must give."""
    good = frame.seal(payloads()[0][3], BUTTON, KEY_ID, BUTTON_KEYS.up_link)
    report = next(bytes.fromhex(str(row["frame"])) for row in frame_vectors() if row["name"] == "site report")
    return [
        {"name": "empty", "frame": "", "reason": "truncated"},
        {"name": "shorter than header and MAC", "frame": good[:23].hex(), "reason": "truncated"},
        {"name": "press cut by one byte", "frame": good[:-1].hex(), "reason": "length"},
        {"name": "press with one byte more", "frame": (good + b"\x00").hex(), "reason": "length"},
        {"name": "version 0", "frame": (b"\x00" + good[1:]).hex(), "reason": "version"},
        {"name": "version 2", "frame": (b"\x02" + good[1:]).hex(), "reason": "version"},
        {"name": "type nobody knows", "frame": (good[:1] + b"\x3f" + good[2:]).hex(), "reason": "type"},
        {"name": "reserved byte in use", "frame": (good[:3] + b"\x01" + good[4:]).hex(), "reason": "value"},
        {"name": "device 0", "frame": (good[:4] + bytes(4) + good[8:]).hex(), "reason": "value"},
        {"name": "report whose heartbeat runs over", "frame": (report[:-20] + report[-16:]).hex(), "reason": "length"},
    ]


def main() -> None:
    """Write the three files."""
    VECTORS.mkdir(exist_ok=True)
    common = {"button_root": BUTTON_ROOT.hex(), "gateway_root": GATEWAY_ROOT.hex(), "site": SITE}
    for name, content in (
        ("frames", {**common, "vectors": frame_vectors()}),
        ("keys", {"vectors": key_vectors()}),
        ("invalid", {"vectors": invalid_vectors()}),
    ):
        (VECTORS / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
