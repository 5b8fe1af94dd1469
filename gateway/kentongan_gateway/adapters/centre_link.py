"""The two TLS connections to the centre: alarms on one, site reports on the other."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

from kentongan_gateway.errors import GatewayError
from kentongan_host.mqtt import Connection, Endpoint
from kentongan_host.secret_files import read_secret
from kentongan_wire.topics import ALARM, alarm_lane, gateway_down, report_lane


def centre_connection(
    *,
    gateway: int,
    kind: str,
    host: str,
    port: int,
    tls: ssl.SSLContext,
    on_change: Callable[[bool, str], None],
) -> Connection:
    """The connection of one lane, not yet opened.

    Args:
        gateway: our device number.
        kind: `alarm` or `report`.
        host: of the centre's broker.
        port: of the centre's broker.
        tls: from `client_tls`.
        on_change: called with (up, why).
    """
    lane = alarm_lane(gateway) if kind == ALARM else report_lane(gateway)
    return Connection(
        Endpoint(lane, host=host, port=port, tls=tls, username=lane),
        [gateway_down(gateway, kind)],
        on_change=on_change,
    )


def client_tls(ca_file: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """A TLS context that trusts the centre's CA only and shows our certificate.

    Raises:
        HostError: a file is missing or broken, the key is readable by others, or they do not fit together.
    """
    read_secret(key)  # refuses a key that others can read
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(ca_file)
    except (OSError, ssl.SSLError) as error:
        raise _broken(ca_file, "the centre's CA certificate", error) from error
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise _broken(certificate, f"a certificate for the key {key}", error) from error
    return context


def _broken(path: Path, expected: str, error: OSError) -> GatewayError:
    reason = getattr(error, "reason", None) or error.strerror or "unreadable"
    return GatewayError(
        f"{path}: expected {expected}; found {reason}.",
        "Copy it again from the kit that enrolment wrote, or make a new kit.",
    )
