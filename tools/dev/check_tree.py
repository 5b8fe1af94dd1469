"""Checks what no linter knows about the tracked files of this repository.

No package registry's host and no path of one person's machine appears in them, lock files hold no
addresses and every declared dependency, shell scripts stop at errors, and modules stay short enough
to read in one sitting.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

# "Modules stay under about 400 lines": a longer one wants to be two.
MAX_MODULE_LINES = 400
MODULE_SUFFIXES = {".py", ".ts", ".tsx", ".sh", ".css"}

# Where packages come from is each machine's own configuration. Spelled in parts, so that this file
# may be tracked as well.
REGISTRIES = [
    ".".join(labels)
    for labels in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("nodesource", "com"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("snapshot", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("security", "ubuntu", "com"),
    ]
]
REGISTRY = re.compile("|".join(map(re.escape, REGISTRIES)))
# A home or checkout of one person: /home/ani/…, /root/…, /Users/ani/…, but not "$chroot/root/…".
MACHINE_PATH = re.compile(r"(?<![\w$}.*)/-])/(?:home/\w+|Users/\w+|root|work)/[\w.]")
ADDRESS = re.compile(r"\bhttps?://|--(?:extra-)?index-url|--find-links|\"resolved\":")
# Where a package asks for donations: npm notes that in its lock.
FUNDING = re.compile(r'"(?:url|funding)":')
STRICT_SHELL = "set -euo pipefail"


def main() -> int:
    """Prints every finding as `path:line: message`; returns 1 when there is one."""
    findings = [finding for path in tracked_files(ROOT) for finding in check_file(path, path.relative_to(ROOT))]
    findings += check_lock(
        (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
        (ROOT / "tools/dev/locks/dev.txt").read_text(encoding="utf-8"),
    )
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def tracked_files(root: Path) -> list[Path]:
    """Tracked files and new ones that are not ignored, without those deleted in the work tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    names = listed.stdout.decode().split("\0")
    return [path for name in names if name and (path := root / name).is_file()]


def check_file(path: Path, name: Path) -> Iterator[str]:
    """Findings in one file, which the messages call `name`; binary files have none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return
    is_lock = name.name == "package-lock.json" or (name.parent.name == "locks" and name.suffix == ".txt")
    for number, line in enumerate(lines, start=1):
        if found := REGISTRY.search(line):
            yield f"{name}:{number}: expected no registry's host, found {found[0]!r}"
        if found := MACHINE_PATH.search(line):
            yield f"{name}:{number}: expected no path of one machine, found {found[0]!r}"
        if is_lock and (found := ADDRESS.search(line)) and not FUNDING.search(line):
            yield f"{name}:{number}: expected a lock without addresses, found {found[0]!r}"
    if name.suffix in MODULE_SUFFIXES and len(lines) > MAX_MODULE_LINES:
        yield f"{name}: expected at most {MAX_MODULE_LINES} lines, found {len(lines)}: split it"
    is_shell = name.suffix == ".sh" or (lines and lines[0].endswith("bash"))
    if is_shell and STRICT_SHELL not in lines:
        yield f"{name}: expected a line {STRICT_SHELL!r}"


def check_lock(pyproject: str, lock: str) -> Iterator[str]:
    """Declared dependencies that the lock lacks: someone forgot `make locks`."""
    locked = {_normal(line.partition("==")[0]) for line in lock.splitlines() if "==" in line}
    project = tomllib.loads(pyproject)["project"]
    for extra, requirements in project["optional-dependencies"].items():
        for requirement in requirements:
            declared = _normal(re.split(r"[\[<>=~!; ]", requirement, maxsplit=1)[0])
            if declared not in locked | {project["name"]}:
                yield f"pyproject.toml: {declared} of the extra {extra} is not locked: run `make locks`"


def _normal(name: str) -> str:
    """A distribution's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


if __name__ == "__main__":
    sys.exit(main())
