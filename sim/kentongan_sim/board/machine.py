"""`machine` of the virtual board: what hal/esp32.py and boot.py use of the chip, and `trace`."""

import gc
import os
import socket
import time

import bench_link

_HOLES = (4096, 2048, 1024, 512, 256)  # bytes


def reset():
    bench_link.send({"reset": True})
    bench_link.die("USR1")


def trace(name, values):
    """Only here, not on a chip: tell the host what happened inside."""
    for key, value in values.items():
        if isinstance(value, bytes):
            values[key] = value.hex()
    values["trace"] = name
    if name == "memory":
        values["fakes"] = bench_link.cost[0]
        values["hole"] = _hole()
    bench_link.send(values)


def _hole():
    """Of these sizes the largest that the heap has in one piece."""
    gc.collect()
    for size in _HOLES:
        try:
            bytearray(size)
        except MemoryError:
            continue
        gc.collect()  # what was tried is gone again
        return size
    return 0


class Pin:
    IN = 1
    OUT = 3
    PULL_UP = 2
    IRQ_RISING = 1

    def __init__(self, gpio, mode=None, pull=None, value=None):
        self.gpio = str(gpio)
        self.out = None
        if mode == Pin.OUT:
            self.value(value)
        elif pull:
            bench_link.pin.setdefault(self.gpio, 1)

    def value(self, value=None):
        if value is None:
            bench_link.look()
            return bench_link.pin.get(self.gpio, 0)
        if value != self.out:
            self.out = value
            bench_link.send({"pin": int(self.gpio), "value": int(value), "ms": time.ticks_ms()})
        return None

    def irq(self, handler, trigger):
        if trigger != Pin.IRQ_RISING:
            raise ValueError("the virtual board knows rising edges only")
        bench_link.handlers[self.gpio] = handler


class ADC:
    ATTN_11DB = 3

    def __init__(self, pin, atten):
        self.gpio = pin.gpio

    def read_uv(self):
        bench_link.look()
        return min(bench_link.adc.get(self.gpio, 0), 3_100) * 1000  # mV at which the converter saturates


class WDT:
    def __init__(self, timeout):
        bench_link.feed(timeout)

    def feed(self):
        bench_link.feed()


class UART:
    """The modem's end is a TCP socket at KENTONGAN_MODEM; without one nobody ever answers.

    As in a chip what comes in lies in a buffer made once: a look takes nothing of the firmware's heap.
    """

    def __init__(self, _, baudrate, tx, rx, rxbuf, txbuf):
        self.out = memoryview(bytearray(256))  # bytes that came in, of which `state` says from where to where they wait
        self.state = [0, 0]
        self.pin = None  # the wire
        value = os.getenv("KENTONGAN_MODEM")
        if value:
            self.pin = socket.socket()
            try:
                self.pin.connect(socket.getaddrinfo(value.split(":")[0], int(value.split(":")[1]))[0][-1])
                self.pin.setsockopt(6, 1, 1)
                self.pin.setblocking(False)
            except OSError:  # as dead as one that is not there
                self.pin = None

    def any(self):
        state = self.state
        if self.pin and state[0] == state[1]:
            try:
                count = self.pin.readinto(self.out)  # None: nothing there
            except OSError:  # as dead as a modem without power
                count = 0
            if count:
                state[0], state[1] = 0, count
            elif count == 0:
                self.pin = None
        return state[1] - state[0]

    def read(self, value):
        state = self.state
        start = state[0]
        state[0] = min(start + value, state[1])
        return bytes(self.out[start : state[0]])

    def write(self, value):
        if self.pin:
            try:
                self.pin.send(value)
            except OSError:  # a real line takes everything, heard or not
                pass
