"""Runs a program that dies with whoever started it, even when that one is killed with -9.

Started by path (`python -I -S leash.py PARENT PROGRAM …`), so it may import nothing of ours.
The kernel keeps the wish across `exec`, so no extra process stays behind.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
EXIT_ORPHAN = 70  # the parent was gone before we began
EXIT_NOT_FOUND = 127  # as shells say it


def main() -> int:
    """Binds this process to its parent, then becomes the program."""
    parent, *program = sys.argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        print(f"leash: prctl: {os.strerror(ctypes.get_errno())}", file=sys.stderr)
        return 1
    if os.getppid() != int(parent):  # it died between its fork and our prctl
        return EXIT_ORPHAN
    try:
        os.execvp(program[0], program)  # noqa: S606 - a program and its arguments, no shell
    except OSError as error:
        print(f"leash: {program[0]}: {error.strerror}", file=sys.stderr)
    return EXIT_NOT_FOUND


if __name__ == "__main__":
    sys.exit(main())
