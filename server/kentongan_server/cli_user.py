"""`kentongan user`: the people who work at the centre, beside a running one."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable

from kentongan_host.errors import HostError
from kentongan_server import centre_state, cli_state
from kentongan_server.adapters import passwords, read_people, register
from kentongan_server.adapters.store import reader
from kentongan_server.application import enrol, users
from kentongan_server.application.users import Changes, NewPerson
from kentongan_server.centre_state import CentreState
from kentongan_server.domain.errors import CentreError
from kentongan_server.domain.roles import Role

BY = "kentongan user"  # who did it, as the history names a command
STOPPED_BY_USER = 130  # what a shell says after Ctrl-C


def user(argv: list[str]) -> int:
    """Enrols people who work at the centre, changes what they are, takes them out.

    Returns:
        0 when done, 1 when refused, 2 for a wrong command line.
    """
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(cli_state.opened(arguments), arguments)
    except (HostError, CentreError) as error:
        print(f"kentongan user: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return STOPPED_BY_USER
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kentongan user", description="People who work at the centre.")
    commands = parser.add_subparsers(metavar="WHAT", required=True)

    def command(
        name: str, told: str, run: Callable[[CentreState, argparse.Namespace], None], *, named: bool = True
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=told, description=f"{told[0].upper()}{told[1:]}.")
        cli_state.add_arguments(made)
        if named:
            made.add_argument("--name", required=True, help="log-in name")
        made.set_defaults(run=run)
        return made

    add = command("add", "enrols a person; the password is never an argument", _add)
    add.add_argument("--full-name", default="", help="as colleagues know them")
    _binding(add, required=True)
    source = add.add_mutually_exclusive_group()
    source.add_argument("--password-stdin", action="store_true", help="read the password from the first line of stdin")
    source.add_argument(
        "--generate-password", action="store_true", help="make one up, show it once; it must be changed at first use"
    )
    command("list", "lists everybody", _list, named=False)
    command("disable", "lets somebody in no more and ends their sessions", _disable)
    command("enable", "lets somebody in again", _enable)
    command("reset", "makes a one-time password, shown once; passkeys go and sessions end", _reset)
    _binding(command("role", "gives somebody another role and ends their sessions", _role), required=True)
    return parser


def _binding(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--role", required=required, choices=[str(role) for role in Role])
    parser.add_argument("--agency", help="code of the agency of an agency desk or a unit")
    parser.add_argument("--site", action="append", default=[], help="code of a partner's site; once for each")


def _add(state: CentreState, arguments: argparse.Namespace) -> None:
    generated = arguments.generate_password
    password = users.one_time_password() if generated else _asked_password(from_stdin=arguments.password_stdin)
    enrol.check_password(password)
    sites = tuple(arguments.site)
    person = NewPerson(arguments.name, arguments.role, arguments.full_name, arguments.agency, sites)
    with register.writing(state.database) as book:
        hashed, at_ms = passwords.hashed(password), centre_state.now_ms()
        users.add_person(book, person, hashed, at_ms, must_change=generated, by=BY)
    print(f"{arguments.name} is enrolled as {arguments.role}.")
    if generated:
        _show(password)


def _list(state: CentreState, _arguments: argparse.Namespace) -> None:
    engine = reader(state.database)
    try:
        with engine.connect() as connection:
            found = read_people.users(connection)
    finally:
        engine.dispose()
    for one in found:
        bound = one["agency"] or " ".join(one["sites"])
        unused = "one-time password" if one["must_change"] else ""
        stands = unused if one["disabled_at_ms"] is None else "disabled"
        print("\t".join((one["name"], one["role"], bound, one["full_name"], stands)).rstrip())


def _disable(state: CentreState, arguments: argparse.Namespace) -> None:
    _change(state, arguments.name, Changes(disabled=True))
    print(f"{arguments.name} is let in no more.")


def _enable(state: CentreState, arguments: argparse.Namespace) -> None:
    _change(state, arguments.name, Changes(disabled=False))
    print(f"{arguments.name} is let in again.")


def _role(state: CentreState, arguments: argparse.Namespace) -> None:
    _change(state, arguments.name, Changes(arguments.role, agency=arguments.agency or "", sites=tuple(arguments.site)))
    print(f"{arguments.name} is {arguments.role} now.")


def _change(state: CentreState, name: str, changes: Changes) -> None:
    with register.writing(state.database) as book:
        found = users.find_named(book, name)
        users.change_person(book, found.id, changes, centre_state.now_ms(), BY)


def _reset(state: CentreState, arguments: argparse.Namespace) -> None:
    password = users.one_time_password()
    hashed = passwords.hashed(password)
    with register.writing(state.database) as book:
        found = users.find_named(book, arguments.name)
        users.reset_person(book, found.id, hashed, centre_state.now_ms(), BY)
    print(f"{arguments.name} has a one-time password.")
    _show(password)


def _show(password: str) -> None:
    print(f"password: {password}")
    print("Write it down now; it is not stored and will not be shown again.")


def _asked_password(*, from_stdin: bool) -> str:
    if from_stdin or not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise CentreError("the two passwords differ.", "Try again.")
    return password
