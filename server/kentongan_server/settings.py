"""The centre's settings: `centre.toml` in its state folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from kentongan_host.errors import HostError
from kentongan_host.files import PRIVATE_FILE, make_private_directory, write_private
from kentongan_host.settings import FilePath, Section, Settings, load, resolved
from kentongan_server.adapters.database import Database, is_url
from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.number import checked

SETTINGS_NAME: Final = "centre.toml"
AUTHORITY_NAME: Final = "ca"
BROKER_NAME: Final = "broker"

Port = Annotated[int, Field(ge=1, le=65_535)]


def _broker_url(url: str | None) -> str | None:
    if url is not None and not url.startswith(("mqtt://", "mqtts://")):
        raise ValueError("expected mqtt://HOST[:PORT] or mqtts://HOST[:PORT]")
    return url


def _origin(origin: str | None) -> str | None:
    if origin is None:
        return None
    parts = urlsplit(origin)
    plain = parts.scheme == "http" and parts.hostname == "localhost"
    if not (parts.scheme == "https" or plain) or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("expected https://NAME[:PORT] (http://localhost[:PORT] for a trial)")
    return origin


def _issuer(url: str | None) -> str | None:
    if url is not None and not url.startswith(("https://", "http://localhost:", "http://127.0.0.1:")):
        raise ValueError("expected https://…")
    return url


def _database(place: object) -> Database:
    if isinstance(place, str) and "://" in place and not is_url(place):
        raise ValueError("expected a path, or postgresql://USER@HOST/NAME")
    if not isinstance(place, Database | Path | str):
        raise ValueError("expected a path, or postgresql://USER@HOST/NAME")  # noqa: TRY004 - pydantic's
    found = Database.of(place)
    return found if found.is_postgres else Database(path=resolved(found.file))


DatabasePlace = Annotated[Database, BeforeValidator(_database)]
"""A path, relative to the folder of the settings file, or the URL of a PostgreSQL."""


def _number(text: str) -> str:
    try:
        return checked(text)
    except InvalidError:
        raise ValueError("expected a number such as +6281234567890") from None


Number = Annotated[str, AfterValidator(_number)]


def _distinct(modems: tuple[CentreModem, ...]) -> tuple[CentreModem, ...]:
    for key in ("name", "port", "number"):
        values = [getattr(modem, key) for modem in modems]
        if len(set(values)) < len(values):
            raise ValueError(f"expected every modem to have a {key} of its own")
    return modems


class Http(Section):
    """Where operators' browsers connect."""

    host: str = "127.0.0.1"
    """address to listen on; put a TLS proxy in front before it is anything but this machine"""
    port: Port = 8080
    """port to listen on"""
    secure_cookie: bool = True
    """send the session cookie over HTTPS (or to localhost) only"""
    trusted_proxy: str | None = None
    """address of the TLS proxy whose X-Forwarded-For is believed; by default nobody's is"""
    origin: Annotated[str | None, AfterValidator(_origin)] = None
    """where browsers open the console, https://NAME; passkeys and OIDC need it, and passkeys are bound to its name"""
    web_dir: FilePath | None = None
    """folder of the built console; by default the one in the package"""


class BrokerSection(Section):
    """Where gateways connect."""

    host: str = "0.0.0.0"
    """address on which our own broker listens for gateways"""
    port: Port = 8884
    """port on which our own broker listens for gateways"""
    mosquitto: str = "mosquitto"
    """name or path of the mosquitto 2 program"""
    url: Annotated[str | None, AfterValidator(_broker_url)] = None
    """another MQTT 5 broker instead of our own, mqtts://HOST:PORT; user name and password by `url_credentials`"""
    url_ca_file: FilePath | None = None
    """certificate authority of that broker; by default the system's"""
    url_credentials: FilePath | None = None
    """file, mode 0600, with NAME:PASSWORD for that broker"""


class StoreSection(Section):
    """Where alarms are kept."""

    database: DatabasePlace = Field(
        default=Database(path=Path("kentongan.db")), json_schema_extra={"kind": "path or URL"}
    )
    """SQLite database, or postgresql://USER@HOST/NAME; its password in a file that PGPASSFILE names"""
    least_free_mb: Annotated[int, Field(ge=10)] = 500
    """with less room than this on its disk (MB) there is a trouble: a month of alarms takes far less"""


class SealSection(Section):
    """What the devices' secrets are sealed with."""

    key_file: FilePath = Path("seal.key")
    """file with the sealing key, mode 0600; keep it out of the backups of the database"""


