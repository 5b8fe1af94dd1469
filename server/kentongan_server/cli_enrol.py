"""`kentongan enrol`: sites, posts, gateways and their kits."""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from kentongan_host.errors import HostError
from kentongan_server import centre_state, cli_state
from kentongan_server.adapters import kit, register
from kentongan_server.adapters.kit import Address, Numbers
from kentongan_server.application import enrol as rules
from kentongan_server.domain.errors import CentreError, InvalidError
from kentongan_server.domain.number import checked
from kentongan_server.domain.plain_text import sentence
from kentongan_wire import topics
from kentongan_wire.errors import FrameError

BUTTONS_PORT = 8883  # default port of a site's PSK listener
GATEWAY_NAME = "gateway.local"  # where a button looks for its gateway unless told otherwise

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - it has no public name


def enrol(argv: list[str]) -> int:
    """Enrols sites, posts and gateways, and writes the kits for their devices.

    Returns:
        0 when done, 1 when refused, 2 for a wrong command line.
    """
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], None] = arguments.command
    try:
        command(arguments)
    except (HostError, CentreError) as error:
        print(f"kentongan enrol: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kentongan enrol", description="Enrols sites, posts and gateways.")
    commands = parser.add_subparsers(metavar="WHAT", required=True)
    for add in (_add_centre, _add_gateway, _add_post, _add_devices):
        add(commands)
    return parser


def _add_centre(commands: Commands) -> None:
    init = _command(commands, "init", _init, "makes a centre's state folder: settings, keys, database, first user")
    init.add_argument(
        "--centre-host",
        metavar="NAME",
        action="append",
        default=[],
        help="name or address under which gateways will reach this centre; may be given several times",
    )

    site = _command(commands, "site", _site, "enrols a partner's premises")
    site.add_argument("code", metavar="CODE", help="short name: a-z, 0-9 and '-'")
    site.add_argument("--name", required=True, help="what operators read")
    site.add_argument("--address", default="", help="street and number, for whoever drives there")
    site.add_argument("--zone", default="Asia/Jakarta", help="time zone of the site (default: %(default)s)")


def _add_gateway(commands: Commands) -> None:
    gateway = _command(commands, "gateway", _gateway, "enrols a site's gateway and writes its kit")
    gateway.add_argument("--site", required=True, metavar="CODE")
    gateway.add_argument("--out", required=True, type=Path, metavar="DIR", help="new folder for the kit")
    gateway.add_argument(
        "--buttons-host",
        default="0.0.0.0",
        metavar="ADDRESS",
        help="where it listens for buttons (default: everywhere)",
    )
    gateway.add_argument("--buttons-port", default=BUTTONS_PORT, type=int, metavar="PORT", help="default: %(default)s")
    gateway.add_argument(
        "--centre-host", metavar="NAME", help="where it reaches the centre (default: this machine's name)"
    )
    gateway.add_argument("--centre-port", type=int, metavar="PORT", help="default: the centre's own setting")
    gateway.add_argument("--modem-port", metavar="DEVICE", help="serial port of its modem (default: it has none)")
    _second_path_arguments(gateway)

    keys = _command(commands, "keys", _keys, "writes the list of a site's buttons that its gateway reads")
    keys.add_argument("--site", required=True, metavar="CODE")
    keys.add_argument("--out", required=True, type=Path, metavar="FILE", help="buttons.json; replaced when it is there")


def _add_post(commands: Commands) -> None:
    post = _command(commands, "post", _post, "enrols a post with its button and writes the button's kit")
    post.add_argument("--site", required=True, metavar="CODE")
    post.add_argument("--name", required=True, help="where it is fixed, as operators read it")
    post.add_argument("--variant", required=True, choices=sorted(rules.VARIANTS))
    post.add_argument("--out", required=True, type=Path, metavar="DIR", help="new folder for the kit")
    post.add_argument(
        "--gateway-host",
        default=GATEWAY_NAME,
        metavar="NAME",
        help="where the button finds its gateway (default: %(default)s)",
    )
    post.add_argument("--gateway-port", default=BUTTONS_PORT, type=int, metavar="PORT", help="default: %(default)s")
    post.add_argument("--wifi-ssid", default="kentongan", metavar="NAME", help="default: %(default)s")
    _second_path_arguments(post)


def _add_devices(commands: Commands) -> None:
    number = _command(commands, "number", _number, "says which number the SIM of a device has")
    number.add_argument("device", metavar="DEVICE", help="eight hex digits")
    number.add_argument("number", metavar="NUMBER", help="E.164, such as +6281234567890; or: none")

    retire = _command(commands, "retire", _retire, "takes a device out of service: it still rings, marked as retired")
    retire.add_argument("device", metavar="DEVICE", help="eight hex digits")

    compromised = _command(commands, "compromised", _compromised, "refuses everything that a stolen device sends")
    compromised.add_argument("device", metavar="DEVICE", help="eight hex digits")


def _second_path_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--number", metavar="NUMBER", help="number of its SIM, such as +6281234567890")
    command.add_argument(
        "--duty-number",
        metavar="NUMBER",
        action="append",
        help="phone that it texts when the centre does not answer; several times (default: [duty] of centre.toml)",
    )


