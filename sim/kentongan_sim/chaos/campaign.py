"""A campaign of chaos: rounds of presses, each in a city of its own, counted and kept so that it can go on later."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kentongan_sim.chaos.deck import Fault
from kentongan_sim.chaos.wrecker import Wrecker
from kentongan_sim.errors import SimError
from kentongan_sim.headless import Outcome, Run, RunOptions

ROUND = 250  # presses of a round: two minutes, so that little is lost when a campaign is interrupted
LONGEST_S = 25.0  # of a fault: beyond it a path counts as unproven (20 s) and every backoff has reached its end
SETTLE_S = 120.0  # bounds the way of the last press after everything is mended, through all backoffs and restarts
COMPLETE_S = 240.0  # how long a round goes on after its presses until every fault has happened
LOOK_S = 0.1  # how often it is looked at whether every fault has happened

COUNTS = (
    *(
        "presses",
        "alarms",
        "alarms_by_sms",
        "alarms_by_centre",
        "incidents",
        "lost",
        "duplicates",
        "unexplained",
        "lamp_transitions",
        "lamp_lies",
    ),
    *("blinks_checked", "stream_events", "stream_gaps", "stream_doubles", "console_reconnects"),
    *("sms_sent", "sms_delivered", "sms_lost", "sms_to_centre", "sms_to_people"),
)


@dataclass(frozen=True)
class Plan:
    """What a campaign does; one with another plan is another campaign.

    Attributes:
        presses: at least so many in all; faults that need a press of their own add to them.
        seed: of all; the n-th round has the seed plus n.
        longest_s: of a fault.
    """

    presses: int
    seed: int
    longest_s: float = LONGEST_S

    def rounds(self) -> list[int]:
        """How many presses each round plans."""
        whole, rest = divmod(self.presses, ROUND)
        return [ROUND] * whole + ([rest] if rest else [])


@dataclass
class RoundChaos:
    """The faults of one round; `unleash` is a run's sabotage."""

    plan: Plan
    seed: int
    wrecker: Wrecker = field(init=False)

    async def unleash(self, run: Run) -> None:
        """Break and mend until everything is pressed and every fault has happened."""
        run.evidence.paths_cut = True
        self.wrecker = Wrecker(run.city, run.presser, self.seed, self.plan.longest_s)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.wrecker.run())
            await run.pressed.wait()
            try:
                async with asyncio.timeout(COMPLETE_S):
                    while self.wrecker.missing:  # noqa: ASYNC110 - a look a tenth of a second costs nothing
                        await asyncio.sleep(LOOK_S)
            except TimeoutError:
                pass  # told as a problem: a run without a fault proves nothing about it
            self.wrecker.end()

    def result(self, outcome: Outcome) -> dict[str, Any]:
        """The round as it is kept."""
        told = outcome.as_json()
        never = [f"vacuous: {fault.value} never happened" for fault in self.wrecker.missing]
        problems = [*outcome.verdict.problems, *never]
        return {
            "seed": self.seed,
            **{name: told[name] for name in COUNTS},
            "faults": {fault.value: self.wrecker.done[fault] for fault in Fault},
            "newest_transactions": dict(sorted(self.wrecker.shapes.items())),
            "press_to_received_lamp": told["press_to_received_lamp"],
            "problems": problems,
            "ok": not problems,
        }


class Record:
    """What a campaign has come to, in a file that the next start goes on with.

    Args:
        path: None to keep nothing.
        plan: of the campaign.

    Raises:
        SimError: the file holds another campaign.
    """

    def __init__(self, path: Path | None, plan: Plan) -> None:
        self._path = path
        self._plan = plan
        self.rounds: list[dict[str, Any]] = []
        if path is not None and path.exists():
            self.rounds = _read(path, plan)

    def add(self, result: dict[str, Any]) -> None:
        """Keep one more round."""
        self.rounds.append(result)
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new = self._path.with_name(f"{self._path.name}.new")
            new.write_text(json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            new.replace(self._path)

    def as_json(self) -> dict[str, Any]:
        """Plan, totals, rounds."""
        return {"plan": asdict(self._plan), "totals": totals(self.rounds), "rounds": self.rounds}


def totals(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Sums over all rounds."""
    faults: Counter[str] = Counter()
    shapes: Counter[str] = Counter()
    for one in rounds:
        faults.update(one["faults"])
        shapes.update(one["newest_transactions"])
    return {
        "rounds": len(rounds),
        **{name: sum(one[name] for one in rounds) for name in COUNTS},
        "faults": dict(faults),
        "faults_in_all": faults.total(),
        "newest_transactions": dict(sorted(shapes.items())),
        "slowest_received_lamp_ms": max((one["press_to_received_lamp"]["max"] or 0 for one in rounds), default=0),
        "ok": all(one["ok"] for one in rounds),
    }


def run_options(plan: Plan, number: int) -> RunOptions:
    """Of the round of this number. Nothing is forged: a forged frame that a killed broker loses is in no list."""
    return RunOptions(plan.rounds()[number], plan.seed + number, forged=0, replayed=0, settle_s=SETTLE_S)


def _read(path: Path, plan: Plan) -> list[dict[str, Any]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        same = found["plan"] == asdict(plan)
        rounds: list[dict[str, Any]] = found["rounds"]
    except (ValueError, KeyError, TypeError) as error:
        raise SimError(f"{path} is no record of a campaign ({error!r}): name another file with --json") from error
    if not same:
        raise SimError(f"{path} is of another campaign, {found['plan']}: name another file with --json, or remove it")
    return [one for one in rounds if one["ok"]]
