"""A virtual event loop: asyncio without a clock, sockets or threads, and processes that can be killed.

The real roads, lanes and stores run on it unchanged. A killed process runs not one step more, not
even its `finally`: its handles are dropped, its tasks are kept until the end so that nobody closes
them in the middle.
"""

from __future__ import annotations

import asyncio
import math
import warnings
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from heapq import heappop as _pop
from heapq import heappush as _push
from typing import Any

STEPS_MAX = 120_000  # callbacks in one schedule; a normal one takes some thousands, so this is a livelock


class StalledError(Exception):
    """The cores turn in circles without time going on."""


class Process:
    """One run of one program; once it is dead it stays so, a restart is another one."""

    __slots__ = ("alive", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True

    def kill(self) -> None:
        """SIGKILL: nothing of it happens any more."""
        self.alive = False


class Handle:
    """Takes back a callback that waits for its turn."""

    _cancelled = False  # of the class until it is: thousands are made for each one that is cancelled

    def cancel(self) -> None:
        self._cancelled = True

    def cancelled(self) -> bool:
        return self._cancelled


# When, its place among those of the same time, whose, what with what, and what takes it back.
_Entry = tuple[int, int, Process, Callable[..., object], tuple[Any, ...], Handle | None]


class _Ended:
    """Notes that a task has ended."""

    __slots__ = ("_loop", "_process")

    def __init__(self, loop: VirtualLoop, process: Process) -> None:
        self._loop = loop
        self._process = process

    def __call__(self, task: asyncio.Task[Any]) -> None:
        self._loop._task_ended(self._process, task)  # noqa: SLF001


class VirtualLoop(asyncio.AbstractEventLoop):
    """Runs callbacks in the order of their times; equal times in the order of their making.

    Attributes:
        now_ms: the true time of this universe, from 0.
        process: whose callback runs now; what it schedules is its own.
        steps: callbacks run so far.
        failed: (process, error) of tasks that ended with an error.
        halted: set it to stop after the present moment.
    """

    def __init__(self) -> None:
        self.now_ms = 0
        self.nature = Process("nature")
        self.process = self.nature
        self.steps = 0
        self.halted = False
        self.failed: list[tuple[Process, BaseException]] = []
        self._ready: deque[_Entry] = deque()
        self._timers: list[_Entry] = []
        self._ties = 0
        self._tasks: dict[asyncio.Task[Any], None] = {}  # also those of the killed: nobody closes them in the middle
        self._ended = False

    # --- what asyncio asks of a loop ---------------------------------------------------------

    def time(self) -> float:
        return self.now_ms / 1000

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return not self._ended

    def is_closed(self) -> bool:
        return self._ended

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, *, name: str | None = None, context: Any = None) -> asyncio.Task[Any]:  # noqa: ANN401, ARG002
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, name=name or "task")
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # noqa: SLF001 - the killed leave tasks behind
        process = self.process
        self._tasks[task] = None
        task.add_done_callback(_Ended(self, process))
        return task

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:  # type: ignore[override]  # noqa: ANN401, ARG002
        if self._ended:
            return Handle()
        if type(callback) is _Ended:  # bookkeeping of ours, no step of anybody's
            callback(*args)
            return Handle()
        handle = Handle()
        self._ready.append((0, 0, self.process, callback, args, handle))
        return handle

    call_soon_threadsafe = call_soon  # type: ignore[assignment]  # there are no threads here

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:  # type: ignore[override]  # noqa: ANN401, ARG002
        return self._at(
            max(self.now_ms + math.ceil(delay * 1000 - 1e-6), self.now_ms + 1), self.process, callback, args
        )

    def call_at(self, when: float, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:  # type: ignore[override]  # noqa: ANN401, ARG002
        # Whoever looks at a clock, time goes on: a deadline of this very moment comes with the next ms.
        return self._at(max(math.ceil(when * 1000 - 1e-6), self.now_ms + 1), self.process, callback, args)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if not self._ended and self.process.alive:
            self._fail(self.process, context.get("exception") or RuntimeError(context["message"]))

    # --- what the universe asks of it --------------------------------------------------------

    def after(self, delay_ms: int, process: Process, callback: Callable[..., object], *args: Any) -> None:  # noqa: ANN401
        """Calls back as part of a process, unless that is dead by then."""
        # As `_at`, spelt out: this is called for every second callback.
        if not self._ended:
            self._ties = ties = self._ties + 1
            at_ms = self.now_ms + delay_ms if delay_ms > 0 else self.now_ms
            _push(self._timers, (at_ms, ties, process, callback, args, None))

    def timer(self, delay_ms: int, process: Process, callback: Callable[..., object], *args: Any) -> Handle:  # noqa: ANN401
        """As `after`, and can be taken back."""
        return self._at(self.now_ms + max(0, delay_ms), process, callback, args)

    def start(self, process: Process, job: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Starts a task of a process."""
        with self.running_as(process):
            return self.create_task(job)

    @contextmanager
    def running_as(self, process: Process) -> Iterator[None]:
        """What is scheduled inside belongs to the process."""
        before, self.process = self.process, process
        try:
            yield
        finally:
            self.process = before

    def run(self, until_ms: int) -> None:
        """Lets time go on to `until_ms`, or until `halted` is set.

        Raises:
            StalledError: more than `STEPS_MAX` callbacks.
        """
        events._set_running_loop(self)  # noqa: SLF001 - what `run_forever` of asyncio does
        try:
            self._run(until_ms)
        finally:
            events._set_running_loop(None)  # noqa: SLF001

    def end(self) -> None:
        """Nothing runs any more, whatever the garbage collector still closes."""
        self._ended = True
        self._ready.clear()
        self._timers.clear()
        events._set_running_loop(self)  # noqa: SLF001 - some ask for it while they are closed
        try:
            with warnings.catch_warnings():
                # A job that was killed before its first step may hold another one that never began.
                warnings.simplefilter("ignore", RuntimeWarning)
                for task in self._tasks:
                    coroutine = task.get_coro()
                    assert coroutine is not None
                    coroutine.close()
                self._tasks.clear()
        finally:
            events._set_running_loop(None)  # noqa: SLF001

    def _run(self, until_ms: int) -> None:
        ready, timers, nature = self._ready, self._timers, self.nature
        while True:
            if ready:
                at_ms, _, process, callback, args, handle = ready.popleft()
            elif self.halted:
                return
            elif not timers or timers[0][0] > until_ms:
                self.now_ms = max(self.now_ms, until_ms)
                return
            else:
                at_ms, _, process, callback, args, handle = _pop(timers)
            if handle is not None and handle._cancelled:  # noqa: SLF001 - its own class
                continue
            if at_ms > self.now_ms:  # noqa: PLR1730 - `max` takes four times as long, once for every callback
                self.now_ms = at_ms
            if not process.alive:
                continue
            self.steps = steps = self.steps + 1
            if steps > STEPS_MAX:
                raise StalledError(f"{STEPS_MAX} steps by {self.now_ms} ms; last {callback!r}")
            self.process = process
            callback(*args)
            self.process = nature

    def _at(self, at_ms: int, process: Process, callback: Callable[..., object], args: tuple[Any, ...]) -> Handle:
        handle = Handle()
        if not self._ended:
            self._ties += 1
            _push(self._timers, (at_ms, self._ties, process, callback, args, handle))
        return handle

    def _task_ended(self, process: Process, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None and process.alive:
            self._fail(process, error)

    def _fail(self, process: Process, error: BaseException) -> None:
        self.failed.append((process, error))
        self.halted = True


async def sleep(loop: VirtualLoop, wait_ms: int) -> None:
    """As asyncio's, for the process that runs now."""
    future = loop.create_future()
    loop.after(wait_ms, loop.process, _wake, future)
    await future


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
