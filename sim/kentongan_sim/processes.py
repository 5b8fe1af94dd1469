"""Starts programs, knows when they are ready, stops them all, and says honestly how one died."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kentongan_host import leash
from kentongan_sim.errors import SimError
from kentongan_sim.notify import NotifySocket

LEASH = Path(leash.__file__)  # what it starts dies with us, even when we are killed with -9
READY_S = 90.0  # bounds the start of a service on a loaded machine: a cold Raspberry Pi imports for about 10 s
STOP_S = 2.0  # bounds an orderly end, so that Ctrl-C is done within 5 s
GONE_S = 10.0  # bounds the kernel's own clearing away after SIGKILL; it takes milliseconds
TAIL_LINES = 15  # of a dead child's log: what fits a screen beside the rest


@dataclass(frozen=True)
class Program:
    """What to run.

    Attributes:
        name: for people, and of the log file.
        argv: program and arguments; never a secret, every user of the machine can read them.
        environment: what is added to our own environment.
        notifies: whether it says by `sd_notify` when it is ready.
        doomed: whether it was started to die by itself, so that its death is no news.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    notifies: bool = False
    doomed: bool = False


@dataclass(frozen=True)
class Death:
    """How a child ended.

    Attributes:
        name: which child.
        returncode: its exit code, or minus the signal that killed it.
        log: its log file.
        tail: the last lines of that file.
        expected: whether somebody had asked for it.
    """

    name: str
    returncode: int
    log: Path
    tail: str
    expected: bool

    def __str__(self) -> str:
        how = f"exit code {self.returncode}"
        if self.returncode < 0:
            how = f"killed by {signal.Signals(-self.returncode).name}"
        tail = "\n".join(f"    {line}" for line in self.tail.splitlines()) or "    (it wrote nothing)"
        return f"{self.name} ended: {how}. The end of its log ({self.log}):\n{tail}"


class Child:
    """One run of one program."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self.expected_to_end = program.doomed
        self.ended: asyncio.Future[Death] = asyncio.get_running_loop().create_future()
        self._notify = NotifySocket() if program.notifies else None
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Process id, also the id of its process group."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and not self.ended.done()

    async def start(self) -> None:
        """Start it in a process group of its own, so that a Ctrl-C reaches only us."""
        environment = {**os.environ, **self.program.environment}
        environment.pop("NOTIFY_SOCKET", None)  # ours, if a service manager runs us, is not theirs
        if self._notify is not None:
            environment["NOTIFY_SOCKET"] = self._notify.address
        argv = (sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *self.program.argv)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *argv,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._watch = asyncio.create_task(self._wait(self._process))

    async def ready(self, timeout_s: float = READY_S) -> None:
        """Wait until it says that it is ready.

        Raises:
            SimError: it ended instead, or said nothing in time; with the end of its log.
        """
        if self._notify is None:
            return
        said = asyncio.create_task(self._notify.ready.wait())
        either: set[asyncio.Future[Any]] = {said, self.ended}
        try:
            await asyncio.wait(either, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            said.cancel()
        if self._notify.ready.is_set():
            return  # also when it has died since: its death is told apart
        if self.ended.done():
            raise SimError(f"{self.program.name} did not start. {self.ended.result()}")
        raise SimError(
            f"{self.program.name} was not ready within {timeout_s:g} s. "
            f"The end of its log ({self.log}):\n{tail(self.log)}"
        )

    def kill(self) -> None:
        """Kill it with -9, now; what it had started goes when its group is stopped."""
        self.expected_to_end = True
        self._signal(signal.SIGKILL)

    def freeze(self) -> None:
        """Stop it from running without ending it: what a hung program looks like from outside."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    async def stop(self, grace_s: float = STOP_S) -> None:
        """Ask it to end, wait, then kill it and everything that is left of its group."""
        self.expected_to_end = True
        if self.running:
            self._signal(signal.SIGTERM)
            await asyncio.wait({self.ended}, timeout=grace_s)
        await self.clear()

    async def clear(self) -> None:
        """Kill what is left of its group and wait for the end."""
        self.expected_to_end = True
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await asyncio.wait({self.ended}, timeout=GONE_S)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.running:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _wait(self, process: asyncio.subprocess.Process) -> None:
        returncode = await process.wait()
        if self._notify is not None:
            self._notify.close()
        self.ended.set_result(
            Death(self.program.name, returncode, self.log, tail(self.log), expected=self.expected_to_end)
        )


class ProcessManager:
    """All children of one city.

    `on_death` is called with every `Death` that nobody asked for.
    """

    def __init__(self, logs: Path, on_death: Callable[[Death], None]) -> None:
        self.logs = logs
        self._on_death = on_death
        self._children: dict[str, Child] = {}

    def __getitem__(self, name: str) -> Child:
        return self._children[name]

    async def start(self, program: Program, *, timeout_s: float = READY_S) -> Child:
        """Start a program and wait until it is ready; again under the same name after it ended.

        Raises:
            SimError: it runs already, did not start, or was not ready in time.
        """
        old = self._children.get(program.name)
        if old is not None:
            if old.running:
                raise SimError(f"{program.name} runs already (process {old.pid})")
            await old.clear()  # what a killed parent left of its group would hold the ports
        child = Child(program, self.logs / f"{program.name}.log")
        self._children[program.name] = child
        try:
            await child.start()
            await child.ready(timeout_s)
        except BaseException:
            await child.clear()
            raise
        # From here on nobody else would tell of its death.
        child.ended.add_done_callback(self._ended)
        return child

    async def stop(self, grace_s: float = STOP_S) -> None:
        """Stop all children together."""
        await asyncio.gather(*(child.stop(grace_s) for child in self._children.values()))

    def _ended(self, ended: asyncio.Future[Death]) -> None:
        if not ended.cancelled() and not ended.result().expected:
            self._on_death(ended.result())


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log file."""
    try:
        with log.open(encoding="utf-8", errors="replace") as text:
            return "".join(deque(text, lines)).rstrip()
    except FileNotFoundError:
        return ""
