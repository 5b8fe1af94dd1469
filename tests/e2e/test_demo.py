"""The demo as a person starts it: headless it is right and says so, and it leaves nothing behind however it ends."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kentongan_sim import process_table
from tests.support.demo import DEMO, interactive, left_over

pytestmark = [pytest.mark.micropython, pytest.mark.slow]

PRESSES = 15
SEED = 20261122
RUN_S = 600  # bounds a whole run on a loaded machine; it takes 30 s on an idle one
STOP_S = 60.0  # bounds the end on a loaded machine; it takes less than 5 s on an idle one
LOOK_S = 60.0  # bounds one page


@dataclass(frozen=True)
class Headless:
    """What one headless run left."""

    returncode: int
    said: str
    result: dict[str, Any]
    state: Path


@pytest.fixture(scope="module")
def headless(tmp_path_factory) -> Headless:
    folder = tmp_path_factory.mktemp("headless")
    state, output = folder / "state", folder / "out.json"
    options = ("--headless", "--presses", str(PRESSES), "--seed", str(SEED), "--json", output, "--state", state)
    done = subprocess.run([*DEMO, *options], capture_output=True, text=True, timeout=RUN_S, check=False)
    said = done.stdout + done.stderr
    assert output.exists(), said
    return Headless(done.returncode, said, json.loads(output.read_text()), state)


def test_nothing_is_lost_doubled_forged_or_lied_about(headless):
    assert headless.returncode == 0, headless.said
    result = headless.result
    assert result["problems"] == []
    assert (result["presses"], result["alarms"]) == (PRESSES, PRESSES)
    assert (result["lost"], result["duplicates"], result["unexplained"], result["lamp_lies"]) == (0, 0, 0, 0)
    assert (result["forged_injected"], result["rejected_frames"]) == (20, 20)
    assert result["replayed_injected"] > 0
    assert (result["stream_gaps"], result["stream_doubles"]) == (0, 0)
    assert result["seed"] == SEED


def test_lamps_and_stream_were_really_watched(headless):
    result = headless.result
    assert result["lamp_transitions"] >= PRESSES
    assert result["blinks_checked"] > 0
    assert result["stream_events"] >= PRESSES
    assert 0 < result["incidents"] <= PRESSES


@pytest.mark.parametrize(
    "figure", ["press_to_stored", "press_to_received_lamp", "press_to_console", "press_to_acknowledged_lamp"]
)
def test_figures_are_there(headless, figure):
    times = headless.result[figure]
    assert 0 < times["p50"] <= times["p99"] <= times["max"]
    assert times["n"] > 0


def test_a_finished_run_leaves_no_process(headless):
    assert left_over(headless.state) == {}


def test_no_secret_is_in_logs_or_arguments(headless):
    kits = [path.read_text().strip() for path in headless.state.glob("gateways/*/gateway.secret")]
    roots = [path.read_bytes().hex() for path in headless.state.glob("buttons/*/secret.bin")]
    keys = [
        button[name]
        for path in headless.state.glob("gateways/*/buttons.json")
        for button in json.loads(path.read_text())["buttons"]
        for name in ("psk", "hop")
    ]
    assert len(kits) == 3
    assert len(roots) == 6
    logs = "".join(path.read_text(errors="replace") for path in headless.state.glob("logs/*.log")) + headless.said
    assert not [secret for secret in (*kits, *roots, *keys) if secret in logs]


def test_an_interactive_demo_tells_its_addresses_and_ends_on_ctrl_c(tmp_path):
    with interactive(tmp_path) as (demo, state, said):
        addresses = re.findall(r"http://127\.0\.0\.1:\d+/", said)
        assert len(addresses) == 2
        for address in addresses:
            with urllib.request.urlopen(address, timeout=LOOK_S) as page:
                assert page.status == 200
        assert re.search(r"log in as 'operator' with the password \S{20,}", said)
        assert len(process_table.mentioning(str(state))) >= 8  # demo, centre, two gateways, five buttons, brokers
        demo.send_signal(signal.SIGINT)
        assert demo.wait(STOP_S) == 0
        assert left_over(state) == {}


def test_ctrl_c_while_it_starts_leaves_nothing_behind(tmp_path):
    with interactive(tmp_path, until="Starting centre") as (demo, state, _):
        demo.send_signal(signal.SIGINT)
        assert demo.wait(STOP_S) == 0
        assert left_over(state) == {}


def test_a_killed_demo_takes_everything_along(tmp_path):
    with interactive(tmp_path) as (demo, state, _):
        demo.kill()
        demo.wait()
        assert left_over(state) == {}


def test_a_part_that_dies_is_named_with_its_log_and_everything_ends(tmp_path):
    with interactive(tmp_path) as (demo, state, _):
        (gateway,) = [
            pid
            for pid, arguments in process_table.mentioning(str(state)).items()
            if "gateways/emas-contoh/gateway.toml" in arguments and "kentongan_tools" in arguments
        ]
        subprocess.run(["kill", "-KILL", str(gateway)], check=True)
        said = demo.communicate(timeout=STOP_S)[0].decode()
        assert demo.returncode == 1
        assert "gateway-emas-contoh ended: killed by SIGKILL" in said
        assert "gateway runs" in said  # the end of its log
        assert str(state / "logs" / "gateway-emas-contoh.log") in said
        assert left_over(state) == {}
