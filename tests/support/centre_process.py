"""The centre as a process of its own, for tests that kill it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
from types import TracebackType
from typing import Self

from tests.support.centre_rig import LOOK_S, PATIENCE_S, CentreRig


class CentreProcess:
    """`kentongan serve` as a process of its own, to be killed."""

    def __init__(self, rig: CentreRig) -> None:
        self._rig = rig
        self._process: asyncio.subprocess.Process | None = None
        self._log = rig.directory / "serve.log"
        self._said = ""

    async def start(self, fail_point: str | None = None, first_line: bytes | None = None) -> None:
        """Returns when gateways and browsers are served; before that it may say a line that has `first_line` in it."""
        environment = os.environ | ({"KENTONGAN_FAILPOINT": fail_point} if fail_point else {})
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "kentongan_tools", "serve", "--state", str(self._rig.state.directory),
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log, env=environment,
            )  # fmt: skip
        assert self._process.stdout is not None
        for expected in (*([first_line] if first_line else []), b"console is at"):
            async with asyncio.timeout(PATIENCE_S):
                line = await self._process.stdout.readline()
            self._said += line.decode()
            assert expected in line, f"{line!r}: {self._log.read_text()[-2_000:]}"

    def said(self) -> str:
        """Everything it wrote for people, and its log."""
        return self._said + self._log.read_text()

    async def logs(self, event: str, times: int, **values: str) -> None:
        """Waits until its log has so many lines of this event and with these values."""
        wanted = {"event": event, **values}.items()
        async with asyncio.timeout(PATIENCE_S):
            while sum(wanted <= line.items() for line in self._lines()) < times:  # noqa: ASYNC110 - another's file
                await asyncio.sleep(LOOK_S)

    def _lines(self) -> list[dict[str, object]]:
        """The log so far; of its last line only when it is whole."""
        return [json.loads(line) for line in self._log.read_text().split("\n")[:-1]]

    async def died(self) -> int:
        """Its exit code, once it has ended by itself."""
        assert self._process is not None
        async with asyncio.timeout(PATIENCE_S):
            return await self._process.wait()

    def limit_files(self, size: int) -> None:
        """No file of the process can grow beyond this (bytes), as on a full disk; writes fail from now on."""
        assert self._process is not None
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        return await self.died()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()
