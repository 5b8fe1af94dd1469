from __future__ import annotations

import asyncio
import os
import signal

import pytest

from kentongan_host.tasks import Background, Wake, end_task, run_together, signals_set


async def for_ever() -> None:
    await asyncio.Event().wait()


async def fails() -> None:
    raise ValueError("broken")


async def returns() -> None:
    return


async def test_all_parts_end_when_told_to():
    stop, cancelled = asyncio.Event(), asyncio.Event()

    async def part() -> None:
        try:
            await for_ever()
        finally:
            cancelled.set()

    running = asyncio.create_task(run_together(part(), for_ever(), until=stop))
    await asyncio.sleep(0)
    stop.set()
    await running
    assert cancelled.is_set()


async def test_the_first_failure_ends_all_with_its_own_error():
    with pytest.raises(ValueError, match="broken"):
        await run_together(for_ever(), fails(), until=asyncio.Event())


async def test_a_part_that_returns_has_failed():
    with pytest.raises(RuntimeError, match="returns ended although nothing stopped it"):
        await run_together(for_ever(), returns(), until=asyncio.Event())


async def test_a_failure_while_ending_is_not_swallowed():
    stop = asyncio.Event()

    async def fails_at_the_end() -> None:
        try:
            await for_ever()
        finally:
            raise ValueError("at the end")

    running = asyncio.create_task(run_together(fails_at_the_end(), until=stop))
    await asyncio.sleep(0)
    stop.set()
    with pytest.raises(ValueError, match="at the end"):
        await running


async def test_a_signal_sets_the_event():
    stop = asyncio.Event()
    with signals_set(stop, signal.SIGUSR1):
        os.kill(os.getpid(), signal.SIGUSR1)
        await asyncio.wait_for(stop.wait(), 5)


async def test_wake_returns_at_once_after_set_and_only_once():
    wake = Wake()
    wake.set()
    await asyncio.wait_for(wake.wait(None), 5)
    waiting = asyncio.create_task(wake.wait(None))
    await asyncio.sleep(0)
    assert not waiting.done()
    wake.set()
    await asyncio.wait_for(waiting, 60)


async def test_wake_returns_at_its_deadline():
    await asyncio.wait_for(Wake().wait(1), 5)


async def test_background_reports_the_error_of_a_job():
    async with Background() as background:
        background.start(fails())
        with pytest.raises(ValueError, match="broken"):
            await asyncio.wait_for(background.watch(), 5)


async def test_background_cancels_what_runs_at_its_end():
    cancelled = asyncio.Event()

    async def job() -> None:
        try:
            await for_ever()
        finally:
            cancelled.set()

    async with Background() as background:
        background.start(job())
        await asyncio.sleep(0)
        assert len(background) == 1
    assert cancelled.is_set()


async def test_a_cancelling_is_not_swallowed_by_what_happens_at_the_same_moment():
    wake = Wake()

    async def loop() -> None:
        while True:
            await wake.wait(60_000)

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    wake.set()
    task.cancel()
    await asyncio.wait({task}, timeout=60)
    assert task.cancelled()


async def test_a_task_that_swallows_a_cancelling_is_asked_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("kentongan_host.tasks.CANCEL_AGAIN_S", 0.01)
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while swallowed < 3:
            try:
                await for_ever()
            except asyncio.CancelledError:
                swallowed += 1

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await asyncio.wait_for(end_task(task), 5)
    assert swallowed == 3


async def test_ending_a_task_tells_why_it_had_failed():
    task = asyncio.create_task(fails())
    await asyncio.wait({task})
    with pytest.raises(ValueError, match="broken"):
        await end_task(task)
    await end_task(None)
