"""A campaign of chaos: rounds of presses, each in a city of its own, counted and kept so that it can go on later."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kentongan_sim.errors import SimError
from kentongan_sim.headless import RunOptions

ROUND = 250  # presses of a round: two minutes, so that little is lost when a campaign is interrupted
LONGEST_S = 25.0  # of a fault: beyond it a path counts as unproven (20 s) and every backoff has reached its end
SETTLE_S = 120.0  # bounds the way of the last press after everything is mended, through all backoffs and restarts

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


class Record:
    """What a campaign has come to, in a file that the next start goes on with.

    Rounds may end in any order. One that went wrong is done again by the next start, and stays told.

    Args:
        path: None to keep nothing.
        plan: of the campaign.
        origin: date, machine and commit; a campaign is of one commit.

    Attributes:
        rounds: newest results, in the order of their seeds.
        redone: seeds and problems of rounds that went wrong and were done again.

    Raises:
        SimError: the file holds another campaign.
    """

    def __init__(self, path: Path | None, plan: Plan, origin: Mapping[str, Any]) -> None:
        self._path = path
        self._plan = plan
        self._origin = dict(origin)
        self._began_s = time.monotonic()
        self._before_s = 0.0
        self.rounds: list[dict[str, Any]] = []
        self.redone: list[dict[str, Any]] = []
        if path is not None and path.exists():
            self._go_on(path)

    @property
    def open_rounds(self) -> list[int]:
        """Numbers of the rounds that are still to be done."""
        done = {one["seed"] - self._plan.seed for one in self.rounds}
        return [number for number in range(len(self._plan.rounds())) if number not in done]

    @property
    def duration_s(self) -> float:
        """How long it has taken, all starts together."""
        return self._before_s + time.monotonic() - self._began_s

    def add(self, result: dict[str, Any]) -> None:
        """Keep one more round."""
        self.rounds = sorted([*self.rounds, result], key=lambda one: int(one["seed"]))
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new = self._path.with_name(f"{self._path.name}.new")
            new.write_text(json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            new.replace(self._path)

    def totals(self) -> dict[str, Any]:
        """Sums, and how fast it went."""
        total = totals(self.rounds)
        minutes = self.duration_s / 60
        return {
            **total,
            "redone": len(self.redone),
            "duration_s": round(self.duration_s),
            "presses_per_minute": round(total["presses"] / minutes, 1) if minutes else None,
        }

    def as_json(self) -> dict[str, Any]:
        """Where it comes from, plan, totals, rounds."""
        return {
            **self._origin,
            "plan": asdict(self._plan),
            "totals": self.totals(),
            "redone": self.redone,
            "rounds": self.rounds,
        }

    def _go_on(self, path: Path) -> None:
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            plan, commit = found["plan"], found["commit"]
            rounds: list[dict[str, Any]] = found["rounds"]
            wrong = [{"seed": one["seed"], "problems": one["problems"]} for one in rounds if not one["ok"]]
            redone = [*found["redone"], *wrong]
            before_s = float(found["totals"]["duration_s"])
        except (ValueError, KeyError, TypeError) as error:
            raise SimError(f"{path} is no record of a campaign ({error!r}): name another file with --json") from error
        if plan != asdict(self._plan):
            raise SimError(f"{path} is of another campaign, {plan}: name another file with --json, or remove it")
        if commit != self._origin["commit"]:
            raise SimError(
                f"{path} is of commit {commit}, this is {self._origin['commit']}, and a campaign is of one: "
                "name another file with --json, or remove it"
            )
        self._origin["date"] = found.get("date", self._origin["date"])
        self.rounds = [one for one in rounds if one["ok"]]
        self.redone = redone
        self._before_s = before_s


def totals(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Sums over all rounds."""
    faults, met, shapes = (
        _sum(rounds, "faults"),
        _sum(rounds, "faults_meeting_a_press"),
        _sum(rounds, "newest_transactions"),
    )
    return {
        "rounds": len(rounds),
        **{name: sum(one[name] for one in rounds) for name in COUNTS},
        "faults": dict(faults),
        "faults_in_all": faults.total(),
        "faults_meeting_a_press": dict(met),
        "newest_transactions": dict(sorted(shapes.items())),
        "slowest_received_lamp_ms": max((one["press_to_received_lamp"]["max"] or 0 for one in rounds), default=0),
        "ok": all(one["ok"] for one in rounds),
    }


def run_options(plan: Plan, number: int) -> RunOptions:
    """Of the round of this number. Nothing is forged: a forged frame that a killed broker loses is in no list."""
    return RunOptions(plan.rounds()[number], plan.seed + number, forged=0, replayed=0, settle_s=SETTLE_S)


def _sum(rounds: Sequence[dict[str, Any]], name: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in rounds:
        found.update(one[name])
    return found
