"""What Linux's process table says."""

from __future__ import annotations

from pathlib import Path

_PROC = Path("/proc")


def state(pid: int) -> str:
    """One letter as `ps` shows it (R, S, T for stopped, Z for dead and not waited for); "" when there is none."""
    try:
        return (_PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def children(pid: int, name: str) -> list[int]:
    """Direct children of a process that run a program of this name."""
    try:
        tasks = list((_PROC / str(pid) / "task").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return []
    listed = [_read(task / "children").split() for task in tasks]
    return [int(child) for every in listed for child in every if _read(_PROC / child / "comm").strip() == name]


def mentioning(text: str) -> dict[int, str]:
    """Living processes with this text in their arguments or environment, and their arguments."""
    found = {}
    for folder in _PROC.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            arguments = (folder / "cmdline").read_bytes()
            environment = (folder / "environ").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):  # gone, or somebody else's
            continue
        if text.encode() in arguments + environment and state(int(folder.name)) not in {"Z", ""}:
            found[int(folder.name)] = arguments.replace(b"\0", b" ").decode(errors="replace").strip()
    return found


def _read(path: Path) -> str:
    """What stands there; nothing when its process or thread has just ended."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""
