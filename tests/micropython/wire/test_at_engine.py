"""The AT engine's dialogues again, on the interpreter that runs in the buttons."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.support.interpreter import FIRMWARE_PATH, ROOT, run

pytestmark = pytest.mark.micropython

MODULES = ("tests.unit.wire.test_at_engine", "tests.unit.wire.test_at_messages")


def cases_in(module: str) -> list[str]:
    tree = ast.parse(ROOT.joinpath(*module.split(".")).with_suffix(".py").read_text())
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


CASES = [(module, test) for module in MODULES for test in cases_in(module)]


@cache
def outcomes() -> tuple[set[str], str]:
    done = run("tests/support/run_portable.py", "", ":".join(FIRMWARE_PATH), *MODULES)
    return set(done.stdout.splitlines()), done.stdout + done.stderr


@pytest.mark.parametrize(("module", "test"), CASES, ids=[test for _, test in CASES])
def test_on_micropython(module: str, test: str) -> None:
    lines, everything = outcomes()
    assert f"ok {module} {test}" in lines, everything
