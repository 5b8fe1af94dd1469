"""What is needed once, at the start: settings, secrets and pins. Loaded by `app.main`, then forgotten."""

from typing import TYPE_CHECKING

from kentongan_button import config
from kentongan_button.core.indicator import GUARD_POST
from kentongan_button.hal.esp32 import Board, Modem, Radio, read_blob
from kentongan_button.link.psk import psk_context
from kentongan_wire.keys import ROLE_BUTTON, ROOT_SIZE, DeviceKeys
from kentongan_wire.topics import device_name

if TYPE_CHECKING:
    from typing import Any


def prepare() -> "tuple[Any, ...]":
    """The arguments of `app.Button`.

    Raises:
        ConfigError: the board has not been given what it needs.
    """
    settings = config.load()
    root = read_blob("secret")
    if root is None or len(root) != ROOT_SIZE:
        raise config.ConfigError("NVS, secret: expected %d bytes; enrol this button again" % ROOT_SIZE)
    password = str(read_blob("wifi_password") or b"", "utf-8")
    pin = str(read_blob("sim_pin") or b"", "utf-8")
    pins = _pins(settings.variant)
    if settings.contacts > len(pins.CONTACT_ADC):
        raise config.ConfigError("device.json, press: board %s has fewer contacts" % settings.variant)
    modem = Modem(pins) if settings.centre_numbers else None
    keys = DeviceKeys(root, ROLE_BUTTON, settings.device, settings.key_id, settings.site)
    tls = psk_context(device_name(settings.device), keys.transport)
    return settings, keys, tls, password, Board(pins), Radio(), modem, pin


def _pins(variant: str) -> "Any":
    # Imported here, because the other board's map need not take memory.
    if variant == GUARD_POST:
        from kentongan_button.boards import guard_post as pins  # noqa: PLC0415
    else:
        from kentongan_button.boards import desk as pins  # noqa: PLC0415
    return pins
