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
SLOT_FILE = "/slot"  # "a" or "b"; written by an update, absent before the first
LOAD_THRESHOLD = 8_192  # bytes allocated between two collections while code loads
FAULT_FILE = "/fault.txt"  # the newest reason for a restart by exception; bounded by FAULT_MAX
FAULT_MAX = 2_000  # characters: a trace of about 30 frames


def exists(path: str) -> bool:
    """True for a file or folder."""
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def pick_slot() -> str:
    """The slot "/a" or "/b": what the slot file says if it is there, else the one that is."""
    wanted = "a"
    if exists(SLOT_FILE):
        with open(SLOT_FILE) as file:
            wanted = file.read(1)
    order = ("/b", "/a") if wanted == "b" else ("/a", "/b")
    return order[0] if exists(order[0]) else order[1]


def note_fault(error: BaseException) -> None:
    """Keep the reason in flash, once: a crash loop must not wear it out."""
    trace = io.StringIO()
    sys.print_exception(error, trace)  # pyright: ignore[reportArgumentType]
    text = trace.getvalue()[-FAULT_MAX:]  # pyright: ignore[reportAttributeAccessIssue]
    print(text)
    known = ""
    if exists(FAULT_FILE):
        with open(FAULT_FILE) as file:
            known = file.read()
    if text != known:
        with open(FAULT_FILE, "w") as file:
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
        except OSError:  # a full or worn flash must not stop the restart
            print("the fault could not be noted")
    finally:
        machine.reset()


if exists("/device.json"):
    start()
