"""`kentongan privacy report`: what the centre holds about people."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from kentongan_host.errors import HostError
from kentongan_server import cli_state
from kentongan_server.adapters import privacy as holdings
from kentongan_server.adapters.privacy import Held
from kentongan_server.centre_state import now_ms
from kentongan_server.desk_service import keeping
from kentongan_server.domain.errors import CentreError
from kentongan_server.domain.retention import DAY_MS


def privacy(argv: list[str]) -> int:
    """Says what personal data the centre holds, how old it is, what expires when, and what was erased.

    Returns:
        0 when done, 1 when it cannot be read, 2 for a wrong command line.
    """
    parser = argparse.ArgumentParser(prog="kentongan privacy", description="Personal data of a centre.")
    commands = parser.add_subparsers(metavar="WHAT", required=True)
    report = commands.add_parser(
        "report",
        help="what is held, how old, what expires when, what was erased",
        description="Tells kinds, counts and ages, never the data itself. Backups are not in it: they keep what was "
        "in them, so delete those that are older than the rules.",
    )
    cli_state.add_arguments(report)
    arguments = parser.parse_args(argv)
    try:
        state = cli_state.opened(arguments)
        at_ms = now_ms()
        for one in holdings.report(state.database, keeping(state.settings.retention), at_ms):
            print(line(one, at_ms))
    except (HostError, CentreError) as error:
        print(f"kentongan privacy: {error}", file=sys.stderr)
        return 1
    return 0


def line(held: Held, at_ms: int) -> str:
    """One kind of data in words."""
    words = [f"{held.what}: {held.count}"]
    if held.oldest_ms is not None:
        words.append(f"oldest {(at_ms - held.oldest_ms) // DAY_MS} days")
    if held.expires_at_ms is not None:
        words.append(f"next expires {datetime.fromtimestamp(held.expires_at_ms / 1000, UTC):%Y-%m-%d}")
    if held.waiting:
        words.append(f"{held.waiting} expired but of an open incident: close it")
    if held.rule is not None:
        words.append(f"erased so far {held.erased}")
    return ", ".join(words)
