"""One round of a campaign, in a process of its own: `python -m kentongan_sim.chaos.one_round`.

Arguments are the plan as JSON and the number of the round. Prints one line of JSON: the round's
result, or `{"error": …}`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kentongan_sim.chaos.campaign import COUNTS, Plan, run_options
from kentongan_sim.chaos.deck import Fault
from kentongan_sim.chaos.diary import Diary
from kentongan_sim.chaos.wrecker import Wrecker
from kentongan_sim.cli import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK
from kentongan_sim.demo import Demo, DemoOptions, Interrupted
from kentongan_sim.errors import SimError
from kentongan_sim.headless import Outcome, Run, RunOptions
from kentongan_sim.presser import plan as plan_presses

COMPLETE_S = 240.0  # how long a round goes on after its presses until every fault has met one
MORE = 5  # presses that are planned at a time while it does


@dataclass
class RoundChaos:
    """The faults of one round; `unleash` is a run's sabotage."""

    plan: Plan
    options: RunOptions
    wrecker: Wrecker = field(init=False)
    began_s: float = field(default_factory=time.monotonic)
    phases_s: dict[str, float] = field(default_factory=dict)

    async def unleash(self, run: Run) -> None:
        """Break and mend until everything is pressed and every fault has met a press."""
        run.evidence.paths_cut = True
        diary = Diary(run.city.manager.logs / "chaos.log")
        run.noters.append(diary.note)
        self._phase("starting")
        try:
            self.wrecker = Wrecker(run, self.options.seed, self.plan.longest_s, diary.say)
            async with asyncio.TaskGroup() as group:
                group.create_task(self.wrecker.run())
                await run.pressed.wait()
                self._phase("pressing")
                self.wrecker.complete()
                await self._press_on(run)
                self.wrecker.end()
            self._phase("completing")
        finally:
            run.noters.remove(diary.note)
            diary.close(run.evidence)

    async def _press_on(self, run: Run) -> None:
        """Press until every fault has met a press; one that never does is told as a problem."""
        deadline_s = time.monotonic() + COMPLETE_S
        for more in itertools.count(1):
            if not self.wrecker.missing or time.monotonic() > deadline_s:
                return
            seed = self.options.seed + more * 1_000_000  # other presses than any round's
            await run.presser.run(plan_presses(MORE, len(run.city.buttons), seed))

    def result(self, outcome: Outcome) -> dict[str, Any]:
        """The round as it is kept."""
        self._phase("settling")
        told = outcome.as_json()
        never = [f"vacuous: {fault.value} never met a press" for fault in self.wrecker.missing]
        problems = [*outcome.verdict.problems, *never]
        return {
            "seed": self.options.seed,
            **{name: told[name] for name in COUNTS},
            "faults": {fault.value: self.wrecker.done[fault] for fault in Fault},
            "faults_meeting_a_press": {fault.value: self.wrecker.met[fault] for fault in Fault},
            "newest_transactions": dict(sorted(self.wrecker.shapes.items())),
            "press_to_received_lamp": told["press_to_received_lamp"],
            "took_s": round(sum(self.phases_s.values())),
            "phases_s": self.phases_s,
            "problems": problems,
            "ok": not problems,
        }

    def _phase(self, ended: str) -> None:
        now_s = time.monotonic()
        self.phases_s[ended] = round(now_s - self.began_s, 1)
        self.began_s = now_s


def run_round(plan: Plan, number: int) -> dict[str, Any]:
    """One round in a city of its own, whose folder is kept when something was wrong.

    Raises:
        SimError: the city could not be built, or something did not come back.
        Interrupted: a signal came.
    """
    state = Path(tempfile.mkdtemp(prefix="kentongan-chaos-"))
    options = run_options(plan, number)
    havoc = RoundChaos(plan, options)
    right = False
    try:
        outcome = asyncio.run(Demo(DemoOptions(state, options.seed), say=_silent).run(options, havoc.unleash))
        assert outcome is not None
        result = havoc.result(outcome)
        right = result["ok"]
        return result
    except Interrupted:
        right = True
        raise
    finally:
        if right:
            shutil.rmtree(state, ignore_errors=True)
        else:
            print(f"Seed {options.seed}: state and logs are in {state}", file=sys.stderr)


def main(arguments: list[str]) -> int:
    """Does what the module's text says."""
    plan, number = arguments
    try:
        result = run_round(Plan(**json.loads(plan)), int(number))
    except SimError as error:
        print(json.dumps({"error": str(error)}))
        return EXIT_FAILED
    except Interrupted:
        return EXIT_INTERRUPTED
    print(json.dumps(result))
    return EXIT_OK


def _silent(_line: str) -> None:
    """A campaign tells its rounds, not how each city starts."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
