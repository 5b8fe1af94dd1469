"""The chip: the only module that imports `machine`, `network` and `esp32`.

On the virtual board the same module runs over fakes of these three (docs/architecture.md, "The
virtual board").
"""

import os
import time
from typing import TYPE_CHECKING

import esp32
import machine
import network

from kentongan_button.hal.uptime import Uptime

if TYPE_CHECKING:
    from typing import Any

WATCHDOG_MS = 8_000  # bounds a hang; a flash erase, a TLS handshake and a Wi-Fi start all stay below
NVS_NAMESPACE = "kentongan"
_BLOB_MAX = 64  # bytes of the largest value in NVS: a Wi-Fi password has at most 63
_UV_PER_MV = 1000
MODEM_UART = 1  # 0 is the console
MODEM_BAUD = 115_200  # the modem's own default
MODEM_ROOM = 2048  # bytes that wait for us: 0.17 s at that speed, and what a flash erase lets go by comes again

# Only the fakes have it; a real board traces nothing.
_trace = getattr(machine, "trace", None)


def trace(name: str, **values: "Any") -> None:
    """Tell a test bench what happened; silent on a real board. Never given a secret."""
    if _trace is not None:
        _trace(name, values)


def random_bytes(count: int) -> bytes:
    """Bytes from the chip's random number generator (the radio must be on for full entropy)."""
    return os.urandom(count)


def read_blob(name: str) -> "bytes | None":
    """A value from NVS, None when it was never written."""
    buffer = bytearray(_BLOB_MAX)
    try:
        size = esp32.NVS(NVS_NAMESPACE).get_blob(name, buffer)
    except OSError:  # ESP_ERR_NVS_NOT_FOUND
        return None
    return bytes(buffer[:size])


def reset() -> None:
    """Restart the chip; does not return."""
    machine.reset()


class _EdgeLatch:
    """Remembers that a contact's comparator rose, whatever the rest of the firmware was doing.

    The chip keeps the edge in hardware until the interpreter runs again (flash erase, garbage
    collection, handshake), then calls `note`. It allocates nothing: one byte in a buffer of ours.
    """

    def __init__(self, gpio: int, seen: bytearray, index: int) -> None:
        self._seen = seen
        self._index = index
        self._pin = machine.Pin(gpio, machine.Pin.IN)
        self._pin.irq(self.note, machine.Pin.IRQ_RISING)

    def note(self, _pin: "Any") -> None:
        self._seen[self._index] = 1


class Board:
    """Inputs and outputs of one board.

    Args:
        pins: a module of `boards/`.
    """

    def __init__(self, pins: "Any") -> None:
        self._uptime = Uptime(time.ticks_ms, time.ticks_diff)
        self._contacts = [_adc(gpio) for gpio in pins.CONTACT_ADC]
        self._seen = bytearray(len(pins.CONTACT_EDGE))
        self._latches = [_EdgeLatch(gpio, self._seen, i) for i, gpio in enumerate(pins.CONTACT_EDGE)]
        self._battery = _adc(pins.BATTERY_ADC)
        self._battery_divider = pins.BATTERY_DIVIDER
        self._key = machine.Pin(pins.KEY_RESET, machine.Pin.IN, machine.Pin.PULL_UP)
        self._tamper = machine.Pin(pins.TAMPER, machine.Pin.IN, machine.Pin.PULL_UP)
        self._mains_lost = machine.Pin(pins.MAINS_LOST, machine.Pin.IN, machine.Pin.PULL_UP)
        self._lamp = machine.Pin(pins.LAMP, machine.Pin.OUT, value=0)
        self._vibration = None
        if pins.VIBRATION >= 0:
            self._vibration = machine.Pin(pins.VIBRATION, machine.Pin.OUT, value=0)
        self._watchdog = machine.WDT(timeout=WATCHDOG_MS)

    def uptime_ms(self) -> int:
        """Milliseconds since this boot; never wraps."""
        return self._uptime.read()

    def contact_mv(self, index: int) -> int:
        """The supervised loop of a contact, in mV."""
        return self._contacts[index].read_uv() // _UV_PER_MV

    def take_edges(self) -> int:
        """Bit n is set when contact n's line rose towards alarm since the last call."""
        edges = 0
        for index in range(len(self._seen)):
            if self._seen[index]:
                # Cleared before it is used: an edge in between is seen by the next call.
                self._seen[index] = 0
                edges |= 1 << index
        return edges

    def key_turned(self) -> bool:
        return not self._key.value()

    def lid_open(self) -> bool:
        return bool(self._tamper.value())

    def mains_lost(self) -> bool:
        return bool(self._mains_lost.value())

    def battery_mv(self) -> int:
        """The cell's voltage in mV."""
        return self._battery.read_uv() // _UV_PER_MV * self._battery_divider

    def show(self, lamp: bool, pulse: bool) -> None:
        """Set the lamp and, where there is one, the vibration motor."""
        self._lamp.value(lamp)
        if self._vibration is not None:
            self._vibration.value(pulse)

    def feed_watchdog(self) -> None:
        self._watchdog.feed()


class Modem:
    """The UART and the power key of the GSM modem."""

    def __init__(self, pins: "Any") -> None:
        self._key = machine.Pin(pins.MODEM_KEY, machine.Pin.OUT, value=0)
        self._uart = machine.UART(
            MODEM_UART, baudrate=MODEM_BAUD, tx=pins.MODEM_TX, rx=pins.MODEM_RX, rxbuf=MODEM_ROOM, txbuf=MODEM_ROOM
        )

    def read(self, most: int) -> "bytes | None":
        """What came in, None or b"" for nothing; never waits."""
        waiting = self._uart.any()
        return self._uart.read(min(most, waiting)) if waiting else None

    def write(self, data: bytes) -> None:
        """Queue what is to be said; `data` is far shorter than the queue."""
        self._uart.write(data)

    def press_key(self, down: bool) -> None:
        """Hold the power key, or let go."""
        self._key.value(down)


class Radio:
    """The Wi-Fi station. Every method may raise OSError; app.py tells link/wifi.py."""

    def __init__(self) -> None:
        self._wlan = network.WLAN(network.STA_IF)

    def start(self) -> None:
        """Switch the radio on, without power saving: a sleeping radio answers late."""
        self._wlan.active(True)
        self._wlan.config(pm=network.WLAN.PM_NONE)

    def connect(self, ssid: str, password: str) -> None:
        """Start to associate; the library goes on trying until `disconnect`."""
        if not self._wlan.active():
            self.start()
        self._wlan.connect(ssid, password)

    def disconnect(self) -> None:
        self._wlan.disconnect()

    def cycle(self) -> None:
        """Switch the radio off and on: the cure for "Wifi Internal Error"."""
        self._wlan.active(False)
        self.start()

    def connected(self) -> bool:
        """True while associated and with an address."""
        return self._wlan.isconnected()

    def signal_dbm(self) -> int:
        """How strong the access point is heard."""
        return int(self._wlan.status("rssi"))

    def name_server(self) -> str:
        """The address of the network's name server, "" when it gave none."""
        return str(network.ipconfig("dns") or "")


def _adc(gpio: int) -> "Any":
    # 11 dB: the widest range, 0 to about 3.1 V, where a cut loop (3.24 V) reads as its top.
    return machine.ADC(machine.Pin(gpio), atten=machine.ADC.ATTN_11DB)
