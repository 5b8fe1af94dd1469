"""The `kentongan` command on a machine whose wall clock is wrong: `python -m kentongan_sim.off_clock MS gateway …`.

Only what the program reads is wrong; the machine's own clock, the clock that never jumps, and the checks of
certificates stay as they are.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from kentongan_tools.main import main

NS_PER_MS = 1_000_000


def put_off(off_ms: int) -> None:
    """From now on this process believes that it is so much later, or earlier when negative."""
    right_ns = time.time_ns

    def wrong_ns() -> int:
        return right_ns() + off_ms * NS_PER_MS

    def wrong_s() -> float:
        return wrong_ns() / 1e9

    time.time_ns, time.time = wrong_ns, wrong_s


def run(argv: Sequence[str]) -> int:
    """The rest of `argv` is the command's; its exit code."""
    put_off(int(argv[0]))
    return main(argv[1:])


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
