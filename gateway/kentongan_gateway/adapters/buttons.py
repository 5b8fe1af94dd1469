"""The buttons of this site and their hop keys, from the file that enrolment writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kentongan_gateway.errors import GatewayError
from kentongan_host.secret_files import read_secret
from kentongan_wire.mac import MacKey, PadKey
from kentongan_wire.topics import device_number

_HexKey = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class Button:
    """What the gateway knows of a button: enough to carry for it, not enough to speak for it.

    Attributes:
        device: its number.
        key_id: epoch of its keys.
        psk: hex of the TLS key of its Wi-Fi hop.
        hop: key of the hop answer.
        post: name of the place where it is fixed, for people; empty when the list does not tell.
    """

    device: int
    key_id: int
    psk: str
    hop: PadKey
    post: str = ""

    def __repr__(self) -> str:
        return f"Button({self.device:08x}, key_id={self.key_id})"


class _ButtonEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    device: Annotated[int, BeforeValidator(device_number)]
    key_id: Annotated[int, Field(ge=0, le=255)]
    psk: _HexKey
    hop: _HexKey
    post: str = ""


class _ButtonsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    site: str
    buttons: list[_ButtonEntry]


def read_buttons(path: Path, site: str) -> dict[int, Button]:
    """The buttons by device number.

    Raises:
        HostError: missing, readable by others, no such file, of another site, or a device twice.
    """
    try:
        content = _ButtonsFile.model_validate_json(read_secret(path))
    except ValidationError as error:
        mistakes = [
            f"{'.'.join(str(part) for part in mistake['loc']) or 'the file'}: {mistake['msg']}"
            for mistake in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise GatewayError(f"{path} is no list of buttons: {'; '.join(mistakes[:5])}.", _remedy(site)) from None
    if content.site != site:
        raise GatewayError(f"{path} is of site {content.site!r}; expected {site!r}.", _remedy(site))
    buttons = {
        entry.device: Button(entry.device, entry.key_id, entry.psk, MacKey(bytes.fromhex(entry.hop)), entry.post)
        for entry in content.buttons
    }
    if len(buttons) != len(content.buttons):
        raise GatewayError(f"{path} lists a device twice.", _remedy(site))
    return buttons


def _remedy(site: str) -> str:
    return f"Make it anew at the centre: kentongan enrol keys --site {site} --out buttons.json"
