"""Enrols the demo's city with the centre's own enrolment: state folder, sites, posts, gateways, people, kits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kentongan_host.errors import HostError
from kentongan_host.files import make_private_directory, write_private
from kentongan_server import centre_state
from kentongan_server.adapters import kit, passwords, register
from kentongan_server.adapters.kit import Address, Numbers
from kentongan_server.application import enrol as rules
from kentongan_server.domain.errors import CentreError
from kentongan_server.domain.plain_text import sentence
from kentongan_sim.errors import SimError
from kentongan_sim.plan import DUTY_NUMBERS, MODEMS, OPERATOR, SPARE_POST, ZONE, PostPlan, SitePlan
from kentongan_sim.ports import HOST
from kentongan_wire.topics import device_name

WIFI_SSID = "kentongan-contoh"


@dataclass(frozen=True)
class ButtonKit:
    """What enrolment wrote for a button."""

    device: int
    key_id: int
    site: str
    post: PostPlan
    folder: Path

    @property
    def description(self) -> dict[str, object]:
        """The content of device.json."""
        found: dict[str, object] = json.loads((self.folder / "device.json").read_text(encoding="utf-8"))
        return found

    @property
    def root(self) -> bytes:
        """The root secret."""
        return (self.folder / "secret.bin").read_bytes()


@dataclass(frozen=True)
class GatewayKit:
    """What enrolment wrote for a gateway."""

    device: int
    key_id: int
    site: str
    folder: Path

    @property
    def config(self) -> Path:
        """Its settings."""
        return self.folder / "gateway.toml"

    @property
    def root(self) -> bytes:
        """The root secret."""
        return bytes.fromhex((self.folder / "gateway.secret").read_text(encoding="ascii"))

    def psk(self, device: int) -> bytes:
        """The transport key of one of its buttons."""
        listed = json.loads((self.folder / "buttons.json").read_text(encoding="utf-8"))["buttons"]
        return bytes.fromhex(next(row["psk"] for row in listed if row["device"] == device_name(device)))


@dataclass(frozen=True)
class SiteAddresses:
    """Where things of one site listen and are reached, all on loopback.

    Attributes:
        listener: port of the site broker.
        reached: for each post, the port under which its button reaches that broker.
        centre: port under which the gateway reaches the centre's broker.
        modem: serial port of the gateway's modem; None for a gateway without one.
    """

    listener: int
    reached: tuple[int, ...]
    centre: int
    modem: str | None = None


@dataclass(frozen=True)
class EnrolledSite:
    """A site and its kits."""

    plan: SitePlan
    gateway: GatewayKit
    buttons: tuple[ButtonKit, ...]


@dataclass(frozen=True)
class EnrolledCity:
    """The whole city.

    Attributes:
        centre: the centre's state folder.
        password: of the user OPERATOR.
        spare_button: enrolled at the first site and never powered.
        spare_gateway: enrolled at the first site and never started.
    """

    centre: Path
    password: str
    sites: tuple[EnrolledSite, ...]
    spare_button: ButtonKit
    spare_gateway: GatewayKit

    @property
    def database(self) -> Path:
        """The centre's database."""
        return self.centre / "kentongan.db"


def enrol_city(
    state: Path,
    sites: Sequence[SitePlan],
    http_port: int,
    broker_port: int,
    addresses: Sequence[SiteAddresses],
    modem_ports: Sequence[str] = (),
) -> EnrolledCity:
    """Enrol everything into a new state folder.

    Args:
        state: the folder.
        sites: what to enrol.
        http_port: of the console.
        broker_port: of the centre's broker.
        addresses: where things of each site listen and are reached.
        modem_ports: serial ports of the centre's modems, one for each of the plan; none for a city without SMS.

    Raises:
        SimError: the centre refused, or something cannot be written.
    """
    try:
        return _Enrolment(state, http_port, broker_port, modem_ports).city(sites, addresses)
    except (HostError, CentreError) as error:
        raise SimError(f"the city could not be enrolled: {error}") from error


