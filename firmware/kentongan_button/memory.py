"""What the start alone needs is let go of after it: 6 kB of the heap that a button has."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

NEEDED_ONCE = (  # modules that nobody asks for after the start
    "kentongan_button.start",
    "kentongan_button.config",
    "kentongan_button.link.psk",
    "kentongan_button.boards.guard_post",
    "kentongan_button.boards.desk",
    "kentongan_wire.keys",
)


class _Plain:
    """The values of an object without its code, which would stay in memory with it."""

    def __init__(self, values: "Any") -> None:
        for name in values.__dict__:
            setattr(self, name, getattr(values, name))


def plain(values: "Any") -> "Any":
    """An object with the same attributes and no class of its own kind."""
    return _Plain(values)


def forget() -> None:
    """Take these modules out of the interpreter's tables; their code goes with the next collection."""
    for name in NEEDED_ONCE:
        if name in sys.modules:
            package, _, last = name.rpartition(".")
            del sys.modules[name]
            delattr(sys.modules[package], last)
