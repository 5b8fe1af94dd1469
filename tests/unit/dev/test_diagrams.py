"""Diagrams in docs/ say what the tables say."""

from __future__ import annotations

import subprocess
import sys

from tests.support.interpreter import ROOT


def test_the_diagram_of_a_button_is_drawn_from_its_table():
    done = subprocess.run(
        [sys.executable, "tools/dev/diagrams.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
