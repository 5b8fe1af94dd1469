"""`kentongan import` and `kentongan export`: the city's register as tables for a spreadsheet."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from kentongan_host.errors import HostError
from kentongan_host.secret_files import write_secret
from kentongan_server import centre_state, cli_state
from kentongan_server.adapters import exporting, passwords, register
from kentongan_server.application import crime_import
from kentongan_server.application.importing import KINDS, SAME, Result, bring_in, read_table
from kentongan_server.application.sites import By
from kentongan_server.application.users import one_time_password
from kentongan_server.centre_state import CentreState
from kentongan_server.domain import crimes
from kentongan_server.domain.csv_table import BYTES_MAX, Reading
from kentongan_server.domain.errors import CentreError

TABLES = (*KINDS, crimes.TABLE)
ALL = "all"
WHO = "kentongan import"  # in the history: whoever has the state folder


class _TakenBackError(Exception):
    """Ends a transaction without a commit."""

    def __init__(self, result: Result) -> None:
        super().__init__(len(result.mistakes))
        self.result = result


def import_(argv: list[str]) -> int:
    """Brings sites, posts, contacts, users, agencies or the city's own numbers of crimes in from a table.

    Returns:
        0 when done, 1 when anything of the table cannot be taken (then nothing is), 2 for a wrong command line.
    """
    parser = argparse.ArgumentParser(
        prog="kentongan import",
        description="Brings a table in: all of its rows, or none when anything is wrong. Rows are known by their "
        "codes: what is there already is changed, and what the table does not name stays.",
    )
    parser.add_argument("kind", choices=TABLES, metavar="KIND", help=", ".join(TABLES))
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV in UTF-8, with a header; , or ; between cells")
    parser.add_argument("--dry-run", action="store_true", help="tell what would happen, write nothing")
    parser.add_argument(
        "--print-passwords",
        action="store_true",
        help="users: print a one-time password for each new one (without it they need a reset to come in)",
    )
    cli_state.add_arguments(parser)
    return _guarded("import", parser.parse_args(argv), _import)


def export(argv: list[str]) -> int:
    """Writes one of the city's tables as import takes it, or all of them as one database.

    Returns:
        0 when done, 1 when it cannot be read or written, 2 for a wrong command line.
    """
    parser = argparse.ArgumentParser(
        prog="kentongan export",
        description=f"Writes a table that import takes; or, with KIND {ALL}, all of them as one SQLite database, "
        "to look at with other programs.",
    )
    parser.add_argument("kind", choices=(*TABLES, ALL), metavar="KIND", help=", ".join((*TABLES, ALL)))
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to (default: standard output)")
    cli_state.add_arguments(parser)
    arguments = parser.parse_args(argv)
    if arguments.kind == ALL and arguments.out is None:
        parser.error(f"{ALL} is a database, not text: say where to with --out FILE")
    return _guarded("export", arguments, _export)


def rehearse(state: CentreState, kind: str, reading: Reading, *, with_passwords: bool = False) -> Result:
    """What bringing the table in would come to; nobody waits for it, however long the table is."""
    promised = {line.values.get("name", ""): "" for line in reading.lines} if with_passwords else None
    with register.rehearsing(state.database) as book:
        return bring_in(book, kind, reading, By(WHO, centre_state.now_ms()), promised)


def bring(state: CentreState, kind: str, rehearsed: Result, hashes: Mapping[str, str] | None = None) -> Result:
    """Brings in what a rehearsal without mistakes found to be new or changed, in one transaction or not at all.

    Alarms wait for the store meanwhile: so what is the same already is not looked at again, and the rest is only
    because somebody may have changed something since.
    """

    def work(book: register.SqlRegister) -> Result:
        found = bring_in(book, kind, Reading(rehearsed.touched), By(WHO, centre_state.now_ms()), hashes)
        if found.mistakes:
            raise _TakenBackError(found)
        return found

    try:
        result = register.write_much(state.database, work)
    except _TakenBackError as taken_back:
        result = taken_back.result
    result.rows[SAME] += rehearsed.rows[SAME]
    return result


def _import(arguments: argparse.Namespace) -> int:
    state = cli_state.opened(arguments)
    data = _read(arguments.file)
    if arguments.kind == crimes.TABLE:
        return _told(arguments, _bring_crimes(state, data, dry_run=arguments.dry_run), {})
    with_passwords = arguments.print_passwords and arguments.kind == "users"
    rehearsed = rehearse(state, arguments.kind, read_table(arguments.kind, data), with_passwords=with_passwords)
    if arguments.dry_run or rehearsed.mistakes or not rehearsed.touched:
        return _told(arguments, rehearsed, {})
    # Hashing is work of a twentieth of a second each: not while alarms wait for the store.
    words = {name: one_time_password() for name in rehearsed.new_users} if with_passwords else {}
    hashes = {name: passwords.hashed(word) for name, word in words.items()}
    return _told(arguments, bring(state, arguments.kind, rehearsed, hashes), words)


def _read(file: Path) -> bytes:
    """All of a file, unless it is larger than any table that can be taken: then its first bytes, which say so."""
    try:
        with file.open("rb") as opened:
            data = opened.read(BYTES_MAX + 1)
    except OSError as error:
        raise HostError(f"cannot read {file}: {error.strerror}.", "Is it there, and readable?") from error
    if len(data) > BYTES_MAX:
        raise HostError(f"{file} has more than {BYTES_MAX} bytes.", "Is it the right file? If so, divide the table.")
    return data


def _bring_crimes(state: CentreState, data: bytes, *, dry_run: bool) -> Result:
    counts, mistakes = crime_import.read(data)
    result = Result(mistakes=mistakes)
    if mistakes:
        return result

    def work(book: register.SqlRegister) -> Counter[str]:
        return crime_import.bring_in(book, counts, WHO, centre_state.now_ms())

    if dry_run:
        with register.rehearsing(state.database) as book:
            result.rows = work(book)
    else:
        result.rows = register.write_much(state.database, work)
    return result


def _told(arguments: argparse.Namespace, result: Result, words: Mapping[str, str]) -> int:
    if result.mistakes:
        for mistake in result.mistakes:
            print(f"{arguments.file}: {mistake}", file=sys.stderr)
        print(f"{len(result.mistakes)} mistake(s); nothing was written.", file=sys.stderr)
        return 1
    counts = ", ".join(f"{result.rows[word]} {word}" for word in ("new", "changed", "same"))
    print(f"{arguments.kind}: {counts}{' (dry run, nothing was written)' if arguments.dry_run else ''}")
    _hand_out(result, words, dry_run=arguments.dry_run)
    return 0


def _hand_out(result: Result, words: Mapping[str, str], *, dry_run: bool) -> None:
    """The one-time passwords of those who were made: the only time that anybody can read them."""
    for name in result.new_users:
        if name in words:
            print(f"{name}  password: {words[name]}")
    if any(name in words for name in result.new_users):
        print("Each must be changed at the first log-in; they are not stored and will not be shown again.")
    elif result.new_users and not dry_run:
        print(f"{len(result.new_users)} new user(s) have no password: an admin gives each one by a reset.")


def _export(arguments: argparse.Namespace) -> int:
    state = cli_state.opened(arguments)
    if arguments.kind == ALL:
        table = exporting.export_all(state.database)
    else:
        table = exporting.export(state.database, arguments.kind).encode()
    if arguments.out is None:
        sys.stdout.buffer.write(table)
    else:
        write_secret(arguments.out, table)  # names and numbers of people: for nobody else of this machine
        print(f"{arguments.out} has {'all tables' if arguments.kind == ALL else f'the {arguments.kind}'}.")
    return 0


def _guarded(command: str, arguments: argparse.Namespace, run: Callable[[argparse.Namespace], int]) -> int:
    try:
        return run(arguments)
    except (HostError, CentreError) as error:
        print(f"kentongan {command}: {error}", file=sys.stderr)
        return 1
