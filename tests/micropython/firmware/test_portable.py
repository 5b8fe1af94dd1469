"""Unit tests of the firmware's core and store, and of the second path's rule, on the interpreter of the buttons."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.support.interpreter import FIRMWARE_PATH, ROOT, run

pytestmark = pytest.mark.micropython

FOLDER = ROOT / "tests/unit/firmware"
SOURCES = sorted(
    [
        *FOLDER.glob("core/test_*.py"),
        *FOLDER.glob("link/test_*.py"),
        *FOLDER.glob("hal/test_*.py"),
        *FOLDER.glob("test_*.py"),
        ROOT / "tests/unit/wire/test_second_path.py",
    ]
)


def module_name(source) -> str:
    return ".".join(source.relative_to(ROOT).with_suffix("").parts)


def cases_in(source) -> list[str]:
    tree = ast.parse(source.read_text())
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


CASES = [(module_name(source), test) for source in SOURCES for test in cases_in(source)]


@cache
def outcomes(scratch: str) -> tuple[set[str], str]:
    done = run(
        "tests/support/run_portable.py", scratch, ":".join(FIRMWARE_PATH), *[module_name(source) for source in SOURCES]
    )
    return set(done.stdout.splitlines()), done.stdout + done.stderr


@pytest.fixture(scope="module")
def scratch(tmp_path_factory) -> str:
    return str(tmp_path_factory.mktemp("portable"))


@pytest.mark.parametrize(
    ("module", "test"), CASES, ids=[f"{module.rsplit('.', 1)[1]}-{test}" for module, test in CASES]
)
def test_on_micropython(scratch, module, test):
    lines, everything = outcomes(scratch)
    assert f"ok {module} {test}" in lines, everything
