"""Running the parts of a program together: one failure or one signal ends all of them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

CANCEL_AGAIN_S = 2.0  # after this a cancelled task is asked again; longer than any farewell of ours


async def run_together(*parts: Coroutine[Any, Any, None], until: asyncio.Event) -> None:
    """Runs the parts until the event is set or one of them fails; then all are cancelled and awaited.

    A part that simply returns has failed as well: parts are meant to run for ever.

    Raises:
        BaseException: the first part's own error, not a group of them.
        RuntimeError: a part returned.
    """
    stop = asyncio.create_task(until.wait(), name="stop")
    tasks = [asyncio.create_task(part, name=getattr(part, "__qualname__", None)) for part in parts]
    try:
        done, _ = await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _cancel(stop, *tasks)
    for task in sorted(tasks, key=lambda task: task not in done):  # what failed first before what failed while ending
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
    for task in tasks:
        if task in done:
            raise RuntimeError(f"{task.get_name()} ended although nothing stopped it")


async def end_task(task: asyncio.Task[None] | None) -> None:
    """Cancels a task and returns when it has ended; raises what it failed with, unless that was the cancelling."""
    if task is not None:
        await _cancel(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    """Returns when all have ended.

    Asks again, because `asyncio.wait_for` of Python 3.11, which libraries use, swallows a cancelling
    that arrives together with what it waits for.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)


@contextmanager
def signals_set(event: asyncio.Event, *numbers: signal.Signals) -> Iterator[None]:
    """While open, these signals (by default SIGINT and SIGTERM) set the event instead of ending the process."""
    loop = asyncio.get_running_loop()
    numbers = numbers or (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        loop.add_signal_handler(number, event.set)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


class Wake:
    """Wakes one waiting loop: at once when something happened, else at its deadline.

    Every road waits by one in each turn: its deadline resolves the very future that is waited for, which
    costs a third of `asyncio.timeout` around an `asyncio.Event`, where the task is cancelled and that caught.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._waiting: asyncio.Future[None] | None = None

    def set(self) -> None:
        """Something happened: the loop must look again."""
        self._is_set = True
        if self._waiting is not None:
            _end(self._waiting)

    async def wait(self, timeout_ms: int | None) -> None:
        """Returns when `set` was called since the last wait, or after `timeout_ms` (None: only when set)."""
        if not self._is_set:
            assert self._waiting is None, "two wait for one wake"
            await self._wait(timeout_ms)
        self._is_set = False

    async def _wait(self, timeout_ms: int | None) -> None:
        loop = asyncio.get_running_loop()
        waiting = self._waiting = loop.create_future()
        deadline: asyncio.Handle | None = None
        if timeout_ms is not None:
            due = timeout_ms <= 0
            deadline = loop.call_soon(_end, waiting) if due else loop.call_later(timeout_ms / 1000, _end, waiting)
        try:
            await waiting
        finally:
            self._waiting = None
            if deadline is not None:
                deadline.cancel()


def _end(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


class Background:
    """Short jobs that nobody awaits one by one; their errors are not lost: `watch` raises the first.

    An async context manager; leaving it cancels what still runs.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def __len__(self) -> int:
        return len(self._tasks)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await _cancel(*self._tasks)
        if self._failed.done():
            self._failed.exception()  # either `watch` raised it, or another error is ending the program
        self._failed.cancel()

    def start(self, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs a job."""
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def watch(self) -> None:
        """Never returns; raises the first error of a job."""
        await asyncio.shield(self._failed)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self._failed.done():
            self._failed.set_exception(error)
