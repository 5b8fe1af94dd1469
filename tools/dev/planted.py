"""Plant a bug into the cores while they are imported, and see the simulator find it.

planted.py NAME                    stops at the first seed that finds it
planted.py --all --json FILE       every bug over all seeds, how often it is found; goes on where it was left
"""

import argparse
import importlib.abc
import importlib.machinery
import json
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_suffix(".toml")
SEEDS = 1_000  # within so many each bug must be found


def load(path: Path = LIST) -> dict[str, dict[str, Any]]:
    """The bugs by name."""
    return {bug["name"]: bug for bug in tomllib.loads(path.read_text())["bug"]}


def spoiled(bug: dict[str, Any], source: str) -> str:
    """The source with the bug in it.

    Raises:
        ValueError: the place does not stand there exactly once.
    """
    if source.count(bug["find"]) != 1:
        raise ValueError(f"{bug['name']}: expected once in {bug['file']}, found {source.count(bug['find'])}")
    return source.replace(bug["find"], bug["without"])


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads one file with a bug, never from a cache."""

    def __init__(self, name: str, path: str, bug: dict[str, Any]) -> None:
        super().__init__(name, path)
        self._bug = bug

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(spoiled(self._bug, Path(path).read_text()).encode(), path)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the one module that the bug is in."""

    def __init__(self, bug: dict[str, Any]) -> None:
        self._bug = bug
        self._module = ".".join(Path(bug["file"]).with_suffix("").parts[1:])

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002 - its protocol
        /,
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(name, spec.origin, self._bug)
        return spec


def plant(bug: dict[str, Any]) -> None:
    """Call it before anything of ours is imported."""
    if not bug["file"].endswith(".sql"):
        sys.meta_path.insert(0, _Finder(bug))
        return
    from kentongan_server.adapters import queries, transaction  # noqa: PLC0415

    source = (Path(queries.__file__).parent / "sql" / Path(bug["file"]).name).read_text()
    spoiled(bug, source)
    for name, text in transaction.SqlTransaction.SQL.items():
        transaction.SqlTransaction.SQL[name] = text.replace(bug["find"], bug["without"])
    from kentongan_server.adapters.register import SqlRegister  # noqa: PLC0415

    SqlRegister.SQL = transaction.SqlTransaction.SQL | SqlRegister.SQL


def seek(first: int, last: int, hint: int | None, *, all_of_them: bool) -> tuple[int, int, str]:
    """(seeds run, seeds that found it, what the first one said)."""
    from kentongan_sim.universe.campaign import run_seed  # noqa: PLC0415

    found, said = 0, ""
    hints = [hint] if hint is not None and not all_of_them else []
    for run, seed in enumerate([*hints, *range(first, last + 1)], start=1):
        verdict = run_seed(seed)
        if verdict.problem is not None:
            found += 1
            said = said or f"seed {seed}: {verdict.problem}"
            if not all_of_them:
                return run, found, said
    return last - first + 1, found, said


def campaign(result: Path) -> int:
    """Every bug in a process of its own; the number that nobody found."""
    done = json.loads(result.read_text()) if result.exists() else {}
    for name in load():
        if name not in done:
            command = [sys.executable, __file__, name, "--every-seed", "--as-json"]
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            if not run.stdout.startswith("{"):
                raise RuntimeError(f"{name}: {run.stderr}")
            done[name] = json.loads(run.stdout)
            result.write_text(json.dumps(done, indent=2) + "\n")
        one = done[name]
        print(f"{name}: found by {one['found']} of {one['seeds']} seeds; first {one['said'] or 'NEVER'}", flush=True)
    missed = [name for name in load() if not done[name]["found"]]
    print(f"{len(load()) - len(missed)} of {len(load())} planted bugs are found.")
    return len(missed)


def main() -> int:
    """Run; 0 when what was planted was found."""
    parser = argparse.ArgumentParser(description="Plant a bug, and see the simulator find it.")
    parser.add_argument("name", nargs="?", choices=list(load()), help="of the bug")
    parser.add_argument("--all", action="store_true", help="every bug, over all seeds")
    parser.add_argument("--every-seed", action="store_true", help="do not stop at the first find")
    parser.add_argument("--as-json", action="store_true", help="print the result as JSON")
    parser.add_argument("--json", type=Path, default=ROOT / "bench/results/planted.json", help="result file of --all")
    arguments = parser.parse_args()
    if arguments.all:
        return campaign(arguments.json)
    if arguments.name is None:
        parser.error("name a bug, or --all")
    plant(load()[arguments.name])
    hint = load()[arguments.name].get("seed")
    seeds, found, said = seek(0, SEEDS - 1, hint, all_of_them=arguments.every_seed)
    if arguments.as_json:
        print(json.dumps({"seeds": seeds, "found": found, "said": said}))
    else:
        print(f"{arguments.name}: {f'found after {seeds} seeds: {said}' if found else f'NOT FOUND in {seeds} seeds'}")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
