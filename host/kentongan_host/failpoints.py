"""Places where a test can kill the process, to prove that the moment between two steps loses nothing.

`KENTONGAN_FAILPOINT="gateway.before_forward:3"` kills the process with SIGKILL the third time it
comes by; with `:hold` behind the number it is stopped with SIGSTOP instead, so that the test can
kill somebody else at that very moment and let it go on. Without the variable a fail point is one
comparison.
"""

from __future__ import annotations

import os
import signal
import threading

from kentongan_host.errors import HostError

VARIABLE = "KENTONGAN_FAILPOINT"

GATEWAY_AFTER_COMMIT_BEFORE_STORED = "gateway.after_commit_before_stored"
GATEWAY_BEFORE_FORWARD = "gateway.before_forward"
GATEWAY_AFTER_RECEIPT_BEFORE_CLEAR = "gateway.after_receipt_before_clear"
GATEWAY_AFTER_TEXT_BEFORE_RECEIPT = "gateway.after_text_before_receipt"
CENTRE_BEFORE_COMMIT = "centre.before_commit"
CENTRE_AFTER_COMMIT_BEFORE_RECEIPT = "centre.after_commit_before_receipt"
CENTRE_AFTER_ACKNOWLEDGE_BEFORE_RECEIPT = "centre.after_acknowledge_before_receipt"
BACKUP_BEFORE_ARCHIVE = "backup.before_archive"
BACKUP_BEFORE_RENAME = "backup.before_rename"
RESTORE_BEFORE_COMMIT = "restore.before_commit"
RESTORE_BEFORE_FILE = "restore.before_file"
RESTORE_BEFORE_END = "restore.before_end"
NAMES = (
    GATEWAY_AFTER_COMMIT_BEFORE_STORED,
    GATEWAY_BEFORE_FORWARD,
    GATEWAY_AFTER_RECEIPT_BEFORE_CLEAR,
    GATEWAY_AFTER_TEXT_BEFORE_RECEIPT,
    CENTRE_BEFORE_COMMIT,
    CENTRE_AFTER_COMMIT_BEFORE_RECEIPT,
    CENTRE_AFTER_ACKNOWLEDGE_BEFORE_RECEIPT,
    BACKUP_BEFORE_ARCHIVE,
    BACKUP_BEFORE_RENAME,
    RESTORE_BEFORE_COMMIT,
    RESTORE_BEFORE_FILE,
    RESTORE_BEFORE_END,
)
ACTIONS = {"": signal.SIGKILL, "hold": signal.SIGSTOP}


class _Armed:
    """The one fail point of this process, how many passes it lets live, and what it does then."""

    def __init__(self, wanted: str) -> None:
        name, _, rest = wanted.partition(":")
        nth, _, action = rest.partition(":")
        if name not in NAMES or not (nth or "1").isdecimal() or nth == "0" or action not in ACTIONS:
            raise HostError(
                f"{VARIABLE}={wanted!r}: expected NAME or NAME:NTH or NAME:NTH:hold with NTH from 1 and NAME one of "
                f"{', '.join(NAMES)}.",
                f"Unset {VARIABLE} unless this is a crash test.",
            )
        self.name = name
        self.left = int(nth or "1")
        self.signal = ACTIONS[action]
        self.lock = threading.Lock()  # the writer thread passes here as well


def _from_environment() -> _Armed | None:
    wanted = os.environ.get(VARIABLE)
    return _Armed(wanted) if wanted else None


_armed = _from_environment()


def fail_point(name: str) -> None:
    """Kills or stops this process here when a crash test asked for it."""
    if _armed is None or _armed.name != name:
        return
    with _armed.lock:
        _armed.left -= 1
        if _armed.left == 0:
            os.kill(os.getpid(), _armed.signal)
