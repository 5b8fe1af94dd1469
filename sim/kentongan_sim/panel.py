"""A button as a thing of wires: what its pins carry for every state of contacts, key, lid and supply.

No I/O. The pin maps are the firmware's own board files, so a moved pin moves here as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from kentongan_button.boards import desk, guard_post
from kentongan_sim.errors import SimError

Change = dict[str, Any]  # one JSON line to the board (docs/architecture.md, the virtual board)

BATTERY_FULL_MV = 4_100  # one lithium cell, charged
WIFI_UP = "up"
WIFI_DOWN = "down"


class Contact(Enum):
    """A supervised loop; the value is what its ADC pin reads, mV (FACTS, computed for 10 k / 4k7 / 10 k)."""

    REST = 1_060
    PRESSED = 1_970
    CUT = 3_100  # where the ADC saturates
    SHORT = 40


@dataclass(frozen=True)
class Wiring:
    """Which GPIO carries what; taken from a board file of the firmware."""

    variant: str
    contact_adc: tuple[int, ...]
    contact_edge: tuple[int, ...]
    comparator_mv: int
    contact_filter_ms: int
    battery_adc: int
    battery_divider: int
    key_reset: int
    tamper: int
    mains_lost: int
    lamp: int
    vibration: int | None
    modem_key: int


def wiring(variant: str) -> Wiring:
    """The wiring of a variant.

    Raises:
        SimError: no board of that variant.
    """
    for board in (guard_post, desk):
        if variant == board.VARIANT:
            return Wiring(
                variant=board.VARIANT,
                contact_adc=tuple(board.CONTACT_ADC),
                contact_edge=tuple(board.CONTACT_EDGE),
                comparator_mv=board.COMPARATOR_MV,
                contact_filter_ms=board.CONTACT_FILTER_MS,
                battery_adc=board.BATTERY_ADC,
                battery_divider=board.BATTERY_DIVIDER,
                key_reset=board.KEY_RESET,
                tamper=board.TAMPER,
                mains_lost=board.MAINS_LOST,
                lamp=board.LAMP,
                vibration=board.VIBRATION if board.VIBRATION >= 0 else None,
                modem_key=board.MODEM_KEY,
            )
    raise SimError(f"no board of variant {variant!r}: expected {guard_post.VARIANT} or {desk.VARIANT}")


class Panel:
    """The state of the physical thing. Each setter returns the change to send to the board."""

    def __init__(self, pins: Wiring) -> None:
        self.wiring = pins
        self.contacts = [Contact.REST] * len(pins.contact_adc)
        self.comparators = [False] * len(pins.contact_edge)
        self.key_turned = False
        self.lid_open = False
        self.mains_lost = False
        self.battery_mv = BATTERY_FULL_MV
        self.wifi_up = True

    def snapshot(self) -> Change:
        """Everything, for a board that has just started."""
        pins = self.wiring
        levels = {
            pins.key_reset: not self.key_turned,  # pulled up: low while turned
            pins.tamper: self.lid_open,  # low while the lid is closed
            pins.mains_lost: self.mains_lost,
            **dict(zip(pins.contact_edge, self.comparators, strict=True)),
        }
        return {
            "adc": {
                str(pins.battery_adc): self.battery_mv // pins.battery_divider,
                **{str(gpio): contact.value for gpio, contact in zip(pins.contact_adc, self.contacts, strict=True)},
            },
            "pin": {str(gpio): int(level) for gpio, level in levels.items()},
            "wifi": WIFI_UP if self.wifi_up else WIFI_DOWN,
        }

    def set_contact(self, index: int, contact: Contact) -> Change:
        """The loop of one contact changes; its comparator follows later (`settle`)."""
        self.contacts[index] = contact
        return {"adc": {str(self.wiring.contact_adc[index]): contact.value}}

    def settle(self, index: int) -> Change | None:
        """The filter before the comparator has settled; None when its output stays as it is."""
        high = self.contacts[index].value > self.wiring.comparator_mv
        if high == self.comparators[index]:
            return None
        self.comparators[index] = high
        return {"pin": {str(self.wiring.contact_edge[index]): int(high)}}

    def set_key(self, *, turned: bool) -> Change:
        """The reset key is turned or let go."""
        self.key_turned = turned
        return {"pin": {str(self.wiring.key_reset): int(not turned)}}

    def set_lid(self, *, opened: bool) -> Change:
        """The housing is opened or closed."""
        self.lid_open = opened
        return {"pin": {str(self.wiring.tamper): int(opened)}}

    def set_mains(self, *, lost: bool) -> Change:
        """The mains goes or returns; the battery carries the board."""
        self.mains_lost = lost
        return {"pin": {str(self.wiring.mains_lost): int(lost)}}

    def set_battery(self, millivolts: int) -> Change:
        """The cell's voltage."""
        self.battery_mv = millivolts
        return {"adc": {str(self.wiring.battery_adc): millivolts // self.wiring.battery_divider}}

    def set_wifi(self, *, up: bool) -> Change:
        """The access point is heard or not."""
        self.wifi_up = up
        return {"wifi": WIFI_UP if up else WIFI_DOWN}
