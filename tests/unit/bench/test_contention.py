"""What the centre takes of a core, read from the kernel, and how it gives way."""

import os
import subprocess
import sys
import time
from pathlib import Path

from bench import machine
from bench.contention import BUSY_PERCENT, busy_row


def test_processor_time_is_that_of_the_process():
    before = machine.busy_s(os.getpid())
    worked = time.process_time()
    while time.process_time() - worked < 0.05:
        pass
    assert machine.busy_s(os.getpid()) > before


def test_centre_and_broker_are_held_to_the_number_together():
    row = busy_row({"centre": 11.34, "broker": 0.91})
    assert row.values == {"centre": 11.3, "broker": 0.9, "together": 12.2}
    assert row.meets
    assert not busy_row({"centre": BUSY_PERCENT - 1.0, "broker": 2.0}).meets


def test_who_gives_way_does_so_within_its_session_and_among_sessions():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    with child:
        machine.give_way(child.pid)
        session = Path(f"/proc/{child.pid}/autogroup")
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == machine.GIVES_WAY
        assert not session.exists() or session.read_text().split()[-1] == str(machine.GIVES_WAY)
        assert child.stdin is not None
        child.stdin.write(b"\n")
