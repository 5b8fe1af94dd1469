"""The golden vectors on the interpreter that runs in the buttons."""

import subprocess

from tests.support.interpreter import LIMIT_S, ROOT, micropython


def test_golden_vectors_hold_on_micropython() -> None:
    done = subprocess.run(
        [
            micropython(),
            "tests/support/vectors.py",
            "wire/vectors",
            "wire",
            "firmware/kentongan_button/shims",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    word, count = done.stdout.split()
    assert word == "checked"
    assert int(count) >= 30