def _command(
    commands: Commands,
    name: str,
    command: Callable[[argparse.Namespace], None],
    summary: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    cli_state.add_arguments(parser)
    parser.set_defaults(command=command)
    return parser


def _init(arguments: argparse.Namespace) -> None:
    begun = cli_state.begun(arguments)
    begun.state.authority.ensure_server(*arguments.centre_host)
    print(f"The centre's state is in {arguments.state}.")
    print_first_password(begun)


def print_first_password(begun: centre_state.Begun) -> None:
    """Shows the first user's password: the only time that anybody can read it."""
    if begun.admin_password is not None:
        print(f"First user: {centre_state.ADMIN}  password: {begun.admin_password}")
        print("Write it down now; it is not stored and will not be shown again.")


def _site(arguments: argparse.Namespace) -> None:
    state = cli_state.opened(arguments)
    site = rules.Site(arguments.code, arguments.name, arguments.address, arguments.zone)
    with register.writing(state.database) as writing:
        rules.add_site(writing, site, centre_state.now_ms())
    print(f"Site {site.code} is enrolled.")


def _gateway(arguments: argparse.Namespace) -> None:
    state = cli_state.opened(arguments)
    centre = Address(arguments.centre_host or socket.gethostname(), arguments.centre_port or state.settings.broker.port)
    out = kit.new_directory(arguments.out)
    with register.writing(state.database) as writing:
        at_ms = centre_state.now_ms()
        gateway = rules.add_gateway(writing, state.sealer, arguments.site, at_ms, number=arguments.number)
        site = rules.find_site(writing, arguments.site)
        buttons = rules.site_keys(writing, state.sealer, arguments.site, centre_state.now_ms())
        listen = Address(arguments.buttons_host, arguments.buttons_port)
        numbers, port = _numbers(state, arguments), arguments.modem_port
        kit.write_gateway(
            out, gateway, state.authority, buttons, listen, centre, site=site, numbers=numbers, modem_port=port
        )
    print(f"Gateway {topics.device_name(gateway.device)} of site {arguments.site} is enrolled; its kit is in {out}.")
    if state.authority.ensure_server(centre.host):
        print(f"The broker's certificate now also names {centre.host}: restart a centre that is running.")


def _post(arguments: argparse.Namespace) -> None:
    state = cli_state.opened(arguments)
    out = kit.new_directory(arguments.out)
    with register.writing(state.database) as writing:
        button = rules.add_post(
            writing,
            state.sealer,
            arguments.site,
            arguments.name,
            arguments.variant,
            centre_state.now_ms(),
            number=arguments.number,
        )
        site = rules.find_site(writing, arguments.site)
        reached = Address(arguments.gateway_host, arguments.gateway_port)
        words = sentence(site.name, arguments.name, site.code)
        numbers, ssid = _numbers(state, arguments), arguments.wifi_ssid
        kit.write_button(out, button, arguments.variant, reached, ssid, numbers=numbers, sentence=words, zone=site.zone)
    print(f"Post {arguments.name!r} has button {topics.device_name(button.device)}; its kit is in {out}.")
    print(f"Give its gateway the new list: kentongan enrol keys --site {arguments.site} --out buttons.json")


def _keys(arguments: argparse.Namespace) -> None:
    state = cli_state.opened(arguments)
    with register.writing(state.database) as writing:
        buttons = rules.site_keys(writing, state.sealer, arguments.site, centre_state.now_ms())
        kit.write_buttons(arguments.out, arguments.site, buttons)
    print(f"{arguments.out} lists {len(buttons)} button(s); the gateway reads it at its start and on SIGHUP.")


def _retire(arguments: argparse.Namespace) -> None:
    state = cli_state.opened(arguments)
    with register.writing(state.database) as writing:
        rules.retire(writing, _device(arguments.device), centre_state.now_ms())
    print(f"Device {arguments.device} is retired.")


def _compromised(arguments: argparse.Namespace) -> None:
    state = cli_state.opened(arguments)
    with register.writing(state.database) as writing:
        rules.compromise(writing, _device(arguments.device), centre_state.now_ms())
    print(f"Everything that device {arguments.device} sends is refused from now on, and shown.")


def _number(arguments: argparse.Namespace) -> None:
    state = cli_state.opened(arguments)
    number = None if arguments.number == "none" else arguments.number
    with register.writing(state.database) as writing:
        rules.change_number(writing, _device(arguments.device), number, centre_state.now_ms())
    print(f"Device {arguments.device} has {'no number' if number is None else f'number {number}'} now.")


def _numbers(state: centre_state.CentreState, arguments: argparse.Namespace) -> Numbers:
    """Whom a new device texts: two modems of the centre, of two operators if there are, and who is on duty."""
    duty = tuple(checked(one) for one in arguments.duty_number or state.settings.duty.numbers)
    return Numbers(state.settings.centre_numbers, duty)


def _device(name: str) -> int:
    try:
        return topics.device_number(name)
    except FrameError as error:
        raise InvalidError(f"device: {error.detail}.") from error
