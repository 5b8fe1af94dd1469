"""A mosquitto of our own: started, proven, watched, restarted, and gone when we are gone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from kentongan_host import leash
from kentongan_host.broker_config import (
    SOCKET_NAME,
    UNIX_PATH_MAX,
    BrokerConfig,
    BrokerError,
    Listener,
    check_address,
)
from kentongan_host.files import PRIVATE_DIRECTORY
from kentongan_host.log import logger
from kentongan_host.tasks import end_task

__all__ = ["Broker", "BrokerConfig", "BrokerError", "Listener"]

READY_S = 10.0  # from start to the first CONNACK; 0.1 s is usual, a Raspberry Pi under load takes 2
STOP_S = 3.0  # from SIGTERM to SIGKILL: it has nothing to save
READY_POLL_S = 0.01  # between two tries to connect while it opens its listeners
PROBE_EVERY_S = 5.0  # how often a running broker must answer a CONNECT
PROBE_S = 5.0  # how long it may take; a broker that hangs is killed within 10 s (NUMBERS: site lost ≤ 20 s)
BACKOFF_FIRST_S = 0.1  # before the first restart: buttons wait
BACKOFF_MAX_S = 5.0  # between restarts that keep failing
LAST_WORDS = 20  # lines of its log kept for the message about its death

# CONNECT of MQTT 3.1.1, clean session, keepalive 10 s, empty client id; and what accepts it.
_CONNECT = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0a\x00\x00"
_DISCONNECT = b"\xe0\x00"
_CONNACK = b"\x20\x02\x00\x00"

_SERVICE_MANAGER = frozenset({"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID"})

_log = logger("kentongan.broker")


class Broker:
    """Runs mosquitto while the context is open.

    Entering returns when the broker answers; afterwards a task of its own restarts it when it
    dies or hangs. kill -9 of this process takes the broker along.

    Args:
        config: what to run.
        on_change: called with False when the broker went away and True when it answers again.
    """

    def __init__(self, config: BrokerConfig, *, on_change: Callable[[bool], None] = lambda _up: None) -> None:
        self._config = config
        self._on_change = on_change
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._last_words: deque[str] = deque(maxlen=LAST_WORDS)
        # Known from the beginning: connections are made before the broker starts.
        self._short_directory: Path | None = None
        if len(os.fsencode(config.directory / SOCKET_NAME)) > UNIX_PATH_MAX:
            self._short_directory = Path(tempfile.gettempdir(), f"kentongan-{secrets.token_hex(8)}")
        self._program = ""
        self.restarts = 0

    @property
    def socket_path(self) -> Path:
        """The Unix socket on which this process, and nobody else, may do everything."""
        return (self._short_directory or self._config.directory) / SOCKET_NAME

    @property
    def pid(self) -> int | None:
        """Process id of the running broker; None while there is none."""
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    async def __aenter__(self) -> Self:
        """Starts the broker and waits until it answers.

        Raises:
            BrokerError: no program, address taken, bad config, or no answer within `READY_S`.
        """
        if self._short_directory is not None:
            self._short_directory.mkdir(PRIVATE_DIRECTORY)  # fails when somebody else was there first
        try:
            self._program = self._config.find_program()
            for listener in self._config.listeners:
                check_address(listener)
            await self._start()
        except BaseException:
            await self._stop()
            raise
        self._supervisor = asyncio.create_task(self._supervise(), name="broker supervisor")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await end_task(self._supervisor)
        finally:
            await self._stop()

    def reload(self, files: dict[str, str], *, end_sessions: bool) -> None:
        """Replaces the files beside the config and lets the running broker read them again.

        Args:
            files: new `BrokerConfig.files`.
            end_sessions: restart it instead, because a reload leaves the sessions of removed keys open.

        Raises:
            BrokerError: they cannot be written; the broker keeps the old ones.
        """
        config = replace(self._config, files=files)
        config.write(self.socket_path)
        self._config = config
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM if end_sessions else signal.SIGHUP)

    async def _start(self) -> None:
        config = self._config.write(self.socket_path)
        self.socket_path.parent.chmod(PRIVATE_DIRECTORY)
        self._last_words.clear()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-S",
            str(Path(leash.__file__)),
            str(os.getpid()),
            self._program,
            "-c",
            str(config),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            # Debian's mosquitto would tell our service manager READY=1 before we are.
            env={name: value for name, value in os.environ.items() if name not in _SERVICE_MANAGER},
        )
        self._reader = asyncio.create_task(self._read_log(self._process), name="broker log")
        await self._until_ready(self._process)

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        try:
            async with asyncio.timeout(READY_S):
                while not await self._answers():
                    if process.returncode is not None:
                        raise await self._obituary(process)
                    await asyncio.sleep(READY_POLL_S)
        except TimeoutError:
            raise BrokerError(
                f"the broker {self._program} does not answer {READY_S:.0f} s after its start.",
                "See its lines in the log; is the machine overloaded?",
            ) from None

    async def _obituary(self, process: asyncio.subprocess.Process) -> BrokerError:
        if self._reader is not None:
            await self._reader
        words = "; ".join(line for line in self._last_words if "rror" in line) or "it said nothing"
        return BrokerError(
            f"the broker ended with code {process.returncode}: {words}.",
            f"Is {self._program} mosquitto 2, and are the addresses in the settings free?",
        )

    async def _answers(self) -> bool:
        """True when the broker accepts an MQTT client on our socket."""
        try:
            reader, writer = await asyncio.open_unix_connection(self.socket_path)
        except OSError:
            return False
        try:
            writer.write(_CONNECT)
            answer = await reader.readexactly(len(_CONNACK))
            writer.write(_DISCONNECT)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return False
        finally:
            writer.close()
        return answer == _CONNACK

    async def _supervise(self) -> None:
        backoff_s = BACKOFF_FIRST_S
        while True:
            if await self._watch():
                backoff_s = BACKOFF_FIRST_S
            self._on_change(False)
            await asyncio.sleep(backoff_s)
            backoff_s = min(backoff_s * 2, BACKOFF_MAX_S)
            self.restarts += 1
            try:
                await self._start()
            except (BrokerError, OSError) as error:  # OSError: no process or file handle to be had just now
                _log.error("broker does not start", why=str(error), retry_s=backoff_s)
                await self._end_process()
            else:
                _log.info("broker runs again", restarts=self.restarts)
                self._on_change(True)

    async def _watch(self) -> bool:
        """Returns when the broker is gone; kills it when it hangs. True when it had answered at least once."""
        process, proven = self._process, False
        while process is not None and process.returncode is None:
            try:
                async with asyncio.timeout(PROBE_EVERY_S):
                    await process.wait()
            except TimeoutError:
                try:
                    async with asyncio.timeout(PROBE_S):
                        proven = await self._answers() or proven
                except TimeoutError:
                    _log.error("broker hangs and is killed", waited_s=PROBE_S)
                    await self._end_process()
        if process is not None:
            _log.warning("broker ended", code=process.returncode, last_words=list(self._last_words)[-3:])
        return proven

    async def _read_log(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for raw in process.stderr:
            line = raw.decode(errors="replace").strip()
            self._last_words.append(line)
            if line.startswith("Error"):
                _log.warning("broker says", line=line)
            else:
                _log.debug("broker says", line=line)

    async def _stop(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            process.terminate()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await process.wait()
        await self._end_process()
        if self._short_directory is not None:
            shutil.rmtree(self._short_directory, ignore_errors=True)

    async def _end_process(self) -> None:
        """Kills what is left of the broker and reads its log to the end."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        if self._reader is not None:
            await self._reader
