"""What the centre takes of a core, read from the kernel."""

import os
import time

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
