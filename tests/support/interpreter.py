"""The interpreter that runs in the buttons, for tests on CPython."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE_PATH = ("wire", "firmware", "firmware/kentongan_button/shims", ".")
LIMIT_S = 600.0  # bounds a hang on a loaded machine; most scripts take seconds


def micropython() -> str:
    """The command's path."""
    found = shutil.which("micropython", path=sysconfig.get_path("scripts"))
    assert found, "micropython is not installed: run make setup"
    return found


def run(script: str, *arguments: str, heap: str = "4m", timeout_s: float = LIMIT_S) -> subprocess.CompletedProcess[str]:
    """Run a script from the project's root and return what it printed."""
    return subprocess.run(
        [micropython(), "-X", "heapsize=" + heap, script, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
