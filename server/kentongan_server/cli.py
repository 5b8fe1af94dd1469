"""`kentongan serve`, `kentongan user` and `kentongan audit`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable

import uvloop

from kentongan_host import log
from kentongan_host.errors import HostError
from kentongan_host.notify import Notifier
from kentongan_host.secret_files import write_secret
from kentongan_server import centre_state, cli_state, serving
from kentongan_server.adapters import auditing
from kentongan_server.cli_enrol import print_first_password
from kentongan_server.cli_user import user
from kentongan_server.domain.errors import CentreError

__all__ = ["audit", "serve", "user"]

FIRST_PASSWORD_FILE = "first-password"  # noqa: S105 - the name of a file
STOPPED_BY_USER = 130  # what a shell says after Ctrl-C


def serve(argv: list[str]) -> int:
    """Runs the centre: takes alarms in, shows them to operators and answers the buttons.

    Returns:
        0 when it was stopped, 1 when something of the machine is not as it needs it.
    """
    parser = argparse.ArgumentParser(prog="kentongan serve", description="Runs the centre until it is stopped.")
    cli_state.add_arguments(parser)
    parser.add_argument(
        "--log-level", default="info", choices=("debug", "info", "warning", "error"), help="default: %(default)s"
    )
    arguments = parser.parse_args(argv)

    def run() -> None:
        log.configure(level=arguments.log_level)
        for chatty in ("alembic", "uvicorn"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        begun = cli_state.begun(arguments)
        _hand_over_first_password(begun)
        uvloop.run(serving.serve(begun.state, _say_ready, _say_stands_by))

    return _guarded("serve", run)


def audit(argv: list[str]) -> int:
    """Proves that the centre's history is whole and unchanged.

    Returns:
        0 when it is, 1 when it is not or cannot be read, 2 for a wrong command line.
    """
    parser = argparse.ArgumentParser(prog="kentongan audit", description="The centre's history.")
    commands = parser.add_subparsers(metavar="WHAT", required=True)
    verify = commands.add_parser(
        "verify",
        help="checks the hash chain",
        description="Walks the history from its beginning; names each row that is missing, changed or out of place.",
    )
    cli_state.add_arguments(verify)
    verify.add_argument(
        "--head", metavar="POSITION:HASH", help="a head that was noted earlier and must still be part of the history"
    )
    arguments = parser.parse_args(argv)
    findings = 0

    def run() -> None:
        nonlocal findings
        state = cli_state.opened(arguments)
        result = auditing.verify(state.database, arguments.head)
        for finding in result.findings:
            print(finding)
        findings = len(result.findings)
        if not findings:
            print(f"The history is whole: {result.rows} rows, head {result.head}")

    return _guarded("audit", run) or int(findings > 0)


def _guarded(command: str, run: Callable[[], None]) -> int:
    try:
        run()
    except (HostError, CentreError) as error:
        print(f"kentongan {command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return STOPPED_BY_USER
    return 0


def _hand_over_first_password(begun: centre_state.Begun) -> None:
    """On a terminal somebody reads it; under a service manager it would stay in a log for ever."""
    if begun.admin_password is None or sys.stdout.isatty():
        print_first_password(begun)
        return
    path = begun.state.directory / FIRST_PASSWORD_FILE
    write_secret(path, begun.admin_password.encode() + b"\n")
    print(f"First user: {centre_state.ADMIN}; the password is in {path}: read it, then delete the file.")


def _say_ready(address: str) -> None:
    print(f"The console is at {address}", flush=True)
    Notifier().ready(f"taking alarms in, console at {address}")


def _say_stands_by() -> None:
    print("Another centre on this database is at work; this one stands by.", flush=True)
    Notifier().ready("standing by: another centre is at work")
