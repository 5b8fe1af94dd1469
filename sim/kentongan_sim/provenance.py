"""Where a result comes from: machine, day, commit. Without the machine's name."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

GIT_S = 10  # bounds a git that waits for a disk
UNKNOWN = "unknown"  # no git, or not out of a repository
RESULTS = ":(top,exclude)bench/results"  # what is written while a campaign runs is no change of what it tries


def describe() -> dict[str, Any]:
    """Date, machine and commit."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": machine(),
        "commit": commit(),
    }


def machine() -> str:
    """Processor, cores, system and interpreter."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    processor = found[1].strip() if found else platform.machine()
    cores = len(os.sched_getaffinity(0))
    return f"{processor}, {cores} cores, Linux {platform.release()}, Python {platform.python_version()}"


def commit() -> str:
    """Of the sources, when they lie in a git repository; marked when they differ from it."""
    head = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ":/", RESULTS)
    return f"{head}-dirty" if changed and head != UNKNOWN else head


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    here = Path(__file__).parent
    try:
        done = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=GIT_S, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return UNKNOWN
    return done.stdout.strip() if done.returncode == 0 else UNKNOWN
