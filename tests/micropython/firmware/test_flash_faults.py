"""Full, worn and missing flash, with a real littlefs on the interpreter that runs in the buttons."""

from __future__ import annotations

import pytest

from tests.support.interpreter import FIRMWARE_PATH, run

pytestmark = pytest.mark.micropython

MODULE = "tests.support.flash_faults"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    scratch = str(tmp_path_factory.mktemp("faults"))
    return run("tests/support/run_portable.py", scratch, ":".join(FIRMWARE_PATH), MODULE, heap="16m")


@pytest.mark.parametrize(
    "case",
    ["a_full_disk", "a_disk_that_was_full_from_the_first_day", "worn_flash", "flash_that_is_gone"],
)
def test_the_alarm_goes_on_from_memory(outcome, case):
    assert f"ok {MODULE} test_{case}" in outcome.stdout.splitlines(), outcome.stdout + outcome.stderr
