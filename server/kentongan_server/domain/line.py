"""Names and other texts of one line, in any writing."""

from __future__ import annotations

from typing import Final

from kentongan_server.domain.errors import InvalidError

# Not printable to Python, yet part of how people write: joiners of emoji and of Persian or Indic letters, and the
# marks that say in which direction a word runs. The controls that turn a whole line around are not among them.
JOINERS: Final = frozenset("\u200c\u200d\u200e\u200f")


def check_line(what: str, text: str, longest: int, *, may_be_empty: bool = False) -> str:
    """The text, when it can stand in one line of a screen.

    Args:
        what: it is, for the message.
        text: as it was given.
        longest: characters.
        may_be_empty: whether nothing at all will do.

    Raises:
        InvalidError: it is empty, too long, or has line breaks or controls in it.
    """
    if not text.strip() and not may_be_empty:
        raise InvalidError(f"{what}: expected 1-{longest} characters, got none.")
    if len(text) > longest:
        raise InvalidError(f"{what}: expected at most {longest} characters, got {len(text)}.")
    bad = next((one for one in text if not (one.isprintable() or one in JOINERS)), None)
    if bad is not None:
        raise InvalidError(f"{what}: expected printable characters in one line, got U+{ord(bad):04X} in {text[:40]!r}.")
    return text
