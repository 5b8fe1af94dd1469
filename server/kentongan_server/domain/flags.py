"""What an operator should know about an alarm beside the fact that it rings. No flag ever silences."""

from __future__ import annotations

from enum import IntFlag


class Flag(IntFlag):
    """Stored as bits; `names` gives the words of the HTTP interface."""

    LATE = 0x01  # arrived more than a minute after the press
    MOVED = 0x02  # came through the gateway of another site than its own
    REWOUND = 0x04  # its counter went backwards: re-flashed, restored or cloned
    RETIRED = 0x08  # the device or this key epoch was taken out of service
    TIME_SUSPECT = 0x10  # its clock contradicts its uptimes
    AT_BOOT = 0x20  # found pressed at power-on
    RECOVERED = 0x40  # another incarnation of the centre had confirmed it: offered again after a restore
    DRILL = 0x80  # nobody pressed: it belongs to a drill


_WORDS = tuple((int(flag), str(flag.name).lower().replace("_", "-")) for flag in Flag)


def names(flags: int) -> list[str]:
    """The set flags as words, in the order of their bits."""
    bits = int(flags)  # plain numbers: this is on the way of every alarm
    return [word for bit, word in _WORDS if bits & bit]
