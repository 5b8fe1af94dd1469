"""`kentongan enrol`: the kits it writes, the secrets it seals, and what it refuses."""

from __future__ import annotations

import json
import socket
import sqlite3
import ssl
import stat
import tomllib
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from kentongan_host.errors import HostError
from kentongan_server import centre_state
from kentongan_server.adapters import seal
from kentongan_server.adapters.ca import CertificateAuthority
from kentongan_server.adapters.key_ring import SqlKeyRing
from kentongan_server.adapters.seal import Sealer, SealError
from kentongan_server.cli import user
from kentongan_server.cli_enrol import enrol
from kentongan_wire import topics
from kentongan_wire.keys import ROLE_BUTTON, DeviceKeys
from tests.support.centre_rig import PASSWORD, CentreRig


@pytest.fixture
def rig(tmp_path: Path) -> CentreRig:
    made = CentreRig.make(tmp_path)
    assert run(made, "site", "bank", "--name", "Bank Jatim", "--address", "Jl. Suroyo 1") == 0
    return made


def run(rig: CentreRig, what: str, *arguments: str) -> int:
    return enrol([what, *arguments, "--state", str(rig.state.directory)])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def add_post(rig: CentreRig, out: Path, name: str = "Guard post", variant: str = "guard-post") -> dict[str, object]:
    arguments = ("--site", "bank", "--name", name, "--variant", variant, "--out", str(out))
    assert run(rig, "post", *arguments, "--gateway-host", "10.0.0.2") == 0
    description: dict[str, object] = json.loads((out / "device.json").read_text())
    return description


def test_a_buttons_kit_is_what_its_firmware_reads(rig: CentreRig, tmp_path: Path) -> None:
    described = add_post(rig, tmp_path / "post")
    device = described.pop("device")
    assert topics.device_number(str(device))
    assert described == {
        "key_id": 1, "site": "bank", "variant": "guard-post", "press": "two-button",
        "gateway_host": "10.0.0.2", "gateway_port": 8883, "wifi_ssid": "kentongan",
        "centre_numbers": [], "duty_numbers": [],
        "sentence": "ALARM dari Bank Jatim, Guard post. Pusat belum menjawab.",
        "utc_offset_minutes": 420,
    }  # fmt: skip
    assert len((tmp_path / "post" / "secret.bin").read_bytes()) == 32
    assert mode(tmp_path / "post") == 0o700
    assert mode(tmp_path / "post" / "secret.bin") == 0o600
    assert add_post(rig, tmp_path / "desk", "Desk", "desk")["press"] == "recessed"


def test_a_gateways_kit_is_what_it_reads(rig: CentreRig, tmp_path: Path) -> None:
    add_post(rig, tmp_path / "post")
    out = tmp_path / "gateway"
    assert run(rig, "gateway", "--site", "bank", "--out", str(out), "--centre-host", "centre.example") == 0
    settings = tomllib.loads((out / "gateway.toml").read_text())
    assert settings["centre"]["host"] == "centre.example"
    assert settings["centre"]["port"] == rig.broker_port
    device = settings["gateway"]["device"]
    assert settings["gateway"] == {
        "device": device, "key_id": 1, "site": "bank", "secret_file": "gateway.secret",
        "buttons_file": "buttons.json", "state_dir": "state",
    }  # fmt: skip
    assert len(bytes.fromhex((out / "gateway.secret").read_text())) == 32
    expected = "gateway.toml gateway.secret ca.crt alarm.crt alarm.key report.crt report.key buttons.json"
    assert {path.name for path in out.iterdir()} == set(expected.split())
    assert all(mode(path) == 0o600 for path in out.iterdir())
    for lane, name in (("alarm", device), ("report", f"{device}.report")):
        certificate = x509.load_pem_x509_certificate((out / f"{lane}.crt").read_bytes())
        assert certificate.subject.rfc4514_string() == f"CN={name}"
        assert certificate.not_valid_before_utc == datetime(2000, 1, 1, tzinfo=UTC)


