"""systemd's notification protocol (sd_notify(3)): a few lines on a datagram socket."""

from __future__ import annotations

import os
import socket


class Notifier:
    """Tells the service manager how we are; silent when there is none.

    Args:
        environment: where `NOTIFY_SOCKET` and `WATCHDOG_USEC` are looked up.
    """

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        variables = os.environ if environment is None else environment
        address = variables.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        microseconds = variables.get("WATCHDOG_USEC", "")
        self.watchdog_s = int(microseconds) / 1e6 if microseconds.isdecimal() else None

    def ready(self, status: str) -> None:
        """What we are for is done from now on; `status` says it in a few words."""
        self._send(f"READY=1\nSTATUS={status}")

    def alive(self, status: str) -> None:
        """Feeds the watchdog."""
        self._send(f"WATCHDOG=1\nSTATUS={status}")

    def stopping(self) -> None:
        """We end because we were told to."""
        self._send("STOPPING=1")

    def _send(self, state: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as connection:
            connection.settimeout(1.0)  # a manager that does not read must not stop alarms
            connection.sendto(state.encode(), self._address)
