"""Key derivation: every key of a device from its one root secret (HKDF-SHA256, RFC 5869).

The centre keeps root secrets sealed. A gateway is given only `transport` and `hop` of its own
site's buttons, so that a stolen gateway can forge neither a press nor a receipt.
"""

from kentongan_wire.mac import DIGEST_SIZE, MacKey, PadKey

ROOT_SIZE = 32  # bytes: 256-bit root secret
_SALT = b"kentongan/1"

ROLE_BUTTON = "button"
ROLE_GATEWAY = "gateway"

UP_LINK = "up-link"  # device → centre: presses, heartbeats, envelopes, site reports
DOWN_LINK = "down-link"  # centre → device: receipts, heartbeat answers, commands, refusals
TRANSPORT = "transport"  # the TLS-PSK key of the site's Wi-Fi hop
HOP = "hop"  # gateway → button: `stored`, which claims nothing of the centre


def expand(root: bytes, info: bytes) -> bytes:
    """HKDF extract and one block of expand: 32 bytes bound to `info`.

    Raises:
        ValueError: the root secret is not `ROOT_SIZE` bytes.
    """
    if len(root) != ROOT_SIZE:
        raise ValueError("root secret: expected %d bytes, got %d" % (ROOT_SIZE, len(root)))
    pseudo_random_key = PadKey(_SALT).digest(root)
    return PadKey(pseudo_random_key).digest(info + b"\x01")[:DIGEST_SIZE]


def label(role: str, purpose: str, device: int, key_id: int, site: str) -> bytes:
    """The `info` of a derivation; the separators can occur in none of the parts."""
    return ("%s|%s|%08x|%d|%s" % (role, purpose, device, key_id, site)).encode()


class DeviceKeys:
    """The keys of one device and key epoch.

    `up_link` and `down_link` do not depend on the site: a button carried to another site still
    rings. `transport` (32 raw bytes, the PSK) and `hop` do: they open one site's hop only.
    """

    def __init__(self, root: bytes, role: str, device: int, key_id: int, site: str) -> None:
        self.up_link = MacKey(expand(root, label(role, UP_LINK, device, key_id, "")))
        self.down_link = MacKey(expand(root, label(role, DOWN_LINK, device, key_id, "")))
        self.transport = expand(root, label(role, TRANSPORT, device, key_id, site))
        self.hop_secret = expand(root, label(role, HOP, device, key_id, site))
        self.hop = MacKey(self.hop_secret)
