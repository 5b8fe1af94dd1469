"""What a button does about a radio that fails: another try, a cycle, a restart of the chip."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.support.interpreter import FIRMWARE_PATH, LIMIT_S, ROOT, micropython

pytestmark = pytest.mark.micropython


def done(*plan):
    run = subprocess.run(
        [micropython(), "tests/support/on_device/radio_probe.py", ":".join(FIRMWARE_PATH)],
        cwd=ROOT,
        env={**os.environ, "RADIO_PLAN": ",".join(plan)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    assert run.stderr == ""
    lines = run.stdout.splitlines()
    assert lines.pop() == "stopped"
    return lines


def test_a_working_radio_is_started_and_connected_once():
    assert done("ok")[:3] == ["start", "connect ok", "up"]


def test_an_association_that_does_not_come_is_tried_again():
    assert done("never", "ok")[:5] == ["start", "connect never", "disconnect", "connect ok", "up"]


def test_an_internal_error_cycles_the_radio():
    assert done("error", "ok")[:5] == ["start", "connect error", "cycle", "connect ok", "up"]


def test_every_third_failure_in_a_row_cycles_the_radio():
    lines = done("never", "never", "never", "never", "ok")
    assert [line for line in lines if "connect" not in line][:3] == ["start", "cycle", "up"]


def test_an_association_that_leads_to_no_gateway_is_cycled():
    assert done("useless", "ok")[:5] == ["start", "connect useless", "cycle", "connect ok", "up"]


def test_lack_of_memory_three_times_in_a_row_restarts_the_chip():
    assert done("memory", "memory", "memory", "ok")[-2:] == ["connect memory", "reset"]


def test_lack_of_memory_with_a_working_link_between_restarts_nothing():
    lines = done("memory", "memory", "ok", "memory", "memory", "ok")
    assert "reset" not in lines
    assert lines.count("up") == 2
    assert lines[-1] == "end"


def test_a_heap_without_room_for_a_connection_is_tried_again_before_the_chip_restarts():
    assert done("heap", "ok")[:5] == ["start", "connect heap", "cycle", "connect ok", "up"]
    assert done("heap", "heap", "heap", "ok")[-2:] == ["connect heap", "reset"]


def test_a_heap_without_room_to_serve_ends_the_connection_and_not_the_button():
    assert done("full", "ok")[:6] == ["start", "connect full", "up", "cycle", "connect ok", "up"]
