"""Which sources a result is of, when it was made and where: what a figure without is worth little."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

GIT_S = 10.0  # bounds the question to git


def provenance() -> dict[str, str]:
    """`commit`, `date` and `machine` of a result that is made now, here."""
    return {
        "commit": _commit(),
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }


def _commit() -> str:
    """Of the sources, "-dirty" when files differ from it; "unknown" outside of a git repository."""
    describe = ["git", "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(  # noqa: S603 - the user's git
            describe, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=GIT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()
