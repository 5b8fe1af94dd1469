"""The same scenarios on both interpreters, line by line; the named ones also against committed traces."""

from __future__ import annotations

from functools import cache

import pytest

from tests.support.firmware_traces import SCENARIOS, trace
from tests.support.interpreter import FIRMWARE_PATH, ROOT, run

pytestmark = pytest.mark.micropython

GOLDEN = ROOT / "tests/micropython/firmware/traces"
NAMED = [scenario.__name__ for scenario in SCENARIOS]
RANDOM = [f"at_random_{seed}" for seed in range(1, 31)]


@cache
def on_micropython(scratch: str) -> dict[str, list[str]]:
    done = run("tests/support/firmware_traces.py", scratch, ":".join(FIRMWARE_PATH), *NAMED, *RANDOM)
    assert done.returncode == 0, done.stderr
    traces: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        if line.startswith("== "):
            current = traces.setdefault(line.removeprefix("== "), [])
        else:
            current.append(line)
    return traces


@pytest.fixture(scope="module")
def scratch(tmp_path_factory) -> str:
    return str(tmp_path_factory.mktemp("traces"))


@pytest.mark.parametrize("name", NAMED + RANDOM)
def test_both_interpreters_do_the_same(scratch, tmp_path, name):
    assert trace(name, str(tmp_path)) == on_micropython(scratch)[name]


@pytest.mark.parametrize("name", NAMED)
def test_a_scenario_goes_as_it_was_agreed(scratch, name):
    assert on_micropython(scratch)[name] == (GOLDEN / f"{name}.txt").read_text().splitlines()
