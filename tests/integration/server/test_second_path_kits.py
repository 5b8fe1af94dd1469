"""Numbers of the second path: in settings, at enrolment, and in the kits of devices."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from kentongan_gateway.settings import GatewaySettings
from kentongan_host.settings import SettingsError, load
from kentongan_server.adapters import upgrading
from kentongan_server.cli_enrol import enrol
from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.number import checked, masked
from kentongan_server.domain.plain_text import SMS_CHARACTERS, sentence
from kentongan_server.settings import load_settings
from kentongan_wire import topics
from tests.support.centre_rig import CentreRig

MODEMS = """
[[modems]]
name = "one"
port = "/dev/ttyUSB0"
number = "+6281100000001"
operator = "Telkomsel"
[[modems]]
name = "two"
port = "/dev/ttyUSB1"
number = "+6281100000002"
operator = "Telkomsel"
[[modems]]
name = "three"
port = "/dev/ttyUSB2"
number = "+6285500000003"
operator = "Indosat"
[duty]
numbers = ["+6281200000009"]
"""


@pytest.fixture
def rig(tmp_path: Path) -> CentreRig:
    made = CentreRig.make(tmp_path)
    with (made.state.directory / "centre.toml").open("a") as settings:
        settings.write(MODEMS)
    assert run(made, "site", "bank", "--name", "Bank “Jatim” Ümit", "--zone", "Asia/Makassar") == 0
    return made


def run(rig: CentreRig, what: str, *arguments: str) -> int:
    return enrol([what, *arguments, "--state", str(rig.state.directory)])


def add_post(rig: CentreRig, out: Path, name: str, *more: str) -> int:
    return run(rig, "post", "--site", "bank", "--name", name, "--variant", "desk", "--out", str(out), *more)


def numbers(rig: CentreRig) -> list[tuple[int, str | None]]:
    with closing(sqlite3.connect(rig.database)) as connection:
        return connection.execute("SELECT device, number FROM device ORDER BY number").fetchall()


def test_a_buttons_kit_names_two_operators_the_duty_phones_and_what_to_tell_them(
    rig: CentreRig, tmp_path: Path
) -> None:
    assert add_post(rig, tmp_path / "a", "Meja 1", "--number", "+6281300000011") == 0
    described = json.loads((tmp_path / "a" / "device.json").read_text())
    assert described["centre_numbers"] == ["+6281100000001", "+6285500000003"]
    assert described["duty_numbers"] == ["+6281200000009"]
    assert described["sentence"] == "ALARM dari Bank Jatim Umit, Meja 1. Pusat belum menjawab."
    assert described["utc_offset_minutes"] == 480
    assert numbers(rig) == [(topics.device_number(described["device"]), "+6281300000011")]
    assert add_post(rig, tmp_path / "b", "Meja 2", "--duty-number", "+6281", "--duty-number", "+6281400000000") == 1
    assert add_post(rig, tmp_path / "c", "Meja 2", "--duty-number", "+6281400000000") == 0
    assert json.loads((tmp_path / "c" / "device.json").read_text())["duty_numbers"] == ["+6281400000000"]


def test_a_gateways_kit_is_read_by_the_gateway(rig: CentreRig, tmp_path: Path) -> None:
    assert add_post(rig, tmp_path / "post", "Meja 1") == 0
    out = tmp_path / "gateway"
    more = ("--number", "+6281300000012", "--modem-port", "/dev/ttyUSB2")
    assert run(rig, "gateway", "--site", "bank", "--out", str(out), *more) == 0
    told = load(GatewaySettings, out / "gateway.toml")
    assert told.modem.port == "/dev/ttyUSB2"
    assert told.second_path.centre_numbers == ("+6281100000001", "+6285500000003")
    assert told.second_path.duty_numbers == ("+6281200000009",)
    assert (told.second_path.site_name, told.second_path.zone) == ("Bank Jatim Umit", "WITA")
    assert [one["post"] for one in json.loads((out / "buttons.json").read_text())["buttons"]] == ["Meja 1"]
    without = tmp_path / "without"
    assert run(rig, "gateway", "--site", "bank", "--out", str(without)) == 0
    assert "modem" not in tomllib.loads((without / "gateway.toml").read_text())


def test_a_number_belongs_to_one_device_and_can_be_changed(
    rig: CentreRig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add_post(rig, tmp_path / "a", "Meja 1", "--number", "+6281300000011") == 0
    assert add_post(rig, tmp_path / "b", "Meja 2", "--number", "+6281300000011") == 1
    assert "Every device has a SIM of its own" in capsys.readouterr().err
    assert len(numbers(rig)) == 1, "a refused number enrolled a device"
    assert add_post(rig, tmp_path / "c", "Meja 2") == 0
    device = json.loads((tmp_path / "c" / "device.json").read_text())["device"]
    assert run(rig, "number", device, "+6281300000011") == 1
    assert run(rig, "number", device, "081300000012") == 1
    assert "country code" in capsys.readouterr().err
    assert run(rig, "number", device, "+6281300000012") == 0
    assert (topics.device_number(device), "+6281300000012") in numbers(rig)
    assert run(rig, "number", device, "none") == 0
    assert run(rig, "number", "0badcafe", "none") == 1
    with closing(sqlite3.connect(rig.database)) as connection:
        kept = connection.execute("SELECT facts FROM feed WHERE what = 'number'").fetchall()
    assert len(kept) == 3
    assert "813" not in str(kept), "a number stands in the history for ever"


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "+",
        "0812345678",
        "+62",
        "+0812345678",
        "+62 812 345 678",
        "+6281234567890123",
        "+62\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17",
    ],
)
def test_only_e164_is_a_number(bad: str) -> None:
    with pytest.raises(InvalidError, match=r"E\.164"):
        checked(bad)


def test_strangers_are_told_apart_and_not_told() -> None:
    assert masked("+6281234567890") == "…890"
    assert masked("8888") == "short"
    assert masked("TELKOMSEL") == "name"


def test_a_sentence_is_one_message_whatever_names_are() -> None:
    text = sentence("Ñ" * 300, "€ [Meja] \n" * 50)
    assert len(text) < SMS_CHARACTERS - 20  # the button adds the time
    assert text.isascii()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('[[modems]]\nname = "a"', r"\[\[modems\]\] number \(the 1. of them\): missing"),
        (MODEMS.replace("+6285500000003", "0855"), r"\(the 3. of them\): expected a number such as \+62"),
        (MODEMS.replace('name = "two"', 'name = "one"'), "a name of its own"),
        (MODEMS.replace("operator", "operater"), "did you mean 'operator'"),
        ('[modems]\nname = "a"', "expected a list"),
        ('[duty]\nnumbers = ["110"]', "expected a number such as"),
    ],
)
def test_settings_that_make_no_sense_are_told(tmp_path: Path, settings: str, told: str) -> None:
    (tmp_path / "centre.toml").write_text(settings)
    with pytest.raises(SettingsError, match=told):
        load_settings(tmp_path)


def test_a_database_of_the_first_schema_keeps_its_alarms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kentongan.db"
    with monkeypatch.context() as patched:
        patched.setattr(upgrading, "HEAD", "0001")
        upgrading.upgrade(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO site VALUES ('a', 'A', '', 'Asia/Jakarta', 1)")
        connection.execute("INSERT INTO device VALUES (7, 'button', 'a', NULL, 1, NULL)")
        connection.execute(
            "INSERT INTO incident (id, device, site, state, opened_at_ms, last_alarm_at_ms)"
            " VALUES (1, 7, 'a', 'new', 1, 1)"
        )
        connection.execute(
            "INSERT INTO alarm (id, incident, device, sequence, nonce, key_id, kind, contacts, boot_id, uptime_ms,"
            " wall_ms, clock, dated, received_at_ms, level, revision, repeats, gateway, path, attempt, flags)"
            " VALUES (1, 1, 7, 1, x'0102030405060708', 1, 1, 1, 1, 1, 0, 0, 'unknown', 1, 1, 1, 0, 9, 1, 1, 0)"
        )
    upgrading.upgrade(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT gateway, modem, also_paths FROM alarm").fetchall() == [(9, None, 0)]
        assert connection.execute("SELECT recovered FROM incident").fetchall() == [(0,)]
        assert connection.execute("SELECT number FROM device").fetchall() == [(None,)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
