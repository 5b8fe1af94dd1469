"""The firmware's GatewayLink over a radio that fails as its plan says; prints what was done, one word a line.

    RADIO_PLAN=WORD,WORD,… micropython radio_probe.py PATH[:PATH…]

Each word is the radio's answer to one `connect`: `ok`, `never` (does not associate), `error` (the driver
raises), `memory` (ENOMEM), `useless` (associates, and no gateway answers), `heap` (associates, and the heap has
no room for the connection), `full` (connected, and then it has no room for the tasks that serve). After the last it
prints `end`.

The link's clock counts its looks at the radio: time stands still while a loaded machine does something else.
"""

import errno
import os
import sys

sys.path[0:0] = sys.argv[1].split(":")

import asyncio  # noqa: E402

from kentongan_button.link import connection, wifi  # noqa: E402
from kentongan_button.link.stream import LinkError, within  # noqa: E402

connection.POLL_MS = 1
connection.RETRY_FIRST_MS = 1
connection.RETRY_MAX_MS = 20  # far below USELESS_MS: as on a board, a pause never makes a good network useless
wifi.JOIN_MS = 200
wifi.REST_FIRST_MS = 1
wifi.REST_MAX_MS = 5
wifi.USELESS_MS = 400

plan = (os.getenv("RADIO_PLAN") or "").split(",")


class Radio:
    answer = ""
    looks = 0

    def start(self):
        print("start")

    def connect(self, ssid, password):
        assert (ssid, password) == ("name", "secret")
        if not plan:
            print("end")
            raise SystemExit
        self.answer = plan.pop(0)
        print("connect", self.answer)
        if self.answer == "error":
            raise OSError("Wifi Internal Error")
        if self.answer == "memory":
            raise OSError(errno.ENOMEM)

    def disconnect(self):
        print("disconnect")
        self.answer = ""

    def cycle(self):
        print("cycle")
        self.answer = ""

    def connected(self):
        self.looks += 1
        return self.answer in ("ok", "useless", "heap", "full")

    def name_server(self):
        return ""


class Client:
    """Stands for the MQTT client: the connection lives for a moment where there is a gateway."""

    steps = 0
    up = False

    async def open(self, host, port, topic, name_server):
        self.steps += 1
        answer = radio.answer
        await asyncio.sleep_ms(1)
        if answer == "useless" or radio.answer != answer:  # also when the radio was cycled meanwhile
            raise LinkError("connect", "no answer")
        if answer == "heap":
            await within(1_000, "connect", no_room())
        self.up = True

    async def serve(self):
        await asyncio.sleep_ms(5)
        if radio.answer == "full":
            radio.answer = ""
            await no_room()
        self.up = False
        radio.answer = ""
        raise LinkError("read", "the air is gone")

    def drop(self, reason):
        self.up = False


async def no_room():
    raise MemoryError("memory allocation failed, allocating 520 bytes")


def reset():
    print("reset")
    raise SystemExit


def uptime_ms():
    return radio.looks


def changed(error):
    if error is None:
        print("up")
    else:
        assert not client.up


radio = Radio()
client = Client()
link = connection.GatewayLink(radio, client, ("h", 1, "t"), ("name", "secret"), uptime_ms, reset, changed)


async def main():
    await asyncio.gather(link.watch_radio(), link.keep_connected())


try:
    asyncio.run(main())
except SystemExit:
    print("stopped")
