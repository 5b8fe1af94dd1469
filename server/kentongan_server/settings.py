"""The centre's settings: `centre.toml` in its state folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from kentongan_host.errors import HostError
from kentongan_host.files import PRIVATE_FILE, make_private_directory, write_private
from kentongan_host.settings import FilePath, Section, Settings, load

SETTINGS_NAME: Final = "centre.toml"
AUTHORITY_NAME: Final = "ca"
BROKER_NAME: Final = "broker"

Port = Annotated[int, Field(ge=1, le=65_535)]


def _broker_url(url: str | None) -> str | None:
    if url is not None and not url.startswith(("mqtt://", "mqtts://")):
        raise ValueError("expected mqtt://HOST[:PORT] or mqtts://HOST[:PORT]")
    return url


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

    database: FilePath = Path("kentongan.db")
    """SQLite database"""


class SealSection(Section):
    """What the devices' secrets are sealed with."""

    key_file: FilePath = Path("seal.key")
    """file with the sealing key, mode 0600; keep it out of the backups of the database"""


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


def load_settings(state: Path) -> CentreSettings:
    """The settings of a state folder.

    Raises:
        SettingsError: see `kentongan_host.settings.load`.
        HostError: there is no such folder or it was never initialised.
    """
    path = state / SETTINGS_NAME
    if not path.is_file():
        raise HostError(f"there is no {path}.", f"Begin with: kentongan enrol init --state {state}")
    return load(CentreSettings, path)


def make_settings(state: Path) -> CentreSettings:
    """The settings of a state folder, which is made when it is not there.

    Raises:
        HostError: the folder cannot be made.
    """
    make_private_directory(state)
    path = state / SETTINGS_NAME
    if not path.exists():
        write_private(path, DEFAULT.encode())
        path.chmod(PRIVATE_FILE)
    return load_settings(state)
