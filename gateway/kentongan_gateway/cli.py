"""`kentongan gateway`: the thin command over `service.run`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from kentongan_gateway.service import run
from kentongan_gateway.settings import GatewaySettings
from kentongan_host import log
from kentongan_host.errors import HostError
from kentongan_host.settings import SettingsError, load

EXIT_OK = 0
EXIT_UNAVAILABLE = 69  # EX_UNAVAILABLE of sysexits.h: an address, a file or the broker
EXIT_CONFIG = 78  # EX_CONFIG: the settings; a restart will not help


def gateway(argv: list[str]) -> int:
    """Runs the gateway of a site: its broker, its custody and its link to the centre."""
    parser = argparse.ArgumentParser(
        prog="kentongan gateway",
        description="Runs the gateway of a site until SIGTERM or Ctrl-C. SIGHUP reads the button list again.",
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("/etc/kentongan/gateway.toml"),
        metavar="FILE",
        help="settings, as enrolment wrote them (default: %(default)s)",
    )
    parser.add_argument("--check", action="store_true", help="read the settings, say what is wrong, and end")
    arguments = parser.parse_args(argv)
    try:
        settings = load(GatewaySettings, arguments.config)
        if arguments.check:
            print(f"{arguments.config}: in order")
            return EXIT_OK
        os.umask(0o077)  # whatever it writes is nobody else's business
        log.configure(level=settings.log.level)
        asyncio.run(run(settings))
    except SettingsError as error:
        return _complain(error, EXIT_CONFIG)
    except HostError as error:
        return _complain(error, EXIT_UNAVAILABLE)
    return EXIT_OK


def _complain(error: HostError, code: int) -> int:
    print(f"kentongan gateway: {error.what}", file=sys.stderr)
    if error.remedy:
        print(f"  {error.remedy}", file=sys.stderr)
    return code
