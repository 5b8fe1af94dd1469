"""The link proxy on real sockets: open, cut, silent, slowed, torn, flaky."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from kentongan_sim.link_proxy import LinkCondition, LinkProxy, LinkState

SOON_S = 60.0  # bounds a hang on a loaded machine; all of it takes milliseconds
QUIET_S = 0.1  # long against loopback: what has not passed by then is held back


class Echo:
    """A server that answers what it hears and notes in which portions it came."""

    def __init__(self):
        self.portions = []
        self.ended = asyncio.Event()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _serve(self, reader, writer):
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                self.portions.append(data)
                writer.write(data)
                await writer.drain()
        self.ended.set()
        writer.close()


@contextlib.asynccontextmanager
async def proxied(**condition):
    async with Echo() as echo:
        link = LinkProxy("127.0.0.1", echo.port, seed=1)
        await link.start()
        await link.apply(LinkCondition(**condition))
        try:
            yield link, echo
        finally:
            await link.stop()


async def connect(link):
    return await asyncio.open_connection("127.0.0.1", link.port)


async def hear(reader, size):
    return await asyncio.wait_for(reader.readexactly(size), SOON_S)


async def assert_reset(reader):
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(1), SOON_S)


async def test_passes_bytes_both_ways_and_counts_them():
    async with proxied() as (link, _):
        reader, writer = await connect(link)
        message = bytes(range(256)) * 2000
        writer.write(message)
        assert await hear(reader, len(message)) == message
        assert link.passed_bytes == 2 * len(message)
        assert (link.accepted, link.connections) == (1, 1)
        writer.close()


async def test_hands_the_end_on():
    async with proxied() as (link, echo):
        reader, writer = await connect(link)
        writer.write(b"last")
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(), SOON_S) == b"last"
        await asyncio.wait_for(echo.ended.wait(), SOON_S)
        writer.close()


async def test_a_cut_resets_the_standing_and_refuses_the_new():
    async with proxied() as (link, _):
        reader, writer = await connect(link)
        writer.write(b"x")
        await hear(reader, 1)
        await link.cut()
        await assert_reset(reader)
        with pytest.raises(ConnectionRefusedError):
            await connect(link)
        writer.close()


async def test_a_cut_link_keeps_its_port_and_comes_back_on_it():
    async with proxied() as (link, _):
        port = link.port
        for _ in range(3):
            await link.cut()
            await link.restore()
            assert link.port == port
            reader, writer = await connect(link)
            writer.write(b"again")
            assert await hear(reader, 5) == b"again"
            writer.close()


@pytest.mark.parametrize("waiting", ["in the link", "on its way into it"])
async def test_what_waited_in_a_silent_link_is_gone_with_a_cut_however_short(waiting):
    async with proxied() as (link, echo):
        reader, writer = await connect(link)
        writer.write(b"a")
        await hear(reader, 1)
        await link.silence()
        writer.write(b"b")
        if waiting == "in the link":
            await asyncio.sleep(QUIET_S)
        await link.cut()
        await link.restore()
        await assert_reset(reader)
        await asyncio.wait_for(echo.ended.wait(), SOON_S)
        assert echo.portions == [b"a"]
        writer.close()


async def test_silence_passes_nothing_and_tells_nobody():
    async with proxied() as (link, echo):
        reader, writer = await connect(link)
        writer.write(b"a")
        await hear(reader, 1)
        await link.silence()
        writer.write(b"b")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), QUIET_S)
        assert echo.portions == [b"a"]
        await link.restore()
        assert await hear(reader, 1) == b"b"
        writer.close()


async def test_a_silent_link_accepts_and_waits():
    async with proxied(state=LinkState.SILENT) as (link, echo):
        reader, writer = await connect(link)
        writer.write(b"hello")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), QUIET_S)
        assert echo.portions == []
        await link.restore()
        assert await hear(reader, 5) == b"hello"
        writer.close()


async def test_latency_is_added_once_a_direction_not_once_a_chunk():
    chunks, latency_ms = 40, 100
    async with proxied(latency_ms=latency_ms) as (link, _):
        reader, writer = await connect(link)
        clock = asyncio.get_running_loop().time
        started = clock()
        for _ in range(chunks):
            writer.write(b"x" * 10)
            await asyncio.sleep(0.01)
        await hear(reader, 10 * chunks)
        took_ms = (clock() - started) * 1000
        assert took_ms >= 2 * latency_ms + (chunks - 1) * 10
        assert took_ms < chunks * 2 * latency_ms  # 8 s instead of 0.6 s: a loaded machine is not as slow as that
        writer.close()


async def test_a_narrow_link_takes_its_time():
    async with proxied(bytes_per_s=20_000) as (link, _):
        reader, writer = await connect(link)
        clock = asyncio.get_running_loop().time
        started = clock()
        writer.write(b"x" * 4_000)
        await hear(reader, 4_000)
        assert clock() - started >= 4_000 / 20_000 * 0.9
        writer.close()


async def test_a_torn_link_hands_over_byte_by_byte():
    async with proxied(torn=True) as (link, echo):
        reader, writer = await connect(link)
        message = bytes(range(200))
        writer.write(message)
        assert await hear(reader, 200) == message
        # The kernel may join a few; most must have come alone.
        assert len(echo.portions) > 100
        writer.close()


async def test_a_flaky_link_resets_connections_after_seeded_times():
    async with proxied(flaky_mean_ms=5) as (link, _):
        for _ in range(5):
            reader, writer = await connect(link)
            await assert_reset(reader)
            writer.close()
        assert link.accepted == 5


def test_flaky_times_replay_from_the_seed():
    def lives(seed):
        link = LinkProxy("127.0.0.1", 1, seed=seed)
        link.condition = LinkCondition(flaky_mean_ms=100)
        return [link.connection_life_s() for _ in range(20)]

    assert lives(7) == lives(7)
    assert lives(7) != lives(8)
    assert all(life > 0 for life in lives(7))


async def test_a_dead_target_resets_the_caller():
    async with Echo() as echo:
        port = echo.port
    link = LinkProxy("127.0.0.1", port)
    await link.start()
    reader, writer = await connect(link)
    await assert_reset(reader)
    writer.close()
    await link.stop()


async def test_a_taken_port_is_refused_at_start():
    async with Echo() as echo:
        link = LinkProxy("127.0.0.1", 1)
        with pytest.raises(OSError, match="in use"):
            await link.start(port=echo.port)


async def test_stopping_leaves_no_task_behind():
    before = asyncio.all_tasks()
    async with proxied() as (link, _):
        streams = [await connect(link) for _ in range(3)]
        for reader, writer in streams:
            writer.write(b"x")
            await hear(reader, 1)
    for _, writer in streams:
        writer.close()
    async with asyncio.timeout(SOON_S):
        while asyncio.all_tasks() - before:
            await asyncio.wait(asyncio.all_tasks() - before)