class CentreModem(Section):
    """One of the centre's modems; two of two operators are what buttons and gateways are told to text."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    """what troubles and the console call it: a-z, 0-9 and -"""
    port: str
    """serial port, /dev/serial/by-id/… best"""
    baud: Annotated[int, Field(ge=1_200, le=4_000_000)] = 115_200
    """its speed"""
    number: Number
    """number of its SIM, E.164; kits of buttons and gateways get it"""
    operator: str
    """mobile operator of its SIM: what fails at one is tried at another"""
    pin_file: FilePath | None = None
    """file, mode 0600, with the SIM's PIN; none for a SIM without one"""
    balance_ussd: Annotated[str, Field(pattern=r"^[*#0-9]{2,20}$")] | None = None
    """code that asks for the credit, such as *888#; none: nobody watches the credit"""
    balance_least: Annotated[int, Field(ge=0)] = 20_000
    """credit (rupiah) below which there is a trouble: some 60 messages"""
    valid_until: date | None = Field(default=None, json_schema_extra={"kind": "date"})
    """day until which the SIM is valid, where the answer about the credit does not tell it"""


class Oidc(Section):
    """A log-in of the city's own, beside passwords and passkeys; it lets nobody in who is not enrolled here."""

    issuer: Annotated[str | None, AfterValidator(_issuer)] = None
    """the OpenID Connect issuer, https://…; none: there is no such log-in"""
    client_id: str = "kentongan"
    """what the issuer calls this centre"""
    client_secret_file: FilePath | None = None
    """file, mode 0600, with the secret that the issuer gave this centre; none for a public client"""
    name: Annotated[str, Field(min_length=1, max_length=40)] = "SSO"
    """what stands on the button of the log-in page"""


class Duty(Section):
    """Whom the centre texts when its own console reaches nobody."""

    numbers: Annotated[tuple[Number, ...], Field(max_length=8)] = ()
    """phones of whoever is on duty, E.164; kits of buttons and gateways get them as well"""


Days = Annotated[int, Field(ge=1, le=3_650)]


class RetentionSection(Section):
    """How long what identifies citizens is kept (UU PDP 27/2022); the record of a case stays."""

    caller_days: Days = 90
    """days until number, name and words of a phone call are erased; a case that is open keeps its own"""
    exact_place_days: Days = 90
    """days until the address of a call is erased and its place made coarse (0.01 degrees, some 1.1 km)"""
    caller_digest_days: Days = 365
    """days until a caller is not known again, and prank marks are forgotten"""
    access_days: Days = 365
    """days until the names in the history of log-ins are erased; sessions themselves end within a day"""


class CentreSettings(Settings):
    """All of `centre.toml`."""

    http: Http = Http()
    """where operators' browsers connect"""
    broker: BrokerSection = BrokerSection()
    """where gateways connect"""
    store: StoreSection = StoreSection()
    """where alarms are kept"""
    seal: SealSection = SealSection()
    """what the devices' secrets are sealed with"""
    modems: Annotated[tuple[CentreModem, ...], AfterValidator(_distinct)] = ()
    """the centre's modems, two of two operators"""
    retention: RetentionSection = RetentionSection()
    """how long what identifies citizens is kept (UU PDP 27/2022)"""
    duty: Duty = Duty()
    """whom the centre texts when its own console reaches nobody"""
    oidc: Oidc = Oidc()
    """a log-in of the city's own, beside passwords and passkeys"""

    @property
    def centre_numbers(self) -> tuple[str, ...]:
        """The two numbers that devices text: of the first modem, and of one of another operator if there is."""
        first, others = self.modems[:1], self.modems[1:]
        second = sorted(others, key=lambda one: one.operator == self.modems[0].operator)[:1]
        return tuple(one.number for one in (*first, *second))


DEFAULT = """\
# Settings of the centre; docs/settings.md lists them all. Paths are relative to this file.

[http]
host = "127.0.0.1"
port = 8080

[broker]
host = "0.0.0.0"
port = 8884

[store]
database = "kentongan.db"

[seal]
key_file = "seal.key"
"""


def load_settings(state: Path, database: Database | None = None) -> CentreSettings:
    """The settings of a state folder; `database` goes before what they say.

    Raises:
        SettingsError: see `kentongan_host.settings.load`.
        HostError: there is no such folder or it was never initialised.
    """
    path = state / SETTINGS_NAME
    if not path.is_file():
        raise HostError(f"there is no {path}.", f"Begin with: kentongan enrol init --state {state}")
    settings = load(CentreSettings, path)
    if database is None:
        return settings
    return settings.model_copy(update={"store": settings.store.model_copy(update={"database": database})})


def make_settings(state: Path, database: Database | None = None) -> CentreSettings:
    """The settings of a state folder, which is made when it is not there; `database` as in `load_settings`.

    Raises:
        HostError: the folder cannot be made.
    """
    make_private_directory(state)
    path = state / SETTINGS_NAME
    if not path.exists():
        write_private(path, DEFAULT.encode())
        path.chmod(PRIVATE_FILE)
    return load_settings(state, database)
