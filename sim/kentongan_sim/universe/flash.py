"""The button's flash as files in memory: what was not synced may be gone, or torn, after a power cut."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Self

ENOENT = 2
EIO = 5
TEARS = ("old", "nothing", "half", "noise", "new")  # what a cut in the middle of a write leaves


class PowerCutError(Exception):
    """The processor stops here. No `OSError`: the store must not go on after it."""


class Flash:
    """Files of one button; `durable` is what outlives a power cut.

    Attributes:
        cut_in: writes from now at which the power is cut (0: the next one); None for never.
        worn: every write fails.
        writes: synced so far.
        torn: cuts in the middle of a write.
    """

    def __init__(self, draw: random.Random) -> None:
        self.durable: dict[str, bytes] = {}
        self.cached: dict[str, bytes] = {}
        self.cut_in: int | None = None
        self.worn = False
        self.writes = 0
        self.torn = 0
        self._draw = draw

    def read(self, path: str) -> bytes | None:
        """What the running button sees."""
        return self.cached.get(path, self.durable.get(path))

    def write(self, path: str, data: bytes) -> None:
        """Written, not synced."""
        if self.worn:
            raise OSError(EIO)
        self.cached[path] = data

    def sync(self, path: str) -> None:
        """The moment in which it becomes durable, or the power goes.

        Raises:
            PowerCutError: the power went.
        """
        if self.worn:
            raise OSError(EIO)
        if self.cut_in is not None:
            self.cut_in -= 1
            if self.cut_in < 0:
                self.cut_in = None
                self._tear(path)
                raise PowerCutError
        if path in self.cached:
            self.durable[path] = self.cached.pop(path)
            self.writes += 1

    def power_cut(self) -> None:
        """What was not synced is gone or torn, each file by itself."""
        for path in sorted(self.cached):
            self._tear(path)
        self.cached.clear()

    def copy(self) -> Flash:
        """The same content for a cloned board."""
        twin = Flash(self._draw)
        twin.durable = dict(self.durable)
        return twin

    def wipe(self) -> None:
        """A re-flashed board: everything is gone."""
        self.durable.clear()
        self.cached.clear()

    def _tear(self, path: str) -> None:
        self.torn += 1
        data, mode = self.cached.pop(path, b""), self._draw.choice(TEARS)
        if mode == "nothing":
            self.durable[path] = b""
        elif mode == "half":
            self.durable[path] = data[: len(data) // 2]
        elif mode == "noise":
            at = self._draw.randrange(len(data) or 1)
            self.durable[path] = data[:at] + self._draw.randbytes(len(data) - at)
        elif mode == "new":
            self.durable[path] = data


class _Reading:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def read(self, size: int) -> bytes:
        part = self._data[self._at : self._at + size]
        self._at += len(part)
        return part


class _Writing:
    def __init__(self, flash: Flash, path: str) -> None:
        self._flash = flash
        self.path = path
        self._data = b""
        self._dirty = True  # opening for writing empties it
        self.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()  # closing hands it to the file system; only `fsync` makes it durable

    def write(self, data: bytes) -> int:
        self._data += data
        self._dirty = True
        return len(data)

    def flush(self) -> None:
        if self._dirty:
            self._dirty = False
            self._flash.write(self.path, self._data)

    def fileno(self) -> str:
        return self.path


class FlashFiles:
    """What `kentongan_button.store` takes for `open` and `os`; reads and writes the flash of the moment."""

    def __init__(self) -> None:
        self.flash: Flash | None = None

    @property
    def _now(self) -> Flash:
        assert self.flash is not None, "a store was used outside of a button's turn"
        return self.flash

    def open(self, path: str, mode: str) -> _Reading | _Writing:
        """As the builtin, for the two modes that the store uses."""
        if mode == "wb":
            return _Writing(self._now, path)
        data = self._now.read(path)
        if data is None:
            raise OSError(ENOENT, "no such file")
        return _Reading(data)

    def mkdir(self, _path: str) -> None:
        """Folders are names here."""

    def fsync(self, path: str) -> None:
        """Of the file whose number is its name."""
        self._now.sync(path)

    def during(self, flash: Flash, act: Callable[[], object]) -> None:
        """Does something with this flash inserted."""
        before, self.flash = self.flash, flash
        try:
            act()
        finally:
            self.flash = before
