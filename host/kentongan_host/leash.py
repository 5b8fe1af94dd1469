"""Becomes another program that the kernel kills when our process dies, however it dies.

Run as a script: `python -I -S leash.py PARENT-ID PROGRAM [argument …]`. A script instead of
`preexec_fn`, because Python code between fork and exec can hang in a process that has threads.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)
EXIT_NO_PROGRAM = 127  # what a shell says when there is no such program


def main(arguments: list[str]) -> int:
    """Ties this process to its parent and becomes the program; returns only when that fails."""
    parent, program = int(arguments[1]), arguments[2]
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        print(f"Error: prctl: {os.strerror(ctypes.get_errno())}", file=sys.stderr)
        return EXIT_NO_PROGRAM
    if os.getppid() != parent:  # it died before the leash held
        return EXIT_NO_PROGRAM
    try:
        os.execvp(program, arguments[2:])  # noqa: S606 - becoming that program is the purpose
    except OSError as error:
        print(f"Error: {program}: {error.strerror}", file=sys.stderr)
        return EXIT_NO_PROGRAM


if __name__ == "__main__":
    sys.exit(main(sys.argv))
