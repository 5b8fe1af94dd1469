"""`kentongan backup` and `kentongan restore`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from kentongan_host.errors import HostError
from kentongan_server import cli_state
from kentongan_server.adapters import backing_up, restoring
from kentongan_server.adapters.backing_up import Sources
from kentongan_server.adapters.database import Database
from kentongan_server.adapters.restoring import Places
from kentongan_server.centre_state import now_ms
from kentongan_server.domain.errors import CentreError
from kentongan_server.settings import AUTHORITY_NAME, SETTINGS_NAME, CentreSettings, load_settings


def backup(argv: list[str]) -> int:
    """Backs a centre up, also while it runs.

    Returns:
        0 when done, 1 when it cannot be, 2 for a wrong command line.
    """
    parser = argparse.ArgumentParser(
        prog="kentongan backup",
        description="Copies database, settings and certificate authority of a centre, running or not, into one file. "
        "The sealing key is NOT in it, so that the file alone opens no device's secret.",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="the backup; must not be there")
    parser.add_argument(
        "--with-key",
        type=Path,
        metavar="FILE2",
        help="also write the sealing key, to a file of its own: keep it somewhere else than the backup",
    )
    cli_state.add_arguments(parser)
    return _guarded("backup", parser.parse_args(argv), _backup)


def restore(argv: list[str]) -> int:
    """Puts a backup in place, into a folder whose centre does not run.

    Returns:
        0 when done, 1 when it cannot be, 2 for a wrong command line.
    """
    parser = argparse.ArgumentParser(
        prog="kentongan restore",
        description="Proves that a backup is whole, then puts it in place at once. A crash leaves the old state or "
        "the new one. The restored centre begins a new incarnation: buttons offer their presses of seven days again.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")
    cli_state.add_arguments(parser)
    parser.add_argument("--replace", action="store_true", help="replace the centre that is there")
    parser.add_argument("--key", type=Path, metavar="FILE2", help="the sealing key, to be put in place as well")
    return _guarded("restore", parser.parse_args(argv), _restore)


def _backup(arguments: argparse.Namespace) -> None:
    directory: Path = arguments.state
    restoring.finish(directory)
    settings = load_settings(directory, arguments.database)
    if not settings.store.database.exists():
        raise HostError(f"there is no database {settings.store.database}.", "There is nothing to back up.")
    files = {SETTINGS_NAME: directory / SETTINGS_NAME}
    authority = directory / AUTHORITY_NAME
    files |= {f"{AUTHORITY_NAME}/{path.name}": path for path in sorted(authority.glob("*")) if path.is_file()}
    sources = Sources(settings.store.database, files, settings.seal.key_file)
    made = backing_up.back_up(sources, arguments.out, now_ms(), arguments.with_key)
    print(f"{arguments.out}: {sum(size for size, _ in made.files.values())} bytes, head {made.head}")
    if arguments.with_key is None:
        print(f"THE SEALING KEY IS NOT IN IT. Without {settings.seal.key_file} no enrolled device can be understood")
        print("again: keep a copy of it in another safe place (--with-key FILE2 writes one).")
    else:
        print(f"THE SEALING KEY is in {arguments.with_key}. Whoever has it and the backup has every device's secret:")
        print("keep the two in different places.")
    left_out = [path for path in _other_secrets(settings) if path is not None]
    if left_out:
        print(f"Not in it either: {', '.join(str(path) for path in left_out)}")


def _other_secrets(settings: CentreSettings) -> list[Path | None]:
    """Files that the settings name and that are not backed up."""
    pins = [modem.pin_file for modem in settings.modems]
    return [settings.broker.url_ca_file, settings.broker.url_credentials, settings.oidc.client_secret_file, *pins]


def _restore(arguments: argparse.Namespace) -> None:
    directory: Path = arguments.state

    def places(staging: Path) -> Places:
        """As the restored settings say: what they name relative to themselves belongs into the state folder."""
        settings = load_settings(staging, arguments.database)
        return Places(
            _moved_database(settings.store.database, staging, directory),
            _moved(settings.seal.key_file, staging, directory),
        )

    done = restoring.restore(directory, arguments.file, places, replace=arguments.replace, key=arguments.key)
    print(f"{directory} has the centre of the backup, head {done.manifest.head}.")
    print("All sessions have ended. At its next start the centre begins a new incarnation by itself.")
    if arguments.database is not None:
        print(f"Its database is {arguments.database}: put that into [store] database of {directory / SETTINGS_NAME}.")
    if done.key_missing:
        print(f"THE SEALING KEY IS MISSING: put it at {done.key_file} (mode 0600) before the centre starts.")


def _moved_database(database: Database, staging: Path, directory: Path) -> Database:
    return database if database.path is None else Database(path=_moved(database.path, staging, directory))


def _moved(path: Path, staging: Path, directory: Path) -> Path:
    staged = staging.resolve()
    resolved = path.resolve()
    return directory / resolved.relative_to(staged) if resolved.is_relative_to(staged) else path


def _guarded(command: str, arguments: argparse.Namespace, run: Callable[[argparse.Namespace], None]) -> int:
    try:
        run(arguments)
    except (HostError, CentreError) as error:
        print(f"kentongan {command}: {error}", file=sys.stderr)
        return 1
    return 0
