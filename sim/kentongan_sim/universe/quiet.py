"""What the real modules take from the machine, taken from the universe while it runs: randomness, files, logs."""

from __future__ import annotations

import functools
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from kentongan_button import store as button_store
from kentongan_sim.universe.flash import FlashFiles

_ROOMS = ("kentongan_host.", "kentongan_gateway.", "kentongan_server.")


class SeededSecrets:
    """What our modules use of `secrets`."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw

    def token_bytes(self, size: int) -> bytes:
        return self._draw.randbytes(size)

    def randbelow(self, bound: int) -> int:
        return self._draw.randrange(bound)


class Log:
    """Stands in for a module's logger; tells the trace when somebody reads it.

    Args:
        tell: given each line; None when nobody reads.
        bug: given an exception that a program would only log and live on.
    """

    def __init__(self, tell: Callable[[str], None] | None, bug: Callable[[BaseException], None]) -> None:
        self._tell = tell
        self._bug = bug

    def info(self, event: str, **values: Any) -> None:  # noqa: ANN401 - anything can be logged
        if self._tell is not None:
            shown = " ".join(f"{name}={value}" for name, value in values.items() if name != "exc_info")
            self._tell(f"{event} {shown}")

    warning = error = debug = info

    def exception(self, event: str, **values: Any) -> None:  # noqa: ANN401
        error = sys.exc_info()[1]
        if error is not None:
            self._bug(error)
        self.info(event, **values)

    def log(self, _level: int, event: str, **values: Any) -> None:  # noqa: ANN401
        self.info(event, **values)


@functools.cache
def _having(name: str, _modules: int) -> list[ModuleType]:
    """Our modules that use it, looked for again only when there are more modules."""
    ours = [module for path, module in sorted(sys.modules.items()) if path.startswith(_ROOMS)]
    using = [module for module in ours if getattr(module, name, None) is not None]
    return [module for module in using if not module.__name__.endswith(".failpoints")]


@contextmanager
def our_own(
    draw: random.Random,
    files: FlashFiles,
    fail_point: Callable[[str], None],
    log: Callable[[str], None] | None,
    bug: Callable[[BaseException], None],
) -> Iterator[None]:
    """While open, nothing of the cores reaches the machine."""
    secrets, quiet = SeededSecrets(draw), Log(log, bug)
    changes: list[tuple[Any, str, Any]] = [(button_store, "open", files.open), (button_store, "os", files)]
    for what, value in (("secrets", secrets), ("fail_point", fail_point), ("_log", quiet)):
        changes += [(module, what, value) for module in _having(what, len(sys.modules))]
    before = [(module, name, vars(module).get(name)) for module, name, _ in changes]
    for module, name, new in changes:
        setattr(module, name, new)
    try:
        yield
    finally:
        for module, name, old in before:
            if old is None:
                delattr(module, name)
            else:
                setattr(module, name, old)
