"""Take each guard of an invariant out and expect a red test.

`tools/dev/guards.toml` lists the guards: where each stands, what the code looks like without it,
and the tests that must notice. Every guard is taken out in a copy of the tree, one at a time.

    make guards                       all of them
    make guards ARGS="receipt stored" those whose name contains one of the words
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_suffix(".toml")
ROOMS = ("wire", "firmware", "host", "gateway", "server", "tools", "sim")
LINKED = (".venv", ".tools", "server/kentongan_server/web/dist", "server/kentongan_server/web/node_modules")
TIMEOUT_S = 300  # the slowest guarding test takes a minute


@dataclass(frozen=True)
class Guard:
    """One guard: replacing `find` (which stands once in `file`) by `without` must turn `tests` red."""

    name: str
    invariant: int
    file: str
    find: str
    without: str
    tests: tuple[str, ...]

    def take_out(self, tree: Path) -> str:
        """Write the file without the guard; returns what it was.

        Raises:
            ValueError: the guard does not stand there exactly once.
        """
        path = tree / self.file
        source = path.read_text()
        if source.count(self.find) != 1:
            raise ValueError(f"{self.name}: expected once in {self.file}, found {source.count(self.find)}: {self.find}")
        path.write_text(source.replace(self.find, self.without))
        return source


def load(path: Path = LIST) -> list[Guard]:
    """The guards in the order of the list."""
    rows = tomllib.loads(path.read_text())["guard"]
    return [Guard(**{**row, "tests": tuple(row["tests"])}) for row in rows]


def copy_tree(target: Path) -> None:
    """What git knows or would know, as it lies here, and links to what set-up made."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    for name in LINKED:
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).symlink_to(ROOT / name)


def run_tests(tree: Path, tests: tuple[str, ...]) -> tuple[bool, str]:
    """Whether all passed, and what pytest said."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(tree / room) for room in ROOMS)}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [str(ROOT / ".venv/bin/python"), "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return False, f"no end within {TIMEOUT_S} s"
    if done.returncode not in (0, 1):  # 0 all passed, 1 some failed; the rest is no verdict
        raise RuntimeError(f"pytest gave no verdict ({done.returncode}):\n{done.stdout}{done.stderr}")
    return done.returncode == 0, done.stdout


def first_failure(output: str) -> str:
    """The name of the test that noticed."""
    found = re.search(r"^FAILED (\S+)", output, re.MULTILINE)
    return found[1] if found else "timed out"


def main() -> int:
    """Run; the exit code is the number of guards that no test missed."""
    parser = argparse.ArgumentParser(description="Take each guard out and expect a red test.")
    parser.add_argument("words", nargs="*", help="only guards whose name contains one of these")
    words = parser.parse_args().words
    guards = [guard for guard in load() if not words or any(word in guard.name for word in words)]
    missed = 0
    with tempfile.TemporaryDirectory(prefix="kentongan-guards-") as name:
        tree = Path(name)
        tree.chmod(0o755)  # PostgreSQL refuses root: its programs are then run from here as somebody else
        copy_tree(tree)
        every = tuple(dict.fromkeys(test for guard in guards for test in guard.tests))
        green, output = run_tests(tree, every)
        if not green:
            print(output)
            print("The tests are red with all guards in place: mend them first.")
            return 1
        for guard in guards:
            started = time.monotonic()
            source = guard.take_out(tree)
            try:
                green, output = run_tests(tree, guard.tests)
            finally:
                (tree / guard.file).write_text(source)
            missed += green
            verdict = "NOT NOTICED" if green else f"noticed by {first_failure(output)}"
            print(
                f"invariant {guard.invariant}  {guard.name}: {verdict} ({time.monotonic() - started:.0f} s)", flush=True
            )
    print(f"{len(guards) - missed} of {len(guards)} guards are noticed when missing.")
    return missed


if __name__ == "__main__":
    sys.exit(main())
