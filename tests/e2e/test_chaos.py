"""`make chaos` in its short form: everything breaks at least once while somebody presses, and nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from kentongan_sim.chaos import unsynced
from kentongan_sim.chaos.deck import Fault
from tests.support.demo import left_over

pytestmark = [pytest.mark.micropython, pytest.mark.slow]

PLANNED = 10  # until every fault has met a press, hands go on pressing
PRESSES = 20  # that come of it at least
SEED = 1926
LONGEST_S = 2  # of a fault: a short run has many short ones
RUN_S = 1_200  # bounds the run on a loaded machine; it takes 40 s on an idle one


def test_no_press_is_lost_doubled_or_lied_about_whatever_breaks(tmp_path):
    output = tmp_path / "chaos.json"
    options = ("--presses", str(PLANNED), "--seed", str(SEED), "--longest", str(LONGEST_S), "--json", output)
    command = (sys.executable, "-m", "kentongan_tools", "chaos", *options)
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_S, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    total = json.loads(output.read_text())["totals"]
    assert total["presses"] == total["alarms"] >= PRESSES
    assert (total["lost"], total["duplicates"], total["unexplained"], total["lamp_lies"]) == (0, 0, 0, 0)
    assert total["lamp_transitions"] >= PRESSES
    assert [fault.value for fault in Fault if not total["faults_meeting_a_press"][fault.value]] == []
    assert set(total["newest_transactions"]) <= set(unsynced.SHAPES)
    assert sum(total["newest_transactions"].values()) > 0
    assert left_over("kentongan-chaos-") == {}
