"""What every command of the centre is told: its state folder, and where its store is."""

from __future__ import annotations

import argparse
from pathlib import Path

from kentongan_server import centre_state
from kentongan_server.adapters.database import Database


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--state` and `--database`."""
    parser.add_argument("--state", required=True, type=Path, metavar="DIR", help="the centre's state folder")
    parser.add_argument(
        "--database",
        type=_database,
        metavar="FILE|URL",
        help="a SQLite file or postgresql://USER@HOST/NAME (default: [store] database of its settings)",
    )


def opened(arguments: argparse.Namespace) -> centre_state.CentreState:
    """See `centre_state.open_state`."""
    return centre_state.open_state(arguments.state, arguments.database)


def begun(arguments: argparse.Namespace) -> centre_state.Begun:
    """See `centre_state.begin`."""
    return centre_state.begin(arguments.state, arguments.database)


def _database(text: str) -> Database:
    found = Database.of(text)
    if found.has_password:
        # Without the text: argparse would show it, and what shows it may be kept.
        raise argparse.ArgumentTypeError(
            "a password does not belong on a command line; put it into a file that PGPASSFILE names"
        )
    return found
