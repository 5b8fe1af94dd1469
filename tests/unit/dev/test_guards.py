"""The list of guards is true: each stands where it says, and its tests exist."""

from pathlib import Path

import pytest

from dev import guards

GUARDS = guards.load()


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_stands_once_and_its_tests_exist(guard: guards.Guard) -> None:
    source = (guards.ROOT / guard.file).read_text()
    assert source.count(guard.find) == 1
    assert guard.without != guard.find
    for test in guard.tests:
        assert (guards.ROOT / test.partition("::")[0]).exists(), test


def test_names_are_unique_and_every_touched_invariant_is_guarded() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)
    assert {guard.invariant for guard in GUARDS} == set(range(1, 9))


def test_a_guard_that_moved_is_an_error_not_a_pass(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("nothing like it")
    guard = guards.Guard("moved", 1, "code.py", "guard()", "pass", ())
    with pytest.raises(ValueError, match="found 0"):
        guard.take_out(tmp_path)
