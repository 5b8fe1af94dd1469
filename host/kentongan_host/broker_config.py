"""What a mosquitto of ours is told: settings as data, and the files written from them."""

from __future__ import annotations

import os
import shutil
import socket
from dataclasses import dataclass, field
from pathlib import Path

from kentongan_host.errors import HostError
from kentongan_host.files import make_private_directory, write_private

UNIX_PATH_MAX = 100  # bytes; Linux allows 107 with the ending zero
CONFIG_NAME = "mosquitto.conf"
SOCKET_NAME = "own.sock"

# What one client may cost the broker. 20 is what MQTT clients keep in flight; the queue holds a
# site's presses of a bad minute; nothing is kept for a client that is away (clean sessions).
INFLIGHT_MAX = 200
QUEUED_MAX = 10_000
QUEUED_BYTES_MAX = 32 * 1024 * 1024


class BrokerError(HostError):
    """The broker cannot run as it is told to."""


@dataclass(frozen=True)
class Listener:
    """One TCP address that the broker serves.

    Attributes:
        host: address to bind; names are resolved by the broker.
        port: 1…65535.
        options: lines of mosquitto.conf that belong to this listener, as (name, value).
        setting: how people call its address, for messages: `[buttons] port in gateway.toml`.
    """

    host: str
    port: int
    options: tuple[tuple[str, str], ...]
    setting: str


@dataclass(frozen=True)
class BrokerConfig:
    """A broker of ours.

    Attributes:
        program: name or path of mosquitto 2.
        directory: folder of its own, made with mode 0700; config, secrets and our socket live there.
        listeners: TCP listeners; ours (a Unix socket that only this user can reach) is added.
        files: name → content of files beside the config (PSK list, ACL), written with mode 0600.
            Options name them by `directory / name`.
        max_packet_bytes: larger MQTT packets end the connection that sent them.
        max_connections: per TCP listener.
    """

    program: str
    directory: Path
    listeners: tuple[Listener, ...]
    files: dict[str, str] = field(default_factory=dict)
    max_packet_bytes: int = 16_384
    max_connections: int = 1_000

    def find_program(self) -> str:
        """The broker's full path.

        Raises:
            BrokerError: there is no such program.
        """
        found = shutil.which(self.program, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin")
        if found is None:
            raise BrokerError(
                f"there is no program {self.program!r}.",
                "Install mosquitto 2 (apt-get install mosquitto) or name its path in [broker] mosquitto.",
            )
        return str(Path(found).absolute())

    def write(self, own_socket: Path) -> Path:
        """Writes the config and its files, each whole, mode 0600; returns the config's path.

        Raises:
            BrokerError: the folder cannot be written.
        """
        make_private_directory(self.directory)
        path = self.directory / CONFIG_NAME
        try:
            for name, content in self.files.items():
                write_private(self.directory / name, content.encode())
            write_private(path, self.text(own_socket).encode())
        except OSError as error:
            raise BrokerError(
                f"cannot write the broker's files in {self.directory}: {error.strerror}.",
                "Make room on its disk, and let this user write there.",
            ) from error
        return path

    def text(self, own_socket: Path) -> str:
        """The content of mosquitto.conf."""
        lines = ["# Written at every start; changes are lost."]
        lines += _lines(
            ("per_listener_settings", "true"),
            ("persistence", "false"),
            ("retain_available", "false"),
            ("set_tcp_nodelay", "true"),
            ("max_packet_size", str(self.max_packet_bytes)),
            ("max_inflight_messages", str(INFLIGHT_MAX)),
            ("max_queued_messages", str(QUEUED_MAX)),
            ("max_queued_bytes", str(QUEUED_BYTES_MAX)),
            ("max_keepalive", "60"),
            ("log_dest", "stderr"),
            ("log_timestamp", "false"),
            ("log_type", "error"),
            ("log_type", "warning"),
            ("log_type", "notice"),
        )
        if os.geteuid() == 0:
            # Otherwise it becomes `mosquitto` or `nobody`, who can read none of our files.
            lines += _lines(("user", "root"))
        for listener in self.listeners:
            lines += _lines(
                ("listener", f"{listener.port} {listener.host}"),
                ("max_connections", str(self.max_connections)),
                *listener.options,
            )
        # Ours is the last: when it answers, all the others are open.
        lines += _lines(("listener", f"0 {own_socket}"), ("allow_anonymous", "true"))
        return "\n".join(lines) + "\n"


def _lines(*options: tuple[str, str]) -> list[str]:
    for name, value in options:
        if any(character in name + value for character in "\r\n\0"):
            raise BrokerError(f"the broker's option {name!r} would break its line.", "Check the settings' paths.")
    return [f"{name} {value}" for name, value in options]


def check_address(listener: Listener) -> None:
    """Tries the address itself, because mosquitto's own message does not name it.

    Raises:
        BrokerError: in use, not of this machine, or not allowed to this user.
    """
    where = f"{listener.host}:{listener.port}"
    try:
        found = socket.getaddrinfo(listener.host, listener.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
                probe.listen()
    except OSError as error:
        raise BrokerError(
            f"cannot listen on {where}: {error.strerror}.",
            f"Stop the program that uses it, or choose another address with {listener.setting}.",
        ) from error
