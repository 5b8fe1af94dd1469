"""The golden vectors on the interpreter that runs in the buttons."""

import shutil
import subprocess
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_golden_vectors_hold_on_micropython() -> None:
    interpreter = shutil.which("micropython", path=sysconfig.get_path("scripts"))
    assert interpreter, "micropython is not installed: run make setup"
    done = subprocess.run(
        [
            interpreter,
            "tests/support/vectors.py",
            "wire/vectors",
            "wire",
            "firmware/kentongan_button/shims",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    word, count = done.stdout.split()
    assert word == "checked"
    assert int(count) >= 30