class _Enrolment:
    def __init__(self, state: Path, http_port: int, broker_port: int, modem_ports: Sequence[str]) -> None:
        self._state = state
        self._broker = Address(HOST, broker_port)
        self._numbers = Numbers(tuple(modem.number for modem in MODEMS), DUTY_NUMBERS) if modem_ports else Numbers()
        centre = make_private_directory(state / "centre")
        write_private(centre / "centre.toml", _settings(http_port, broker_port, modem_ports).encode())
        self._centre = centre_state.begin(centre).state

    def city(self, sites: Sequence[SitePlan], addresses: Sequence[SiteAddresses]) -> EnrolledCity:
        password = rules.generated_password()
        with register.writing(self._centre.database) as book:
            rules.add_user(book, OPERATOR, "operator", passwords.hashed(password), centre_state.now_ms())
            for site in sites:
                rules.add_site(book, rules.Site(site.code, site.name, site.address, ZONE), centre_state.now_ms())
            listener = addresses[0].listener
            spare_button = self._button(book, sites[0], SPARE_POST, listener)
            enrolled = tuple(self._site(book, site, where) for site, where in zip(sites, addresses, strict=True))
            unplugged = replace(addresses[0], modem=None)
            spare_gateway = self._gateway(book, sites[0], "spare", unplugged, None)
        return EnrolledCity(self._centre.directory, password, enrolled, spare_button, spare_gateway)

    def _site(self, book: register.SqlRegister, site: SitePlan, where: SiteAddresses) -> EnrolledSite:
        # Buttons first: the gateway's kit lists them.
        buttons = tuple(
            self._button(book, site, post, port) for post, port in zip(site.posts, where.reached, strict=True)
        )
        return EnrolledSite(site, self._gateway(book, site, site.code, where, site.number), buttons)

    def _button(self, book: register.SqlRegister, site: SitePlan, post: PostPlan, port: int) -> ButtonKit:
        now_ms = centre_state.now_ms()
        made = rules.add_post(book, self._centre.sealer, site.code, post.name, post.variant, now_ms, number=post.number)
        out = kit.new_directory(self._state / "buttons" / device_name(made.device))
        words = sentence(site.name, post.name)
        reached = Address(HOST, port)
        kit.write_button(out, made, post.variant, reached, WIFI_SSID, numbers=self._numbers, sentence=words)
        return ButtonKit(made.device, made.key_id, site.code, post, out)

    def _gateway(
        self, book: register.SqlRegister, site: SitePlan, name: str, where: SiteAddresses, number: str | None
    ) -> GatewayKit:
        now_ms = centre_state.now_ms()
        made = rules.add_gateway(book, self._centre.sealer, site.code, now_ms, number=number)
        keys = rules.site_keys(book, self._centre.sealer, site.code, now_ms)
        out = kit.new_directory(self._state / "gateways" / name)
        kit.write_gateway(
            out,
            made,
            self._centre.authority,
            keys,
            Address(HOST, where.listener),
            Address(HOST, where.centre),
            site=rules.find_site(book, site.code),
            numbers=self._numbers,
            modem_port=where.modem,
        )
        return GatewayKit(made.device, made.key_id, site.code, out)


def _settings(http_port: int, broker_port: int, modem_ports: Sequence[str]) -> str:
    # Plain HTTP on loopback: a cookie for HTTPS only would not come back.
    sections = [
        f'[http]\nhost = "{HOST}"\nport = {http_port}\nsecure_cookie = false\n',
        f'[broker]\nhost = "{HOST}"\nport = {broker_port}\n',
    ]
    if modem_ports:
        sections += [
            f'[[modems]]\nname = "{modem.name}"\noperator = "{modem.operator}"\nnumber = "{modem.number}"\n'
            f'port = "{port}"\n'
            for modem, port in zip(MODEMS, modem_ports, strict=True)
        ]
        sections.append(f"[duty]\nnumbers = {json.dumps(DUTY_NUMBERS)}\n")
    return "\n".join(sections)
