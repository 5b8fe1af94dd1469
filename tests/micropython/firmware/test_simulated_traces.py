"""Buttons of simulated schedules on the real interpreter: the same inputs give the same frames, lamps and records."""

from __future__ import annotations

import hashlib
import json

import pytest

from kentongan_sim.universe.people import site_of
from kentongan_sim.universe.plan import draw_plan
from kentongan_sim.universe.world import World
from tests.support.interpreter import FIRMWARE_PATH, ROOT, run
from tests.support.universe_replay import replay

pytestmark = pytest.mark.micropython

SEEDS = range(1, 21)
INTACT = ("flash-worn",)  # a schedule with one of these needs a flash that fails, which real files do not


def traces() -> list[dict[str, object]]:
    """What every button of the sampled schedules did."""
    found: list[dict[str, object]] = []
    for seed in SEEDS:
        plan = draw_plan(seed)
        if any(event.kind in INTACT for event in plan.events):
            continue
        for name, steps in World(plan, record=True).run().logs.items():
            device = int(name[:8], 16)
            root = hashlib.sha256(b"universe %d" % device).hexdigest()
            own = {"device": device, "site": site_of(device), "root": root, "modem": len(name) == 8}
            found.append({**own, "steps": steps})
    return json.loads(json.dumps(found))


@pytest.fixture(scope="module")
def sample() -> list[dict[str, object]]:
    found = traces()
    assert len(found) > 12
    return found


def test_this_interpreter_repeats_itself(sample, tmp_path):
    inputs = 0
    for at, trace in enumerate(sample):
        (tmp_path / str(at)).mkdir()
        done = replay(trace, str(tmp_path / str(at)))
        assert done.different == []
        inputs += done.inputs
    assert inputs > 5_000


def test_the_real_interpreter_does_the_same(sample, tmp_path):
    path = tmp_path / "traces.json"
    path.write_text(json.dumps(sample))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    folders = ":".join([*FIRMWARE_PATH, str(ROOT / "sim")])
    done = run("tests/support/universe_replay.py", str(path), str(scratch), folders, heap="256m", timeout_s=1_800)
    assert done.returncode == 0, done.stderr
    assert "different 0" in done.stdout, done.stdout[-2000:]