def test_the_list_for_the_gateway_opens_the_hop_and_forges_nothing(rig: CentreRig, tmp_path: Path) -> None:
    described = add_post(rig, tmp_path / "post")
    out = tmp_path / "buttons.json"
    assert run(rig, "keys", "--site", "bank", "--out", str(out)) == 0
    listed = json.loads(out.read_text())
    device = topics.device_number(str(described["device"]))
    root = (tmp_path / "post" / "secret.bin").read_bytes()
    keys = DeviceKeys(root, ROLE_BUTTON, device, 1, "bank")
    (line,) = listed["buttons"]
    assert listed["site"] == "bank"
    assert line == {
        "device": described["device"], "key_id": 1, "psk": keys.transport.hex(), "hop": keys.hop_secret.hex(),
        "post": "Guard post",
    }  # fmt: skip
    assert root.hex() not in out.read_text()
    assert mode(out) == 0o600


def test_a_compromised_button_is_not_handed_out_a_retired_one_is(rig: CentreRig, tmp_path: Path) -> None:
    stolen, old = (str(add_post(rig, tmp_path / name, name)["device"]) for name in ("stolen", "old"))
    assert run(rig, "compromised", stolen) == 0
    assert run(rig, "retire", old) == 0
    assert run(rig, "keys", "--site", "bank", "--out", str(tmp_path / "b.json")) == 0
    listed = json.loads((tmp_path / "b.json").read_text())["buttons"]
    assert [line["device"] for line in listed] == [old]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("site", "bank", "--name", "Again"), "already"),
        (("site", "Bank Jatim", "--name", "x"), "a-z"),
        (("site", "gold", "--name", ""), "name: expected"),
        (("site", "gold", "--name", "a\nb"), "name: expected"),
        (("site", "gold", "--name", "x", "--zone", "Mars/Olympus"), "Asia/Jakarta"),
        (("post", "--site", "nope", "--name", "x", "--variant", "desk", "--out", "OUT"), "kentongan enrol site"),
        (("gateway", "--site", "nope", "--out", "OUT"), "kentongan enrol site"),
        (("keys", "--site", "nope", "--out", "OUT"), "kentongan enrol site"),
        (("retire", "0badcafe"), "no device 0badcafe"),
        (("retire", "xyz"), "eight lower-case hex digits"),
        (("compromised", "0badcafe"), "no device"),
    ],
)
def test_what_makes_no_sense_is_told_and_changes_nothing(
    rig: CentreRig, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    before = history(rig)
    given = [str(tmp_path / "new") if one == "OUT" else one for one in arguments]
    assert run(rig, *given) == 1
    message = capsys.readouterr().err
    assert message.startswith("kentongan enrol: ")
    assert told in message
    assert history(rig) == before


def history(rig: CentreRig) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(rig.database)) as connection:
        return connection.execute("SELECT what, subject FROM feed").fetchall()


