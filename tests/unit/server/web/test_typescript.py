"""Runs the web pages' own unit tests (node's test runner) with all the others."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

WEB = Path(__file__).parents[4] / "server" / "kentongan_server" / "web"


def test_the_web_pages_unit_tests_pass():
    path = sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"]
    npm = shutil.which("npm", path=path)
    assert npm, "npm is not installed: run make setup"
    run = subprocess.run(
        [npm, "--silent", "test"],
        cwd=WEB,
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
