"""Many schedules: run on all cores, added up, checked for vacuity, resumed where it was left."""

from __future__ import annotations

import gc
import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kentongan_sim import provenance
from kentongan_sim.errors import SimError
from kentongan_sim.universe.people import centre_image, custody_image
from kentongan_sim.universe.plan import draw_plan
from kentongan_sim.universe.world import Verdict, World

BATCH = 20  # seeds a worker takes at once
SAVE_EVERY_S = 10.0  # how much of a campaign a kill costs
VACUOUS_FROM = 100  # seeds after which everything in MUST_HAPPEN must have happened
MUST_HAPPEN = (
    "presses",
    "repeats",
    "alarms",
    "acknowledgements",
    "receipts",
    "lamps",
    "heartbeats",
    "power cuts",
    "torn writes",
    "centre kills",
    "gateway kills",
    "messages lost",
    "forged",
    "rejected",
    "replayed",
    "SMS used",
    "SMS delivered",
    "texts of the centre",
    "texts of buttons",
    "silences judged",
    "lost sites judged",
    "endings by SMS",
    "AT schedules",
    "AT commands",
    "AT texts sent",
    "AT texts received",
    "AT boots",
    "AT power keys",
    "AT odd sends",
    "fault restores",
    "fault uplink-cut",
    "fault wifi-cut",
    "fault gateway-lies",
)


@dataclass(slots=True)
class Campaign:
    """What a range of seeds came to.

    Attributes:
        first: first seed.
        last: last seed.
        done: seeds before this one are done.
        failed: (seed, problem).
    """

    first: int
    last: int
    done: int
    totals: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[int, str]] = field(default_factory=list)
    virtual_ms: int = 0
    cpu_s: float = 0.0

    @property
    def schedules(self) -> int:
        return self.done - self.first

    def add(self, verdict: Verdict) -> None:
        """One schedule more."""
        self.done = verdict.seed + 1
        self.totals += verdict.totals
        self.virtual_ms += verdict.virtual_ms
        if verdict.problem is not None:
            self.failed.append((verdict.seed, verdict.problem))

    def vacuous(self) -> list[str]:
        """What should have happened in so many schedules, and never did."""
        if self.schedules < VACUOUS_FROM:
            return []
        return [name for name in MUST_HAPPEN if not self.totals[name]]

    def as_json(self) -> dict[str, Any]:
        """For the result file."""
        return {
            "seeds": [self.first, self.last],
            "done": self.done,
            "schedules": self.schedules,
            "failed": [list(one) for one in self.failed],
            "vacuous": self.vacuous(),
            "virtual_hours": round(self.virtual_ms / 3_600_000, 1),
            "cpu_s": round(self.cpu_s, 1),
            "schedules_per_cpu_s": round(self.schedules / self.cpu_s, 1) if self.cpu_s else None,
            "totals": dict(sorted(self.totals.items())),
            **provenance.describe(),
        }


def run_seed(seed: int) -> Verdict:
    """One schedule."""
    return World(draw_plan(seed)).run()


def run_range(
    first: int, last: int, jobs: int = 1, result: Path | None = None, told: Callable[[Verdict], None] = lambda _: None
) -> Campaign:
    """Runs the seeds that a result file does not have yet; one that has them all stays as it is.

    Raises:
        SimError: the result file is of another range, or not readable.
    """
    campaign = _resumed(first, last, result)
    if campaign.done > last:
        return campaign
    saved_s = time.monotonic()
    for batch, cpu_s in _batches(campaign.done, last, jobs):
        campaign.cpu_s += cpu_s
        for verdict in batch:
            campaign.add(verdict)
            told(verdict)
        if result is not None and time.monotonic() - saved_s > SAVE_EVERY_S:
            saved_s = time.monotonic()
            save(campaign, result)
    if result is not None:
        save(campaign, result)
    return campaign


def save(campaign: Campaign, result: Path) -> None:
    """Writes the result file, whole or not at all."""
    partial = result.with_name(result.name + ".part")
    partial.write_text(json.dumps(campaign.as_json(), indent=2) + "\n", encoding="utf-8")
    partial.replace(result)


def _resumed(first: int, last: int, result: Path | None) -> Campaign:
    if result is None or not result.exists():
        return Campaign(first, last, first)
    try:
        have = json.loads(result.read_text(encoding="utf-8"))
        campaign = Campaign(first, last, have["done"], Counter(have["totals"]), [tuple(one) for one in have["failed"]])
        campaign.virtual_ms, campaign.cpu_s = int(have["virtual_hours"] * 3_600_000), have["cpu_s"]
    except (OSError, ValueError, KeyError) as error:
        raise SimError(f"{result} is no result file of the simulator: {error}. Name another one.") from error
    if have["seeds"][0] != first:
        raise SimError(f"{result} begins with seed {have['seeds'][0]}, not {first}. Name another one.")
    if have["commit"] != provenance.commit() and have["done"] <= last:
        raise SimError(f"{result} was begun with commit {have['commit']}; a campaign is of one. Name another one.")
    return campaign


def _batches(first: int, last: int, jobs: int) -> Iterator[tuple[list[Verdict], float]]:
    batches = [range(at, min(at + BATCH, last + 1)) for at in range(first, last + 1, BATCH)]
    if jobs <= 1:
        yield from map(_run_batch, batches)
        return
    centre_image(), custody_image()  # made once, inherited by all
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        yield from pool.imap(_run_batch, batches)


def _run_batch(seeds: Iterable[int]) -> tuple[list[Verdict], float]:
    began_s = time.process_time()
    collecting = gc.isenabled()
    gc.disable()  # a universe is one large cycle: cheaper to collect once, when it is over, than all the time
    gc.freeze()  # and without a look at whatever was there before
    try:
        return [_run_and_forget(seed) for seed in seeds], time.process_time() - began_s
    finally:
        gc.unfreeze()
        if collecting:
            gc.enable()


def _run_and_forget(seed: int) -> Verdict:
    verdict = run_seed(seed)
    gc.collect()
    return verdict
