"""Run the golden vectors, on either interpreter: `micropython vectors.py vectors-dir path-entry …`."""

import json
import sys
from binascii import hexlify, unhexlify

if __name__ == "__main__":  # before `typing`, which is one of the shims there
    sys.path[0:0] = sys.argv[2:]

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


def revive(value: "Any", wanted: "Any") -> "Any":
    """JSON back to a payload: the class's own fields, hex as bytes."""
    if isinstance(value, dict) and "hex" in value:
        return unhexlify(value["hex"])
    if isinstance(value, list):
        return tuple([revive(item, wanted) for item in value])
    if isinstance(value, dict):
        for record in wanted:
            if set(record.FIELDS) == set(value):
                return record(*[revive(value[name], wanted) for name in record.FIELDS])
        raise AssertionError("no record has the fields " + ", ".join(value))
    return value


def load(directory: str, name: str) -> "Any":
    with open(directory + "/" + name + ".json") as file:  # noqa: PTH123 - MicroPython has no pathlib
        return json.load(file)


def check_frames(directory: str, check: "Any") -> int:
    from kentongan_wire import armour, command, custody, frame, keys, path_report, press, receipts, supervision

    payloads = (
        press.Press,
        supervision.Heartbeat,
        supervision.HeartbeatAnswer,
        supervision.Behind,
        supervision.SiteReport,
        path_report.PathReport,
        receipts.Receipt,
        receipts.Refusal,
        receipts.Stored,
        command.Command,
        custody.Envelope,
    )
    records = (press.PressBody, press.PressSending, press.PressIdentity, supervision.Beat)
    content = load(directory, "frames")
    roots = {"button": unhexlify(content["button_root"]), "gateway": unhexlify(content["gateway_root"])}
    for vector in content["vectors"]:
        name = vector["name"]
        device_keys = keys.DeviceKeys(
            roots[vector["role"]], vector["role"], vector["device"], vector["key_id"], content["site"]
        )
        key = {"up-link": device_keys.up_link, "down-link": device_keys.down_link, "hop": device_keys.hop}[
            vector["purpose"]
        ]
        wanted = [payload for payload in payloads if payload.__name__ == vector["type"]]
        payload = revive(vector["payload"], wanted + list(records))
        raw = unhexlify(vector["frame"])
        sealed = frame.seal(payload, vector["device"], vector["key_id"], key)
        check(name + ": seal", hexlify(sealed).decode(), vector["frame"])
        parsed = frame.parse(raw, payloads)
        check(name + ": payload", parsed.payload, payload)
        check(name + ": device and key id", (parsed.device, parsed.key_id), (vector["device"], vector["key_id"]))
        check(name + ": MAC", parsed.verify(key), True)
        others = [device_keys.up_link, device_keys.down_link, device_keys.hop]
        check(name + ": one key only", [parsed.verify(other) for other in others].count(True), 1)
        check(name + ": armour", armour.armour(raw), vector["armour"])
        check(name + ": dearmour", armour.dearmour(vector["armour"]), raw)
    return len(content["vectors"])


def check_keys(directory: str, check: "Any") -> int:
    from kentongan_wire import keys

    vectors = load(directory, "keys")["vectors"]
    for vector in vectors:
        key = keys.expand(unhexlify(vector["root"]), vector["info"].encode())
        check(vector["info"], hexlify(key).decode(), vector["key"])
    return len(vectors)


def check_invalid(directory: str, check: "Any") -> int:
    from kentongan_wire import custody, errors, frame, press, supervision

    vectors = load(directory, "invalid")["vectors"]
    for vector in vectors:
        try:
            frame.parse(unhexlify(vector["frame"]), (press.Press, custody.Envelope, supervision.SiteReport))
            reason = "a frame"
        except errors.FrameError as error:
            reason = error.reason
        check(vector["name"], reason, vector["reason"])
    return len(vectors)


def run(directory: str, check: "Any") -> int:
    """Check all files; returns how many vectors were looked at."""
    return check_frames(directory, check) + check_keys(directory, check) + check_invalid(directory, check)


def _expect(name: str, found: object, expected: object) -> None:
    if found != expected:
        print("FAILED", name, "expected", expected, "found", found)
        sys.exit(1)


if __name__ == "__main__":
    print("checked", run(sys.argv[1], _expect))
