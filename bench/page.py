"""bench/results/README.md, made from the newest run's file and those of the long campaigns, and from nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import kept
from bench.report import Row, Section, told

PAGE = "README.md"
RUNS = "[0-9]*-[0-9]*-[0-9]*.json"  # one a day, by its date

NOT_SHOWN = """\
## What these figures do not show

Everything ran on one machine over loopback: buttons (their interpreter as a Unix process), gateways, brokers, the
centre, and what measures them, on the same cores. An ESP32 is slower at cryptography and flash; Wi-Fi, the internet
and mobile networks add delays of their own and lose more. No part of it has run on a real board or modem. Compare
ratios within the run.
"""


def content(date: str, commit: str, machine: Mapping[str, object], sections: Sequence[Section]) -> dict[str, object]:
    """What is kept of a run."""
    return {
        "date": date,
        "commit": commit,
        "machine": dict(machine),
        "sections": [section.as_json() for section in sections],
    }


def newest(results: Path) -> Path | None:
    """The file of the newest run; None before the first."""
    return max(results.glob(RUNS), default=None)


def sections(run: Mapping[str, Any], results: Path) -> list[Section]:
    """Those of a run, then those of the campaigns."""
    return [*(Section.from_json(one) for one in run["sections"]), *kept.sections(results)]


def missed(found: Sequence[Section]) -> list[Row]:
    """The rows whose number was not reached."""
    return [row for section in found for row in section.rows if row.limits and not row.meets]


def page(run: Mapping[str, Any], file: str, found: Sequence[Section], expected: Sequence[str] = ()) -> str:
    """The page of a run, which is kept in `file`, and of the campaigns; it names what is `expected` and not there."""
    machine, short = run["machine"], missed(found)
    verdict = "Every number was reached." if not short else f"Missed: {'; '.join(row.name for row in short)}."
    absent = [title for title in expected if title not in {section.title for section in found}]
    if absent:
        verdict += f" **Not measured yet: {'; '.join(absent)}.**"
    about = (
        f"One run of `make bench`, {run['date']}, at commit `{run['commit']}`: [{file}]({file}). The campaigns below "
        "have files, dates and commits of their own. This page is made from these files alone "
        f"(`make bench ARGS=--page`). {verdict}"
    )
    where = (
        f"Machine: {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}, Linux {machine['kernel']}, Python {machine['python']}, {machine['mosquitto']}."
    )
    return "\n\n".join(["# Figures", about, where, *(told(section) for section in found), NOT_SHOWN])


def write(results: Path, expected: Sequence[str] = ()) -> list[Section] | None:
    """Makes the page anew; what it shows, None when there is no run yet. `expected` are titles of sections."""
    file = newest(results)
    if file is None:
        return None
    run = json.loads(file.read_text(encoding="utf-8"))
    found = sections(run, results)
    (results / PAGE).write_text(page(run, file.name, found, expected), encoding="utf-8")
    return found
