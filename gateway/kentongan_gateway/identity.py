"""Who this gateway is towards the centre."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kentongan_host.secret_files import read_hex_secret
from kentongan_wire.frame import seal
from kentongan_wire.keys import ROLE_GATEWAY, ROOT_SIZE, DeviceKeys
from kentongan_wire.mac import PadKey
from kentongan_wire.record import Payload


@dataclass(frozen=True, slots=True)
class Identity:
    """The gateway as an enrolled device of its own.

    Attributes:
        device: its number.
        key_id: epoch of its keys.
        site: code of its site.
        up_link: signs envelopes and site reports.
        down_link: verifies what the centre says to us.
    """

    device: int
    key_id: int
    site: str
    up_link: PadKey
    down_link: PadKey

    @classmethod
    def read(cls, device: int, key_id: int, site: str, secret_file: Path) -> Self:
        """Derives the keys from the root secret in a file.

        Raises:
            HostError: the file is missing, readable by others or no secret.
        """
        keys = DeviceKeys(read_hex_secret(secret_file, ROOT_SIZE), ROLE_GATEWAY, device, key_id, site)
        return cls(device, key_id, site, keys.up_link, keys.down_link)

    def __repr__(self) -> str:
        return f"Identity({self.device:08x}, key_id={self.key_id}, site={self.site!r})"

    def seal(self, payload: Payload) -> bytes:
        """A frame of ours for the centre."""
        return seal(payload, self.device, self.key_id, self.up_link)
