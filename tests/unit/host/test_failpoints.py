from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from kentongan_host.failpoints import NAMES

SCRIPT = """
from kentongan_host.failpoints import fail_point
for round in range(3):
    print(round, flush=True)
    fail_point("gateway.before_forward")
"""


def run(failpoint: str | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "KENTONGAN_FAILPOINT"}
    if failpoint is not None:
        environment["KENTONGAN_FAILPOINT"] = failpoint
    return subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False)


def test_without_the_variable_nothing_happens():
    assert (run(None).returncode, run(None).stdout) == (0, "0\n1\n2\n")


@pytest.mark.parametrize(
    ("failpoint", "rounds"), [("gateway.before_forward", "0\n"), ("gateway.before_forward:2", "0\n1\n")]
)
def test_the_process_dies_at_the_nth_pass(failpoint: str, rounds: str):
    ended = run(failpoint)
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, rounds)


def test_the_process_can_be_held_there_and_goes_on():
    environment = {**os.environ, "KENTONGAN_FAILPOINT": "gateway.before_forward:2:hold"}
    with subprocess.Popen([sys.executable, "-c", SCRIPT], env=environment, stdout=subprocess.PIPE, text=True) as held:
        _, status = os.waitpid(held.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        held.send_signal(signal.SIGCONT)
        assert held.stdout is not None
        assert held.stdout.read() == "0\n1\n2\n"
        assert held.wait() == 0


def test_another_fail_point_is_passed_by():
    assert run("centre.before_commit").returncode == 0


@pytest.mark.parametrize(
    "wrong", ["nothing", "gateway.before_forward:0", "gateway.before_forward:x", "gateway.before_forward:1:nap"]
)
def test_an_unknown_fail_point_is_refused(wrong: str):
    ended = run(wrong)
    assert ended.returncode != 0
    assert "expected NAME or NAME:NTH" in ended.stderr


def test_names_are_unique():
    assert len(set(NAMES)) == len(NAMES)
