"""Lies at the root of the flash as boot.py: picks the slot with the firmware and runs it for ever.

A board without /device.json is blank: it keeps its console (REPL), for the technician's tools.
An enrolled board gives it up. What remains for someone with the board in hand: the moment between
power-on and the first line below, in which a Ctrl-C can stop boot.py; and the chip's own ROM
loader (GPIO 0 held low at power-on), which reads and writes the whole flash unless secure boot and
flash encryption are burnt into the chip. So a stolen board gives its own secret away, and no
other's: revoke it. The tamper switch is what tells.

Stays in source form (the ESP32 port looks for boot.py only), so it does as little as possible.
"""

import gc
import io
import os
import sys

import machine
import micropython

WATCHDOG_MS = 8_000  # the same as hal/esp32.py WATCHDOG_MS: bounds a hang while importing
LOAD_THRESHOLD = 8_192  # bytes allocated between two collections while code loads


def read(path: str) -> str:
    """The text of a small file, "" when there is none."""
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def pick_slot() -> str:
    """The slot "/a" or "/b": what /slot says (written by an update) when that is there, else the other."""
    order = ["b", "a"] if read("/slot")[:1] == "b" else ["a", "b"]
    return "/" + (order[0] if order[0] in os.listdir("/") else order[1])


def note_fault(error: BaseException) -> None:
    """Keep the reason in /fault.txt, once: a crash loop must not wear the flash out."""
    gc.collect()  # a fault of the heap, too, is to be told
    sys.print_exception(error)  # pyright: ignore[reportArgumentType]
    trace = io.StringIO()
    sys.print_exception(error, trace)  # pyright: ignore[reportArgumentType]
    text = trace.getvalue()[-2_000:]  # pyright: ignore[reportAttributeAccessIssue] # characters: about 30 frames
    if text != read("/fault.txt"):
        with open("/fault.txt", "w") as file:
            file.write(text)


def start() -> None:
    """Run the firmware until it fails, then restart the chip."""
    micropython.kbd_intr(-1)  # Ctrl-C is a byte like any other from here on
    if hasattr(os, "dupterm"):
        os.dupterm(None)  # nor a console over anything else
    machine.WDT(timeout=WATCHDOG_MS)
    try:
        sys.path.insert(0, pick_slot())
        # Code that loads leaves garbage between what stays; collected late, the free heap lies in
        # pieces too small for the TLS context, and a button with a full journal never starts.
        gc.threshold(LOAD_THRESHOLD)
        from kentongan_button import app  # noqa: PLC0415 # found in the slot only

        gc.threshold(-1)
        app.main()
    except BaseException as error:  # noqa: BLE001 # whatever it is: only a restart helps
        try:
            note_fault(error)
        except (OSError, MemoryError):  # a full or worn flash or heap must not stop the restart
            print("the fault could not be noted")
    finally:
        machine.reset()


if "device.json" in os.listdir("/"):
    start()
