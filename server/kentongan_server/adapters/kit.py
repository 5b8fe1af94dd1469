"""The files that enrolment writes for a gateway and for a button (docs/architecture.md, "What enrolment writes")."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kentongan_host.errors import HostError
from kentongan_host.files import make_private_directory
from kentongan_host.secret_files import write_secret
from kentongan_server.adapters.ca import CertificateAuthority
from kentongan_server.application.enrol import VARIANTS, ButtonKeys, NewDevice, Site
from kentongan_server.domain.plain_text import plain, utc_offset_minutes, zone_word
from kentongan_wire import topics

PRIVATE_NOTE = "# Written by `kentongan enrol`. Keep this folder private: whoever has it is this gateway.\n"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whom a device texts: the centre's modems, and the phones of whoever is on duty; E.164."""

    centre: tuple[str, ...] = ()
    duty: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """Where something listens or is reached."""

    host: str
    port: int


NOBODY = Numbers()
Value = str | int | tuple[str, ...]


def new_directory(path: Path) -> Path:
    """A private folder for a kit.

    Raises:
        HostError: there is something in it already: a kit is never overwritten, its secret is the only copy.
    """
    if path.exists() and any(path.iterdir()):
        raise HostError(f"{path} is not empty.", "Name a new folder with --out.")
    return make_private_directory(path)


def write_gateway(
    out: Path,
    gateway: NewDevice,
    authority: CertificateAuthority,
    buttons: Sequence[ButtonKeys],
    listen: Address,
    centre: Address,
    *,
    site: Site | None = None,
    numbers: Numbers = NOBODY,
    modem_port: str | None = None,
) -> None:
    """The kit of a gateway; without `site` people are told its code, without `modem_port` it has no modem.

    Raises:
        HostError: it cannot be written.
    """
    for name, lane in (("alarm", topics.alarm_lane), ("report", topics.report_lane)):
        certificate, key = authority.issue_client(lane(gateway.device))
        write_secret(out / f"{name}.crt", certificate)
        write_secret(out / f"{name}.key", key)
    write_secret(out / "ca.crt", authority.ca_certificate.read_bytes())
    write_secret(out / "gateway.secret", gateway.root.hex().encode() + b"\n")
    write_buttons(out / "buttons.json", gateway.site, buttons)
    sections = _gateway_sections(gateway, listen, centre, site, numbers)
    if modem_port is not None:
        sections["modem"] = {"port": modem_port}
    write_secret(out / "gateway.toml", (PRIVATE_NOTE + _toml(sections)).encode())


def _gateway_sections(
    gateway: NewDevice, listen: Address, centre: Address, site: Site | None, numbers: Numbers
) -> dict[str, dict[str, Value]]:
    return {
        "gateway": {
            "device": topics.device_name(gateway.device),
            "key_id": gateway.key_id,
            "site": gateway.site,
            "secret_file": "gateway.secret",
            "buttons_file": "buttons.json",
            "state_dir": "state",
        },
        "buttons": {"host": listen.host, "port": listen.port},
        "centre": {
            "host": centre.host,
            "port": centre.port,
            "ca_file": "ca.crt",
            "alarm_cert": "alarm.crt",
            "alarm_key": "alarm.key",
            "report_cert": "report.crt",
            "report_key": "report.key",
        },
        "second_path": {
            "centre_numbers": numbers.centre,
            "duty_numbers": numbers.duty,
            "site_name": (site and plain(site.name)) or gateway.site,
            "zone": zone_word(site.zone) if site else zone_word(""),
        },
    }


def write_buttons(path: Path, site: str, buttons: Sequence[ButtonKeys]) -> None:
    """The transport and hop keys of a site's buttons, for its gateway.

    Raises:
        HostError: it cannot be written.
    """
    rows = [
        {
            "device": topics.device_name(one.device),
            "key_id": one.key_id,
            "psk": one.psk.hex(),
            "hop": one.hop.hex(),
            "post": one.post,
        }
        for one in buttons
    ]
    write_secret(path, json.dumps({"site": site, "buttons": rows}, indent=1).encode() + b"\n")


def write_button(
    out: Path,
    button: NewDevice,
    variant: str,
    gateway: Address,
    wifi_ssid: str,
    *,
    numbers: Numbers = NOBODY,
    sentence: str = "",
    zone: str = "",
) -> None:
    """The kit of a button; it texts `sentence` to the phones on duty when the centre does not answer.

    The time that it adds is that of the site's IANA `zone`.

    Raises:
        HostError: it cannot be written.
    """
    description = {
        "device": topics.device_name(button.device),
        "key_id": button.key_id,
        "site": button.site,
        "variant": variant,
        "press": VARIANTS[variant],
        "gateway_host": gateway.host,
        "gateway_port": gateway.port,
        "wifi_ssid": wifi_ssid,
        "centre_numbers": numbers.centre,
        "duty_numbers": numbers.duty,
        "sentence": sentence,
        "utc_offset_minutes": utc_offset_minutes(zone),
    }
    write_secret(out / "device.json", json.dumps(description, indent=1).encode() + b"\n")
    write_secret(out / "secret.bin", button.root)


def _toml(sections: Mapping[str, Mapping[str, Value]]) -> str:
    """Sections of plain texts, numbers and lists of texts; a JSON string is a TOML string."""
    lines = []
    for section, values in sections.items():
        lines += ["", f"[{section}]"]
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"
