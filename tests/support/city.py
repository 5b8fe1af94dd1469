"""A running city for tests that break it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from kentongan_sim.city import City
from kentongan_sim.errors import SimError
from kentongan_sim.headless import Run, RunOptions


@contextlib.asynccontextmanager
async def running_city(folder: Path, options: RunOptions, failpoints: Mapping[str, str] | None = None):
    """A started city and the run that watches it; at the end everything is stopped and nothing failed by itself."""
    failures: list[SimError] = []
    run = Run(options)
    city = City(folder, seed=options.seed, on_trace=run.note, on_failure=failures.append)
    try:
        await city.build()
        run.begin(city)
        await city.start(failpoints)
        yield run
    finally:
        await city.stop()
    if failures:
        raise failures[0]
