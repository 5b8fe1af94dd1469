"""The `kentongan` command: finds its sub-commands among the installed rooms and runs one.

A room registers a sub-command as an entry point in the group `kentongan.commands`: its name,
where the function is, and in brackets the extra that it needs. The function takes the remaining
arguments and returns the exit code; the first line of its docstring is its help. This module
therefore imports no other room.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution, entry_points, version
from pathlib import Path

DISTRIBUTION = "kentongan"
GROUP = "kentongan.commands"

# Exit codes: 2 is what argparse uses for a wrong command line, 69 is EX_UNAVAILABLE of sysexits.h.
EXIT_OK = 0
EXIT_USAGE = 2
EXIT_UNAVAILABLE = 69
EXIT_INTERRUPTED = 130

Command = Callable[[list[str]], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the sub-command that `argv` (default: the process's arguments) names.

    Returns:
        The exit code of the sub-command; 2 for an unknown one, 69 when packages are missing.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    commands = find_commands()
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(overview(commands))
        return EXIT_OK
    if arguments[0] == "--version":
        print(f"kentongan {version(DISTRIBUTION)}")
        return EXIT_OK
    name, *rest = arguments
    entry = commands.get(name)
    if entry is None:
        known = ", ".join(sorted(commands)) or "none is installed"
        return _complain(f"no sub-command {name!r}; there are: {known}", EXIT_USAGE)
    missing = list(missing_packages(entry))
    if missing:
        extra = _extra(entry)
        return _complain(
            f"{name} needs packages that are not installed ({', '.join(missing)}). "
            f"Install them with: pip install '{DISTRIBUTION}[{extra}]'",
            EXIT_UNAVAILABLE,
        )
    try:
        command: Command = entry.load()
    except (ModuleNotFoundError, AttributeError) as error:
        if not _is_absent(entry, error):
            raise
        return _complain(f"{name} is not part of this installation ({error})", EXIT_UNAVAILABLE)
    try:
        return command(rest)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def find_commands() -> dict[str, EntryPoint]:
    """The sub-commands of this installation by name."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def overview(commands: dict[str, EntryPoint]) -> str:
    """What `kentongan --help` prints: one line a sub-command."""
    width = max((len(name) for name in commands), default=0)
    lines = ["usage: kentongan COMMAND [argument …]", "", "Panic buttons for a city.", ""]
    for name in sorted(commands):
        note = ""
        if any(missing_packages(commands[name])):
            note = f" (needs: pip install '{DISTRIBUTION}[{_extra(commands[name])}]')"
        lines.append(f"  {name:<{width}}  {summary(commands[name])}{note}".rstrip())
    lines += ["", "kentongan COMMAND --help tells more about one; kentongan --version, the version."]
    return "\n".join(lines)


def summary(entry: EntryPoint) -> str:
    """The first docstring line of a sub-command, read from its source without importing it.

    Importing every room to print a list would be slow and would need every extra.
    """
    source = _source(entry.module)
    if source is None:
        return "(not part of this installation)"
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == entry.attr:
            return (ast.get_docstring(node) or "").partition("\n")[0]
    return ""


def missing_packages(entry: EntryPoint) -> Iterator[str]:
    """Names of the distributions that the extra of a sub-command asks for and that are absent."""
    extra = _extra(entry)
    if extra is None:
        return
    try:
        requirements = distribution(DISTRIBUTION).requires or []
    except PackageNotFoundError:  # run from a source tree: importing will tell
        return
    yield from _missing(extra, requirements, seen=set())


# 'name[extra,…]>=1; python_version > "3" and extra == "server"', as the metadata has it.
_REQUIREMENT = re.compile(
    r"""(?P<name>[A-Za-z0-9._-]+) \s* (?:\[(?P<extras>[^]]*)\])? [^;]*
        (?:;\s*(?P<marker>.*))?$""",
    re.VERBOSE,
)
_EXTRA_MARKER = re.compile(r"""extra\s*==\s*['"](?P<extra>[^'"]+)['"]""")


def _missing(extra: str, requirements: Sequence[str], seen: set[str]) -> Iterator[str]:
    if extra in seen:
        return
    seen.add(extra)
    for requirement in requirements:
        match = _REQUIREMENT.match(requirement)
        marker = _EXTRA_MARKER.search(match["marker"] or "") if match else None
        if match is None or marker is None or marker["extra"] != extra:
            continue
        if match["name"] == DISTRIBUTION:
            for inner in (match["extras"] or "").split(","):
                yield from _missing(inner.strip(), requirements, seen)
        elif not _is_conditional(match["marker"]) and not _is_installed(match["name"]):
            yield match["name"]


def _is_conditional(marker: str) -> bool:
    """Whether a requirement holds on some platforms only (then its own room says what is missing)."""
    return bool(_EXTRA_MARKER.sub("", marker).strip(" ()"))


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _extra(entry: EntryPoint) -> str | None:
    return entry.extras[0] if entry.extras else None


def _source(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec is not None and spec.origin else None


def _is_absent(entry: EntryPoint, error: ModuleNotFoundError | AttributeError) -> bool:
    """Whether the sub-command itself is absent, rather than something that its module imports."""
    if isinstance(error, ModuleNotFoundError):
        return f"{entry.module}.".startswith(f"{error.name}.")
    return error.name == entry.attr


def _complain(message: str, code: int) -> int:
    print(f"kentongan: {message}", file=sys.stderr)
    return code
