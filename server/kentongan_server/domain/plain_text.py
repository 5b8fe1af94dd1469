"""Words for telephones: Indonesian, in letters that ASCII and the GSM alphabet share, in one message."""

from __future__ import annotations

import unicodedata

SMS_CHARACTERS = 160  # one GSM 7-bit message; a longer one is split, and half of it may never arrive
NAME_MAX = 50  # characters of one name in a text: with the rest at most one message
_SAFE = frozenset(" !\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_ZONES = {"Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}  # Indonesia's others; the rest of the land is WIB
_OFFSETS = {"WIB": 420, "WITA": 480, "WIT": 540}  # minutes before UTC; none has summer time


def plain(name: str) -> str:
    """A name as every telephone shows it, at most `NAME_MAX` characters."""
    letters = (letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    text = "".join(letter if letter in _SAFE else " " for letter in letters)
    return " ".join(text.split())[:NAME_MAX].strip()


def sentence(site: str, post: str, code: str = "") -> str:
    """What a button texts to the duty phones when the centre does not answer; it adds the time itself.

    `code` is the site's, for a name of which no letter is left on every telephone.
    """
    where = ", ".join(name for name in (plain(site) or code, plain(post)) if name)
    return f"ALARM dari {where}. Pusat belum menjawab."


def zone_word(zone: str) -> str:
    """What people call an IANA time zone of Indonesia."""
    return _ZONES.get(zone, "WIB")


def utc_offset_minutes(zone: str) -> int:
    """How far the clocks of `zone_word` are before UTC."""
    return _OFFSETS[zone_word(zone)]
