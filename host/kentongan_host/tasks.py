"""Running the parts of a program together: one failure or one signal ends all of them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any


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
        for task in (stop, *tasks):
            task.cancel()
        await asyncio.gather(stop, *tasks, return_exceptions=True)
    for task in sorted(tasks, key=lambda task: task not in done):  # what failed first before what failed while ending
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
    for task in tasks:
        if task in done:
            raise RuntimeError(f"{task.get_name()} ended although nothing stopped it")


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
