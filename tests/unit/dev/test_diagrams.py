"""Diagrams in docs/ say what the tables say."""

from __future__ import annotations

import subprocess
import sys

from tests.support.interpreter import ROOT


def test_the_diagrams_are_drawn_from_their_tables():
    done = subprocess.run(
        [sys.executable, "tools/dev/diagrams.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
