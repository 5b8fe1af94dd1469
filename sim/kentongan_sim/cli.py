"""`kentongan demo`: the city in a box, for a person to press or to press by itself."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kentongan_sim.demo import Demo, DemoOptions, Interrupted
from kentongan_sim.errors import SimError
from kentongan_sim.headless import FORGED, Outcome, RunOptions

EXIT_OK = 0
EXIT_FAILED = 1  # something was lost, doubled, shown untruly or miscounted, or the city did not run
EXIT_INTERRUPTED = 130
HTTP_PORT = 8112  # of the console: 8 and the emergency number
BENCH_PORT = 8113  # of the bench page
PRESSES = 50
SUPPORTED = ("linux", "x86_64")  # what the interpreter's package has a program for


def demo(argv: list[str]) -> int:
    """Runs a small city on this machine: press a button, see it ring.

    Returns:
        0 when it was stopped or all was right, 1 when something failed, 130 when a headless run was interrupted.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if not arguments.headless and (arguments.json or arguments.presses is not None or arguments.forged is not None):
        parser.error("--presses, --forged and --json need --headless: without it a person presses")
    if complaint := unsupported():
        return _complain(complaint)
    try:
        state = _state_folder(arguments.state)
    except SimError as error:
        return _complain(str(error))
    code = EXIT_FAILED
    try:
        code = _run(arguments, state)
    finally:
        # A failed run keeps its logs: they are what somebody needs next.
        if arguments.state is None and not arguments.keep and code != EXIT_FAILED:
            shutil.rmtree(state, ignore_errors=True)
        else:
            print(f"State and logs are in {state}")
    return code


def unsupported() -> str:
    """Why no city can run on this machine; empty when one can."""
    if (sys.platform, platform.machine()) == SUPPORTED:
        return ""
    return (
        f"it needs x86-64 Linux, found {platform.machine()} {sys.platform}: there is no MicroPython program for "
        "this machine. A gateway runs here: kentongan gateway."
    )


def _run(arguments: argparse.Namespace, state: Path) -> int:
    options = DemoOptions(
        state=state,
        seed=arguments.seed,
        http_port=_port(arguments.http_port, HTTP_PORT, headless=arguments.headless),
        bench_port=_port(arguments.bench_port, BENCH_PORT, headless=arguments.headless),
        http_port_chosen=arguments.http_port is not None,
        bench_port_chosen=arguments.bench_port is not None,
    )
    run = None
    if arguments.headless:
        presses = PRESSES if arguments.presses is None else arguments.presses
        run = RunOptions(presses, arguments.seed, FORGED if arguments.forged is None else arguments.forged)
    try:
        outcome = asyncio.run(Demo(options, say=_say).run(run))
    except SimError as error:
        return _complain(str(error))
    except Interrupted:
        return EXIT_INTERRUPTED if run else EXIT_OK
    if outcome is None:
        return EXIT_OK
    return _report(outcome, arguments.json)


def _report(outcome: Outcome, path: Path | None) -> int:
    result = outcome.as_json()
    if path is not None:
        path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        _say(f"Written to {path}")
    for line in summary(result):
        _say(line)
    for problem in outcome.verdict.problems:
        print(f"  WRONG  {problem}", file=sys.stderr)
    return EXIT_OK if outcome.ok else EXIT_FAILED


def summary(result: dict[str, object]) -> Sequence[str]:
    """The result for people, line by line."""
    lines = [
        "{presses} presses, {alarms} alarms, {incidents} incidents; lost {lost}, doubled {duplicates}".format(**result),
        "{forged_injected} forged frames, {rejected_frames} rejected; {replayed_injected} replayed".format(**result),
        "{lamp_transitions} lamp changes and {blinks_checked} blinks checked, lies {lamp_lies}".format(**result),
    ]
    for name, value in result.items():
        if isinstance(value, dict) and "p50" in value:
            times = "  ".join(f"{key} {value[key]:8.1f}" for key in ("p50", "p99", "max") if value[key] is not None)
            lines.append(f"  {name:<27} {times} ms  (n {value['n']})")
    lines.append(f"seed {result['seed']}: {'all was right' if result['ok'] else 'SOMETHING IS WRONG'}")
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kentongan demo",
        description="Runs a small city on this machine: one centre, two sites with their gateways, five buttons, each "
        "the real firmware on the real MicroPython. Without --headless a person presses, on a page of buttons.",
    )
    parser.add_argument("--headless", action="store_true", help="press, answer and check without a person")
    parser.add_argument(
        "--presses", type=_count, metavar="N", help=f"headless: how often to press (default: {PRESSES})"
    )
    parser.add_argument("--forged", type=_count, metavar="N", help=f"headless: forged frames (default: {FORGED})")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S", help="of every random choice (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="headless: write the result there")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="keep everything in this new folder (default: a temporary one)"
    )
    parser.add_argument("--keep", action="store_true", help="do not remove the temporary folder at the end")
    parser.add_argument(
        "--http-port", type=int, metavar="PORT", help=f"of the console (default: {HTTP_PORT}, or any when it is taken)"
    )
    parser.add_argument(
        "--bench-port", type=int, metavar="PORT", help=f"of the buttons' page (default: {BENCH_PORT}, likewise)"
    )
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"expected 0 or more, got {number}")
    return number


def _port(chosen: int | None, default: int, *, headless: bool) -> int:
    if chosen is not None:
        return chosen
    return 0 if headless else default


def _state_folder(wanted: Path | None) -> Path:
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="kentongan-demo-"))
    if wanted.exists() and (not wanted.is_dir() or any(wanted.iterdir())):
        raise SimError(f"--state {wanted}: expected a new or empty folder, found something in it; name another one")
    wanted.mkdir(parents=True, exist_ok=True)
    return wanted.resolve()


def _say(line: str) -> None:
    print(line, flush=True)


def _complain(message: str) -> int:
    print(f"kentongan demo: {message}", file=sys.stderr)
    return EXIT_FAILED
