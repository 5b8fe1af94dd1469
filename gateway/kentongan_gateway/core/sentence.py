"""The plain sentence for the duty phones, when nobody at the centre has answered for a minute. No I/O."""

from __future__ import annotations

import unicodedata
from typing import Final

from kentongan_gateway.core.moment import Moment, elapsed_ms
from kentongan_wire.armour import SMS_CHARACTERS
from kentongan_wire.press import CLOCK_UNSET, Press
from kentongan_wire.supervision import UNKNOWN_MS

ZONES: Final = {"WIB": 7, "WITA": 8, "WIT": 9}  # Indonesia's zones, hours before UTC; none has summer time
NAME_MAX = 50  # characters of the site's and of the post's name: with the rest at most 160, one message
_SAFE = frozenset(" !\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_MINUTE_MS = 60_000


def sentence(site: str, post: str, pressed_ms: int | None, zone: str) -> str:
    """What the duty phones get: at most 160 characters that every telephone shows.

    Args:
        site: name of the site.
        post: name of the post, or of the button.
        pressed_ms: Unix time in ms; None when nobody knows it.
        zone: one of `ZONES`.
    """
    when = ""
    if pressed_ms is not None:
        minutes = pressed_ms // _MINUTE_MS + ZONES[zone] * 60
        when = f", pukul {minutes // 60 % 24:02d}:{minutes % 60:02d} {zone}"
    text = f"ALARM dari {_plain(site)}, {_plain(post)}{when}. Pusat belum menjawab."
    assert len(text) <= SMS_CHARACTERS
    return text


def pressed_ms(press: Press, arrived: Moment, now: Moment) -> int | None:
    """When it was pressed, as far as button or gateway know; None when neither does.

    Args:
        press: as the button sent it.
        arrived: when that attempt came.
        now: this moment.
    """
    body, sending = press.body, press.sending
    if body.clock != CLOCK_UNSET and body.wall_ms:
        return body.wall_ms
    held_ms = elapsed_ms(arrived, now)
    if now.wall_ms is None or held_ms == UNKNOWN_MS or body.boot_id != sending.boot_id:
        return None
    return now.wall_ms - held_ms - max(0, sending.uptime_ms - body.uptime_ms)


def _plain(name: str) -> str:
    """A name in letters that mean the same in ASCII and in the GSM alphabet."""
    letters = (letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    text = "".join(letter if letter in _SAFE else " " for letter in letters)
    return " ".join(text.split())[:NAME_MAX].strip()
