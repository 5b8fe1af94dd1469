"""What a person of a site says to prove that they are safe, and what they say when somebody forces them.

Compared after what people cannot help (case, spaces, how a keyboard makes an accent) is taken out, and in a
time that says nothing about how much of it was right.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from enum import StrEnum

from kentongan_server.domain.errors import CentreError, InvalidError

LETTERS_MIN = 4  # after taking out; fewer are said by chance
LETTERS_MAX = 100  # a sentence that somebody can still remember


class Answer(StrEnum):
    """What was said."""

    RIGHT = "right"
    WRONG = "wrong"
    DURESS = "duress"


class NoPhraseError(CentreError):
    """The site has agreed on none."""

    code = "not-found"


def normal(text: str) -> str:
    """The text without what people cannot help."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def check(said: str, phrase: str, duress: str | None) -> Answer:
    """What was said, against what was agreed; always compares with both."""
    told = _digest(said)
    is_right = hmac.compare_digest(told, _digest(phrase))
    is_duress = hmac.compare_digest(told, _digest(duress if duress is not None else phrase))
    if duress is not None and is_duress:
        return Answer.DURESS
    return Answer.RIGHT if is_right else Answer.WRONG


def check_pair(phrase: str, duress: str | None) -> None:
    """Whether a site can agree on these.

    Raises:
        InvalidError: one is too short or too long, or nobody could tell the two apart.
    """
    for name, text in (("phrase", phrase), ("duress", duress)):
        if text is not None and not LETTERS_MIN <= len(normal(text)) <= LETTERS_MAX:
            raise InvalidError(f"{name}: expected {LETTERS_MIN}-{LETTERS_MAX} characters, got {len(normal(text))}.")
    if duress is not None and normal(duress) == normal(phrase):
        raise InvalidError("duress: expected other words than the phrase.", "Both would mean the same.")


def _digest(text: str) -> bytes:
    return hashlib.sha256(normal(text).encode("utf-8", "surrogatepass")).digest()
