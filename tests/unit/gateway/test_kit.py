"""A stolen gateway: everything that its folder holds, and what can be made of it."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

from kentongan_wire.frame import parse, seal
from kentongan_wire.keys import ROLE_BUTTON, ROLE_GATEWAY, DeviceKeys, expand
from kentongan_wire.mac import MacKey
from kentongan_wire.press import Press
from kentongan_wire.receipts import Receipt
from tests.support.site import GATEWAY, SITE, TestButton, TestGateway


def secrets_in(folder: Path) -> list[bytes]:
    """Every 32-byte secret in hex anywhere in the kit."""
    found = []
    for path in sorted(folder.iterdir()):
        if path.is_file():
            found += [bytes.fromhex(text) for text in re.findall(r"\b[0-9a-f]{64}\b", path.read_text())]
    return found


def test_no_key_that_the_kit_yields_signs_a_press_or_a_receipt(tmp_path: Path):
    button = TestButton(0xA1B2)
    TestGateway(tmp_path, [button])
    kit = secrets_in(tmp_path)
    assert len(kit) == 3  # its own root, one PSK, one hop key
    derived = list(kit)
    for secret, role, device, site in itertools.product(
        kit, (ROLE_BUTTON, ROLE_GATEWAY), (button.device, GATEWAY), (SITE, "")
    ):
        keys = DeviceKeys(secret, role, device, 1, site)
        derived += [keys.transport, keys.hop_secret]
        derived += [
            expand(secret, f"{role}|{purpose}|{device:08x}|1|".encode()) for purpose in ("up-link", "down-link")
        ]
    press = parse(button.attempt(button.new_press()), (Press,)).payload
    receipt = Receipt(button.identity(button.new_press()), 1, 1, 0, 1)
    for secret in derived:
        forged = parse(seal(press, button.device, 1, MacKey(secret)), (Press,))
        assert not forged.verify(button.keys.up_link)
        lie = parse(seal(receipt, button.device, 1, MacKey(secret)), (Receipt,))
        assert not lie.verify(button.keys.down_link)


def test_the_button_list_holds_nothing_else(tmp_path: Path):
    TestGateway(tmp_path, [TestButton(0xA1B2)])
    (entry,) = json.loads((tmp_path / "buttons.json").read_text())["buttons"]
    assert set(entry) == {"device", "key_id", "psk", "hop", "post"}