def test_a_post_is_not_enrolled_twice_and_a_kit_never_overwritten(
    rig: CentreRig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_post(rig, tmp_path / "post")
    secret = (tmp_path / "post" / "secret.bin").read_bytes()
    same_name = ("--site", "bank", "--name", "Guard post", "--variant", "desk", "--out", str(tmp_path / "other"))
    same_folder = ("--site", "bank", "--name", "New", "--variant", "desk", "--out", str(tmp_path / "post"))
    assert run(rig, "post", *same_name) == 1
    assert run(rig, "post", *same_folder) == 1
    assert "not empty" in capsys.readouterr().err
    assert (tmp_path / "post" / "secret.bin").read_bytes() == secret
    assert len([what for what, _ in history(rig) if what == "button"]) == 1


def test_a_kit_that_cannot_be_written_enrols_nobody(rig: CentreRig, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    arguments = ("--site", "bank", "--name", "Desk", "--variant", "desk", "--out", str(tmp_path / "file" / "kit"))
    assert run(rig, "post", *arguments) == 1
    assert [what for what, _ in history(rig) if what == "button"] == []


def test_before_init_the_command_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert enrol(["site", "bank", "--name", "x", "--state", str(tmp_path / "nowhere")]) == 1
    assert "kentongan enrol init --state" in capsys.readouterr().err


def test_init_shows_one_password_once_and_nothing_is_made_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state"
    assert enrol(["init", "--state", str(state), "--centre-host", "centre.example"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("password:") == 1
    password = shown.split("password: ")[1].split()[0]
    assert mode(state) == 0o700
    for name in ("seal.key", "kentongan.db", "centre.toml", "ca/ca.key", "ca/server.key"):
        assert mode(state / name) == 0o600, name
    kept = {path: path.read_bytes() for path in state.rglob("*") if path.suffix in {".key", ".crt", ".toml"}}
    assert enrol(["init", "--state", str(state)]) == 0
    assert "password:" not in capsys.readouterr().out
    assert {path: path.read_bytes() for path in kept} == kept
    assert password.encode() not in b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())


def test_a_lost_database_is_not_replaced_by_an_empty_one(rig: CentreRig, capsys: pytest.CaptureFixture[str]) -> None:
    rig.database.unlink()
    assert run(rig, "site", "gold", "--name", "x") == 1
    assert "backup" in capsys.readouterr().err
    assert not rig.database.exists()


# --- secrets --------------------------------------------------------------------------------------


def test_the_database_alone_holds_no_secret(rig: CentreRig, tmp_path: Path) -> None:
    add_post(rig, tmp_path / "post")
    root = (tmp_path / "post" / "secret.bin").read_bytes()
    keys = DeviceKeys(root, ROLE_BUTTON, 1, 1, "bank")
    stored = b"".join(path.read_bytes() for path in rig.state.directory.glob("kentongan.db*"))
    for secret in (root, keys.transport, keys.hop_secret):
        assert secret not in stored
        assert secret.hex().encode() not in stored


def sealed_row(rig: CentreRig) -> tuple[int, bytes]:
    with closing(sqlite3.connect(rig.database)) as connection:
        row: tuple[int, bytes] = connection.execute("SELECT device, sealed_root FROM device_key").fetchone()
        return row


def test_another_key_file_opens_nothing(rig: CentreRig, tmp_path: Path) -> None:
    add_post(rig, tmp_path / "post")
    device, sealed = sealed_row(rig)
    assert rig.state.sealer.open(sealed, device, 1) == (tmp_path / "post" / "secret.bin").read_bytes()
    other = tmp_path / "other.key"
    seal.make_key_file(other)
    with pytest.raises(SealError, match="key file"):
        Sealer(other).open(sealed, device, 1)


@pytest.mark.parametrize(("device_off", "key_off"), [(1, 0), (0, 1)])
def test_a_secret_moved_to_another_row_does_not_open(
    rig: CentreRig, tmp_path: Path, device_off: int, key_off: int
) -> None:
    add_post(rig, tmp_path / "post")
    device, sealed = sealed_row(rig)
    with pytest.raises(SealError):
        rig.state.sealer.open(sealed, device + device_off, 1 + key_off)


@pytest.mark.parametrize("at", [0, 11, 12, -1])
def test_a_changed_or_cut_secret_does_not_open(rig: CentreRig, tmp_path: Path, at: int) -> None:
    add_post(rig, tmp_path / "post")
    device, sealed = sealed_row(rig)
    changed = bytearray(sealed)
    changed[at] ^= 1
    for bad in (bytes(changed), sealed[:5], b""):
        with pytest.raises(SealError):
            rig.state.sealer.open(bad, device, 1)


def test_a_device_whose_secret_does_not_open_is_unknown_and_the_others_are_not(rig: CentreRig, tmp_path: Path) -> None:
    good = topics.device_number(str(add_post(rig, tmp_path / "a", "A")["device"]))
    bad = topics.device_number(str(add_post(rig, tmp_path / "b", "B")["device"]))
    with closing(sqlite3.connect(rig.database)) as connection, connection:
        connection.execute("UPDATE device_key SET sealed_root = x'00' WHERE device = ?", (bad,))
    ring = SqlKeyRing(rig.database, rig.state.sealer)
    assert ring.find(bad, 1) is None
    assert ring.find(good, 1) is not None
    ring.close()


@pytest.mark.parametrize("wide", [0o640, 0o604, 0o644, 0o666])
def test_a_key_file_that_others_can_read_is_refused(
    rig: CentreRig, capsys: pytest.CaptureFixture[str], wide: int
) -> None:
    rig.state.settings.seal.key_file.chmod(wide)
    assert run(rig, "site", "gold", "--name", "x") == 1
    assert "chmod 600" in capsys.readouterr().err


def test_a_missing_key_file_is_never_replaced_while_there_is_a_database(rig: CentreRig) -> None:
    key_file = rig.state.settings.seal.key_file
    key_file.unlink()
    with pytest.raises(HostError, match="cannot read the secret file"):
        centre_state.begin(rig.state.directory)
    assert not key_file.exists()


def test_keys_are_kept_until_an_enrolment_changes_them(rig: CentreRig, tmp_path: Path) -> None:
    device = topics.device_number(str(add_post(rig, tmp_path / "post")["device"]))
    ring = SqlKeyRing(rig.database, rig.state.sealer, kept_max=1)
    first = ring.find(device, 1)
    assert first is not None
    assert ring.find(device, 1) is first
    assert not ring.refresh()
    assert run(rig, "compromised", topics.device_name(device)) == 0
    assert ring.refresh()
    again = ring.find(device, 1)
    assert again is not None
    assert (first.state, again.state) == ("active", "compromised")
    assert ring.find(device, 2) is None
    ring.close()


# --- certificates ---------------------------------------------------------------------------------


def test_the_brokers_certificate_grows_with_its_names(tmp_path: Path) -> None:
    authority = CertificateAuthority(tmp_path / "ca")
    authority.make()
    assert authority.ensure_server("0.0.0.0")
    assert not authority.ensure_server("localhost")
    assert authority.ensure_server("centre.example", "10.1.2.3")
    assert not authority.ensure_server("10.1.2.3")
    certificate = x509.load_pem_x509_certificate(authority.server_certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", "centre.example", socket.gethostname()}
    context = ssl.create_default_context(cafile=str(authority.ca_certificate))
    context.load_cert_chain(authority.server_certificate, authority.server_key)


def test_a_lost_authority_is_told(rig: CentreRig, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rig.state.directory / "ca" / "ca.key").unlink()
    assert run(rig, "gateway", "--site", "bank", "--out", str(tmp_path / "gw")) == 1
    assert "backup" in capsys.readouterr().err


# --- people ---------------------------------------------------------------------------------------


def test_a_person_is_enrolled_with_a_password_from_standard_input(
    rig: CentreRig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import io

    arguments = ["add", "--state", str(rig.state.directory), "--name", "Sari", "--role", "operator"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert user([*arguments, "--password-stdin"]) == 0
    assert PASSWORD not in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert user([*arguments, "--password-stdin"]) == 1
    assert "already" in capsys.readouterr().err
    with closing(sqlite3.connect(rig.database)) as connection:
        (hashed,) = connection.execute("SELECT password_hash FROM user WHERE name = 'Sari'").fetchone()
    assert hashed.startswith("$argon2id$")


def test_a_made_up_password_is_shown_once(rig: CentreRig, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["add", "--state", str(rig.state.directory), "--name", "Budi", "--role", "admin"]
    assert user([*arguments, "--generate-password"]) == 0
    assert capsys.readouterr().out.count("password: ") == 1


@pytest.mark.parametrize(("name", "password"), [("x", "short"), ("", PASSWORD), ("a\tb", PASSWORD), (" a", PASSWORD)])
def test_bad_names_and_short_passwords_are_refused(
    rig: CentreRig, monkeypatch: pytest.MonkeyPatch, name: str, password: str
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    arguments = ["add", "--state", str(rig.state.directory), "--name", name, "--role", "operator", "--password-stdin"]
    assert user(arguments) == 1
