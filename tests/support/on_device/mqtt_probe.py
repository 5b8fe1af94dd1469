"""The firmware's MQTT client alone on the real interpreter: does what PROBE_PLAN says, prints JSON lines.

    PROBE_PLAN=JSON micropython mqtt_probe.py PATH[:PATH…]

(The interpreter takes no argument of more than 255 characters.) In the plan: `host`, `port`,
`identity`, `key` (hex), `topic`; `limits`: constants of link modules to shorten; `publish`: payload
sizes to send to `publish_topic` after it opened; `name_server`; `stay_ms`: how long to serve. Beside
the client a task ticks every 5 ms; its count and longest gap are in the last line.
"""

import json
import os
import sys
import time

sys.path[0:0] = sys.argv[1].split(":")
plan = json.loads(os.getenv("PROBE_PLAN"))

import asyncio  # noqa: E402

from kentongan_button.link import mqtt, names, psk  # noqa: E402
from kentongan_button.link.stream import LinkError  # noqa: E402

TICK_MS = 5
MODULES = {"mqtt": mqtt, "names": names}
ticks = [0, 0]  # how many, the longest gap in ms


def say(event, **values):
    values["event"] = event
    print(json.dumps(values))


async def tick():
    last = time.ticks_ms()
    while True:
        await asyncio.sleep_ms(TICK_MS)
        now = time.ticks_ms()
        ticks[0] += 1
        ticks[1] = max(ticks[1], time.ticks_diff(now, last) - TICK_MS)
        last = now


def settled(number, started):
    def tell(acknowledged):
        took = time.ticks_diff(time.ticks_us(), started) / 1000
        say("settled", number=number, acknowledged=acknowledged, ms=took)

    return tell


async def work(client):
    await client.open(plan["host"], plan["port"], plan["topic"], plan.get("name_server", ""))
    say("open")
    serving = asyncio.create_task(client.serve())
    for number, size in enumerate(plan.get("publish", [])):
        await client.publish(plan["publish_topic"], bytes(size), settled(number, time.ticks_us()))
    await asyncio.wait_for_ms(serving, plan.get("stay_ms", 60_000))


async def main():
    asyncio.create_task(tick())  # noqa: RUF006 - it ends with the interpreter
    context = psk.psk_context(plan["identity"], bytes.fromhex(plan["key"]))
    client = mqtt.MqttClient(
        context, plan["identity"], lambda topic, payload: say("message", topic=topic, size=len(payload))
    )
    started = time.ticks_ms()
    try:
        await work(client)
    except LinkError as error:
        say("lost", step=error.step, detail=error.detail, after_ms=time.ticks_diff(time.ticks_ms(), started))
    except asyncio.TimeoutError:  # noqa: UP041 - no builtin on MicroPython
        say("stayed")
    say("ticks", count=ticks[0], longest_gap_ms=ticks[1], for_ms=time.ticks_diff(time.ticks_ms(), started))


for name, limit in plan.get("limits", {}).items():
    module, _, constant = name.partition(".")
    if not hasattr(MODULES[module], constant):
        raise ValueError("no constant " + name)
    setattr(MODULES[module], constant, limit)
asyncio.run(main())
