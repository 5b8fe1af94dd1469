"""The gateway's settings: one TOML file, written by enrolment, and `KENTONGAN_…` variables."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from kentongan_gateway.core.report import INTERVAL_MS
from kentongan_gateway.core.sentence import ZONES
from kentongan_host.settings import FilePath, Section, Settings
from kentongan_wire.topics import check_site, device_name, device_number

Port = Annotated[int, Field(ge=1, le=65535)]
Device = Annotated[int, BeforeValidator(device_number), PlainSerializer(device_name)]
Site = Annotated[str, BeforeValidator(check_site)]
Number = Annotated[str, Field(pattern=r"^\+[0-9]{8,15}$")]


def _zone(value: object) -> object:
    if value not in ZONES:
        raise ValueError(f"expected one of {', '.join(ZONES)}")
    return value


class GatewaySection(Section):
    """Who this gateway is."""

    device: Device = Field(json_schema_extra={"kind": "text"})
    """Its device number, eight hex digits in quotes."""
    key_id: Annotated[int, Field(ge=0, le=255)]
    """The epoch of its keys."""
    site: Site
    """Code of the site that it serves."""
    secret_file: FilePath
    """Its root secret as hex, mode 0600."""
    buttons_file: FilePath
    """The site's buttons and their hop keys, mode 0600; read again on SIGHUP."""
    state_dir: FilePath
    """Folder of its own for custody and the broker's files."""


class ButtonsSection(Section):
    """Where buttons connect to."""

    host: str = "0.0.0.0"
    """Address that the site broker listens on."""
    port: Port = 8883
    """Port that the site broker listens on."""
    require_forward_secrecy: bool = False
    """Refuse buttons whose TLS has no ECDHE-PSK; they are preferred in any case."""


class CentreSection(Section):
    """Where the centre is and who we are there."""

    host: str
    """Name or address of the centre's broker, as in its certificate."""
    port: Port = 8884
    """Port of the centre's broker for gateways."""
    ca_file: FilePath
    """Certificate of the centre's CA."""
    alarm_cert: FilePath
    """Our certificate for the connection on which alarms travel."""
    alarm_key: FilePath
    """Its key, mode 0600."""
    report_cert: FilePath
    """Our certificate for the connection on which site reports travel."""
    report_key: FilePath
    """Its key, mode 0600."""


class ReportSection(Section):
    """The site report."""

    interval_ms: Annotated[int, Field(ge=100, le=10_000)] = INTERVAL_MS
    """At least one site report each, in ms; the centre suspects an attack after 20 s of silence."""


class ModemSection(Section):
    """The gateway's own modem, its second path to the centre."""

    port: str | None = None
    """Serial port, /dev/serial/by-id/… best; without it the site has no second path, which is shown as a trouble."""
    baud: Annotated[int, Field(ge=1200, le=4_000_000)] = 115_200
    """Its speed."""
    pin_file: FilePath | None = None
    """File, mode 0600, with the SIM's PIN; none for a SIM without one."""
    absent: bool = False
    """This site has no mobile network and is meant to have no modem: no trouble, and no second path."""


class SecondPathSection(Section):
    """Whom the modem texts."""

    centre_numbers: Annotated[tuple[Number, ...], Field(max_length=2)] = ()
    """Two numbers of the centre, of two operators if possible, the first one first."""
    duty_numbers: tuple[Number, ...] = ()
    """Duty phones that get a plain sentence when nobody has answered for 60 s."""
    site_name: str = ""
    """Name of the site in that sentence; its code when empty."""
    zone: Annotated[str, BeforeValidator(_zone)] = "WIB"
    """Time zone of that sentence: WIB, WITA or WIT."""


class SupplySection(Section):
    """What the kernel knows of mains, battery and case: files that hold 0 or 1."""

    mains_file: FilePath | None = None
    """1 while mains power is there, such as /sys/class/power_supply/…/online; none when not fitted."""
    battery_file: FilePath | None = None
    """1 while the battery is low; none when not fitted."""
    tamper_file: FilePath | None = None
    """1 while the case is open; none when not fitted."""


class BrokerSection(Section):
    """The site broker."""

    mosquitto: str = "mosquitto"
    """Name or path of the mosquitto 2 program."""


class LogSection(Section):
    """The log, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important lines that are written."""


class GatewaySettings(Settings):
    """All of gateway.toml."""

    gateway: GatewaySection
    """Who this gateway is."""
    buttons: ButtonsSection = ButtonsSection()
    """Where buttons connect to."""
    centre: CentreSection
    """Where the centre is and who we are there."""
    report: ReportSection = ReportSection()
    """The site report."""
    modem: ModemSection = ModemSection()
    """The gateway's own modem."""
    second_path: SecondPathSection = SecondPathSection()
    """Whom the modem texts."""
    supply: SupplySection = SupplySection()
    """Mains, battery and case."""
    broker: BrokerSection = BrokerSection()
    """The site broker."""
    log: LogSection = LogSection()
    """The log."""
