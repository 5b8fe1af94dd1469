"""The store on a real littlefs, its power cut at every program and erase."""

from __future__ import annotations

import pytest

from tests.support.interpreter import FIRMWARE_PATH, run

pytestmark = [pytest.mark.micropython, pytest.mark.slow]


def test_no_cut_at_any_program_or_erase_leaves_anything_inconsistent():
    done = run("tests/support/flash_cuts.py", ":".join(FIRMWARE_PATH), heap="16m")
    assert done.returncode == 0, done.stdout + done.stderr
    words = done.stdout.splitlines()[-1].split()
    counts = {name: int(count) for name, count in zip(words[::2], words[1::2], strict=True)}
    assert counts["inconsistent"] == 0, done.stdout
    assert counts["modes"] == 3
    assert counts["points"] >= 300
    assert counts["erases"] >= 20
