"""What the technician gave this button: `/device.json`. Secrets are in NVS, not here."""

import json
from typing import TYPE_CHECKING

from kentongan_button.core.indicator import DESK, GUARD_POST
from kentongan_button.core.texts import ZONES
from kentongan_wire.errors import FrameError
from kentongan_wire.topics import check_site, device_number

if TYPE_CHECKING:
    from typing import Any

PATH = "/device.json"
CONTACTS = {"two-button": 2, "recessed": 1}  # how a press is made → contacts of the board
HOST_NAME_MAX = 253  # characters of a host name (RFC 1035)
SSID_MAX = 32  # bytes (IEEE 802.11)
SENTENCE_MAX = 140  # bytes: one SMS, with the time behind it
DIGITS_LEAST = 8  # of an E.164 number
DIGITS_MAX = 15
CENTRE_NUMBERS_MAX = 2
DUTY_NUMBERS_MAX = 4  # phones; bounds how long the sentences keep the modem from repeating frames


class ConfigError(ValueError):
    """A setting is missing or impossible; the message names the key, what was expected and found."""


class Config:
    """The settings of one button.

    Attributes:
        device: its number, 1…2**32-1.
        key_id: key epoch, 0…255.
        site: the site's code.
        variant: GUARD_POST or DESK.
        contacts: 2 for two buttons pressed together, 1 for a recessed one.
        gateway_host: address or name of the site's gateway.
        gateway_port: TCP port of its TLS-PSK listener.
        wifi_ssid: the site's network.
        centre_numbers: where presses are texted; empty: no modem is fitted.
        duty_numbers: who gets the sentence when nobody answers.
        sentence: what, site and post in plain words.
        utc_offset_minutes: of the site's zone, one of `ZONES`; for the time in that sentence.
    """

    def __init__(self, values: "dict[str, Any]") -> None:
        try:
            self.device = device_number(_text(values, "device", 8))
            self.site = check_site(_text(values, "site", 32))
        except FrameError as error:
            raise ConfigError("device.json: " + error.detail)
        self.key_id = _number(values, "key_id", 0, 255)
        self.variant = _one_of(values, "variant", (GUARD_POST, DESK))
        self.contacts = CONTACTS[_one_of(values, "press", tuple(CONTACTS))]
        self.gateway_host = _text(values, "gateway_host", HOST_NAME_MAX)
        self.gateway_port = _number(values, "gateway_port", 1, 65_535)
        self.wifi_ssid = _text(values, "wifi_ssid", SSID_MAX)
        self.centre_numbers = _numbers(values, "centre_numbers", CENTRE_NUMBERS_MAX)
        self.duty_numbers = _numbers(values, "duty_numbers", DUTY_NUMBERS_MAX)
        self.sentence = _text(values, "sentence", SENTENCE_MAX) if self.duty_numbers else ""
        offset = values.get("utc_offset_minutes", 0)
        if not isinstance(offset, int) or offset not in ZONES:
            raise _wrong("utc_offset_minutes", "0 (UTC), 420 (WIB), 480 (WITA) or 540 (WIT)", offset)
        self.utc_offset_minutes = offset


def load(path: str = PATH) -> Config:
    """Read the settings.

    Raises:
        ConfigError: no such file, no JSON, or a wrong value.
    """
    try:
        with open(path) as file:
            values = json.load(file)
    except (OSError, ValueError) as error:
        raise ConfigError("%s: expected a JSON file, got %r" % (path, error))
    if not isinstance(values, dict):
        raise ConfigError("%s: expected a JSON object" % path)
    return Config(values)


def _wrong(key: str, expected: str, found: object) -> ConfigError:
    return ConfigError("device.json, %s: expected %s, got %r" % (key, expected, found))


def _text(values: "dict[str, Any]", key: str, longest: int) -> str:
    value = values.get(key)
    if not isinstance(value, str) or not 0 < len(value.encode()) <= longest:
        raise _wrong(key, "a text of 1-%d bytes" % longest, value)
    return value


def _number(values: "dict[str, Any]", key: str, least: int, most: int) -> int:
    value = values.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _wrong(key, "a number from %d to %d" % (least, most), value)
    return value


def _numbers(values: "dict[str, Any]", key: str, most: int) -> "tuple[str, ...]":
    found = values.get(key, [])
    if not isinstance(found, list) or len(found) > most:
        raise _wrong(key, "at most %d telephone numbers" % most, found)
    for number in found:
        digits = number[1:] if isinstance(number, str) and number[:1] == "+" else ""
        if not digits.isdigit() or not DIGITS_LEAST <= len(digits) <= DIGITS_MAX or found.count(number) > 1:
            raise _wrong(key, "each once, + and %d-%d digits" % (DIGITS_LEAST, DIGITS_MAX), number)
    return tuple(found)


def _one_of(values: "dict[str, Any]", key: str, known: "tuple[str, ...]") -> str:
    value = values.get(key)
    if value not in known:
        raise _wrong(key, " or ".join(known), value)
    return str(value)
