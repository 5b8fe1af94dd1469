"""`network` of the virtual board: a Wi-Fi station whose air is the host's `wifi` state.

The data itself goes through the machine's own sockets to the address in device.json, where a link
proxy can cut, slow or tear it.
"""

import time

import bench_link

STA_IF = 0

name_server = [""]  # run.py sets it to the machine's own


def ipconfig(_):
    return name_server[0]


class WLAN:
    PM_NONE = 0

    def __init__(self, _):
        self.on = False
        self.joining = None  # ticks when the association began
        self.joined = False

    def active(self, value=None):
        if value is not None:
            self.on = value
            self.disconnect()
        return self.on

    def config(self, pm):
        if not self.on:
            raise OSError("Wifi Not Started")

    def connect(self, _, __):
        self.config(0)
        self.joining = time.ticks_ms()

    def disconnect(self):
        self.joining = None
        self.joined = False

    def isconnected(self):
        bench_link.look()
        if bench_link.air[0] != "up":
            if self.joined:  # like the chip's library, which goes on trying by itself
                self.joined = False
                self.joining = time.ticks_ms()
        elif self.joining is not None and time.ticks_diff(time.ticks_ms(), self.joining) >= 30:
            self.joined = True  # after 30 ms; a real one takes 1-3 s
        return self.joined

    def status(self, _):
        if not self.isconnected():
            raise OSError("Wifi Not Connected")
        return -55  # dBm
