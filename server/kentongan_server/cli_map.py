"""`kentongan map`: the city's own map on the operators' screens."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kentongan_host.errors import HostError
from kentongan_server import cli_state
from kentongan_server.adapters import city_map
from kentongan_server.domain.errors import CentreError


def city(argv: list[str]) -> int:
    """Looks after the city's map.

    Returns:
        0 when it was done, 1 when the file is no map or cannot be read, 2 for a wrong command line.
    """
    parser = argparse.ArgumentParser(prog="kentongan map", description="The city's map on the operators' screens.")
    commands = parser.add_subparsers(metavar="WHAT", required=True)
    use = commands.add_parser("use", help="show this map", description="Shows this map; a running centre takes it up.")
    use.add_argument("file", type=Path, metavar="FILE", help="a PMTiles file, version 3, with vector tiles")
    cli_state.add_arguments(use)
    arguments = parser.parse_args(argv)
    try:
        directory = cli_state.opened(arguments).directory
        found = city_map.use(arguments.file, directory)
    except (HostError, CentreError) as error:
        print(f"kentongan map: {arguments.file}: {error}", file=sys.stderr)
        return 1
    west, south, east, north = found.head.bounds
    print(f"The map is in use: zoom {found.head.min_zoom} to {found.head.max_zoom}, layers {', '.join(found.layers)},")
    print(f"from {south:.4f}, {west:.4f} to {north:.4f}, {east:.4f} (latitude, longitude).")
    return 0
