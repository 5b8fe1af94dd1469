"""The simulator bites: every planted bug is found within 1,000 seeds."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dev import planted

pytestmark = pytest.mark.slow
BUGS = planted.load()
TIMEOUT_S = 1_200  # bounds a hunt on a loaded machine; it takes a minute at most on an idle one


def test_there_are_enough_of_them():
    assert len(BUGS) >= 18


@pytest.mark.parametrize("name", BUGS)
def test_it_stands_where_it_says(name):
    bug = BUGS[name]
    source = (planted.ROOT / bug["file"]).read_text()
    assert planted.spoiled(bug, source) != source


@pytest.mark.parametrize("name", BUGS)
def test_it_is_found(name):
    done = subprocess.run(
        [sys.executable, str(planted.ROOT / "tools/dev/planted.py"), name],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "found after" in done.stdout
