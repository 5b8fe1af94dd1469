"""The demo as a process, for tests that look at it from outside."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from pathlib import Path

from kentongan_sim import process_table

DEMO = (sys.executable, "-m", "kentongan_tools", "demo")
START_S = 240  # bounds set-up and start on a loaded machine
GONE_S = 30.0  # bounds the kernel's clearing away on a loaded machine; it takes milliseconds


def left_over(state: Path | str) -> dict[int, str]:
    """Processes of a city that still live: each has the state folder (or part of it) in arguments or environment."""
    deadline = time.monotonic() + GONE_S
    while (left := process_table.mentioning(str(state))) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


@contextlib.contextmanager
def interactive(folder: Path, until: str = "Ctrl-C stops everything"):
    """A demo that waits for a person: the process, its folder, and what it said until it said `until`."""
    state = folder / "state"
    options = ("--state", state, "--http-port", "0", "--bench-port", "0")
    with subprocess.Popen([*DEMO, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as demo:
        try:
            said = read_until(demo, until)
            yield demo, state, said
        finally:
            demo.kill()


def read_until(demo: subprocess.Popen[bytes], end: str) -> str:
    assert demo.stdout is not None
    said, deadline = b"", time.monotonic() + START_S
    while end.encode() not in said:
        ready, _, _ = select.select([demo.stdout], [], [], max(0.0, deadline - time.monotonic()))
        more = os.read(demo.stdout.fileno(), 65_536) if ready else b""
        assert more, f"the demo said only:\n{said.decode()}"
        said += more
    return said.decode()
