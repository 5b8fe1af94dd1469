"""The store on a heap that has worked for a while, on the interpreter that runs in the buttons."""

from __future__ import annotations

import pytest

from tests.support.interpreter import FIRMWARE_PATH, run

pytestmark = pytest.mark.micropython

MODULE = "tests.support.heap_in_pieces"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    scratch = str(tmp_path_factory.mktemp("heap"))
    return run("tests/support/run_portable.py", scratch, ":".join(FIRMWARE_PATH), MODULE, heap="512k")


@pytest.mark.parametrize(
    "case",
    [
        "a_full_journal_needs_no_large_hole",
        "a_frame_becomes_a_text",
        "a_text_goes_to_the_modem",
        "the_record_in_one_piece_would_find_no_room",
    ],
)
def test_a_heap_in_pieces(outcome, case):
    assert f"ok {MODULE} test_{case}" in outcome.stdout.splitlines(), outcome.stdout + outcome.stderr
