"""device.json: read, or refused with the key, what was expected and what was found."""

import json

from kentongan_button.config import Config, ConfigError, load
from tests.support.portable import raises

NEEDS_DIRECTORY = True

GOOD = {
    "device": "0000a1b2",
    "key_id": 1,
    "site": "bank-contoh",
    "variant": "guard-post",
    "press": "two-button",
    "gateway_host": "192.168.1.10",
    "gateway_port": 8883,
    "wifi_ssid": "Pos Jaga",
}


def test_good_settings_are_taken(directory):
    with open(directory + "/device.json", "w") as file:  # noqa: PTH123 - MicroPython has no pathlib
        json.dump(GOOD, file)
    settings = load(directory + "/device.json")
    assert settings.device == 0xA1B2
    assert settings.contacts == 2
    assert (settings.gateway_host, settings.gateway_port) == ("192.168.1.10", 8883)
    assert Config(dict(GOOD, variant="desk", press="recessed")).contacts == 1


def test_a_wrong_value_is_named_with_what_was_expected(directory):
    for key, value, expected in (
        ("key_id", 256, "0 to 255"),
        ("key_id", True, "0 to 255"),
        ("variant", "table", "guard-post or desk"),
        ("press", "long", "recessed"),
        ("gateway_host", "", "1-253"),
        ("gateway_port", 0, "1 to 65535"),
        ("gateway_port", "8883", "1 to 65535"),
        ("wifi_ssid", "x" * 33, "1-32"),
    ):
        told = str(raises(ConfigError, Config, dict(GOOD, **{key: value})))
        assert key in told, told
        assert expected in told, told
        assert repr(value) in told, told


def test_a_missing_key_is_named(directory):
    for key in GOOD:
        values = dict(GOOD)
        del values[key]
        assert key in str(raises(ConfigError, Config, values))


def test_impossible_names_of_device_and_site_are_refused(directory):
    for key, value in (("device", "0000A1B2"), ("device", "00000000"), ("site", "Bank"), ("site", "a/b")):
        assert repr(value) in str(raises(ConfigError, Config, dict(GOOD, **{key: value})))


def test_a_file_that_is_none_is_named(directory):
    path = directory + "/device.json"
    assert path in str(raises(ConfigError, load, path))
    for text in ("{", "[1]"):
        with open(path, "w") as file:  # noqa: PTH123 - MicroPython has no pathlib
            file.write(text)
        assert path in str(raises(ConfigError, load, path))


def test_without_numbers_no_modem_is_fitted(directory):
    config = Config(GOOD)
    assert (config.centre_numbers, config.duty_numbers, config.sentence) == ((), (), "")


def test_a_zone_of_indonesia_or_none(directory):
    assert Config(GOOD).utc_offset_minutes == 0
    for minutes in (0, 420, 480, 540):
        assert Config(dict(GOOD, utc_offset_minutes=minutes)).utc_offset_minutes == minutes
    refused: tuple[object, ...] = (7, 60, -420, True, 420.0, "420", "WIB", None, [])
    for wrong in refused:
        told = str(raises(ConfigError, Config, dict(GOOD, utc_offset_minutes=wrong)))
        assert "utc_offset_minutes" in told
        assert "420 (WIB)" in told


def test_numbers_of_the_second_path(directory):
    centre = ["+6281100000001", "+6285200000002"]
    config = Config(dict(GOOD, centre_numbers=centre, duty_numbers=["+62811234"], sentence="Alarm Bank Contoh"))
    assert config.centre_numbers == tuple(centre)
    assert config.duty_numbers == ("+62811234",)
    wrong = ("+62811", "0811000000001", "+62811x000001", 62811000001, "+" + "1" * 16)
    for number in wrong:
        assert "centre_numbers" in str(raises(ConfigError, Config, dict(GOOD, centre_numbers=[number])))
    three = ["+6281100000001", "+6281100000002", "+6281100000003"]
    for numbers in (three, [centre[0]] * 2, "+6281100000001"):
        assert "centre_numbers" in str(raises(ConfigError, Config, dict(GOOD, centre_numbers=numbers)))
    assert "sentence" in str(raises(ConfigError, Config, dict(GOOD, duty_numbers=["+6281100000003"])))
