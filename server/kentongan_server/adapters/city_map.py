"""The city's map: one PMTiles file in the state folder, put there by `kentongan map use`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO

from kentongan_host.errors import HostError
from kentongan_host.log import logger
from kentongan_server.domain import pmtiles
from kentongan_server.domain.pmtiles import Described, NoMapError

NAME = "city.pmtiles"

_log = logger("kentongan.map")


def inspect(path: Path) -> Described:
    """Looks at a file.

    Raises:
        HostError: it cannot be read.
        NoMapError: it is no map that the console can show.
    """
    try:
        with path.open("rb") as file:
            return _described(file)
    except OSError as error:
        raise HostError(f"{path}: cannot be read ({error.strerror}).", "Check its name and its rights.") from error


def use(path: Path, state: Path) -> Described:
    """Takes a file as the city's map; a centre that runs serves it from the next request on.

    Raises:
        HostError: it cannot be read or copied.
        NoMapError: it is no map that the console can show.
    """
    inspect(path)
    coming = state / f".{NAME}.coming"
    try:
        shutil.copyfile(path, coming)
        found = inspect(coming)  # what was copied, not what lay there a moment ago
        coming.replace(state / NAME)
    except OSError as error:
        raise HostError(f"{state}: the map cannot be put there ({error.strerror}).", "Is the disk full?") from error
    finally:
        coming.unlink(missing_ok=True)
    return found


class CityMap:
    """The file as the running centre sees it; looked at again when it has changed."""

    def __init__(self, state: Path) -> None:
        self.path = state / NAME
        self._seen: tuple[int, int] | None = None
        self._found: Described | None = None

    def look(self) -> Described | None:
        """What is there; None without a file, or with one that is no map, which is logged once."""
        try:
            status = self.path.stat()
        except OSError:
            self._seen = self._found = None
            return None
        now = (status.st_mtime_ns, status.st_size)
        if now != self._seen:
            self._seen, self._found = now, None
            try:
                self._found = inspect(self.path)
            except (HostError, NoMapError) as error:
                _log.error("the city's map cannot be used", why=str(error))
        return self._found


def _described(file: BinaryIO) -> Described:
    status = os.fstat(file.fileno())
    head = pmtiles.parse(file.read(pmtiles.HEAD_LENGTH), status.st_size)
    offset, length = head.metadata
    if length > pmtiles.METADATA_MAX:
        raise NoMapError(f"expected a description of at most {pmtiles.METADATA_MAX} bytes, found {length}.")
    file.seek(offset)
    names = pmtiles.layers(head, file.read(length))
    return Described(head, names, f"{status.st_mtime_ns:x}-{status.st_size:x}")
