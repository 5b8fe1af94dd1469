"""What keeps the gateway itself in order: the store tried again, keys read again, the service manager told."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kentongan_gateway.adapters.buttons import read_buttons
from kentongan_gateway.adapters.clock import Clock
from kentongan_gateway.adapters.site_broker import SiteBroker
from kentongan_gateway.adapters.store import Beginning, Store, StoreError
from kentongan_gateway.alarm_road import AlarmRoad
from kentongan_gateway.core.report import Counters
from kentongan_host.errors import HostError
from kentongan_host.log import logger
from kentongan_host.notify import Notifier
from kentongan_host.tasks import Wake

TEND_EVERY_S = 2.0  # between two tries of a store that fails; how soon "disk full" ends after there is room
PROVE_EVERY_MS = 60_000  # a write at least each, so that a failing disk is known before a press needs it
STORE_SILENT_MAX_MS = 30_000  # a write that neither succeeds nor fails: the disk hangs, a restart may help
SITE_DOWN_MAX_MS = 60_000  # a site broker that cannot be restarted for so long: a restart of us may help
WATCHDOG_DEFAULT_S = 10.0  # between two looks at our health when no watchdog is configured

_log = logger("kentongan.upkeep")


class Upkeep:
    """Tends the store, the button list and the watchdog.

    Args:
        beginning: what the store said at the start; None when it failed.
    """

    def __init__(
        self,
        *,
        alarms: AlarmRoad,
        counters: Counters,
        site: SiteBroker,
        store: Store,
        clock: Clock,
        notifier: Notifier,
        buttons_file: Path,
        site_code: str,
        beginning: Beginning | None,
    ) -> None:
        self._alarms = alarms
        self._counters = counters
        self._site = site
        self._store = store
        self._clock = clock
        self._notifier = notifier
        self._buttons_file = buttons_file
        self._site_code = site_code
        self._begun = beginning is not None
        self._asked_ms: int | None = None  # since when the store owes us an answer
        self._proven_ms = clock.uptime_ms()
        self._site_up_ms = clock.uptime_ms()
        self.reload = Wake()

    async def tend(self) -> None:
        """Looks after the store, for ever."""
        while True:
            await asyncio.sleep(TEND_EVERY_S)
            if self._store_wants_tending():
                self._asked_ms = self._clock.uptime_ms()
                await self.tend_once()
                self._asked_ms = None

    def _store_wants_tending(self) -> bool:
        return (
            not self._begun
            or self._alarms.store_fails
            or self._alarms.has_ends_to_save
            or self._counters.wants_until() is not None
            or self._clock.uptime_ms() - self._proven_ms >= PROVE_EVERY_MS
        )

    async def tend_once(self) -> None:
        """Begins late, saves what could not be saved, reserves counters, proves that the disk writes."""
        try:
            if not self._begun:
                self._take_over(await self._store.begin(self._clock.system_wall_ms()))
            await self._alarms.save_ends()
            now = self._clock.now()
            wanted = self._counters.wants_until()
            await self._store.reserve(wanted or self._counters.reserved_below, now.wall_ms)
            if wanted is not None:
                self._counters.reserved(wanted)
            if self._alarms.store_fails:
                _log.info("the store writes again")
            self._alarms.store_fails = False
            self._proven_ms = self._clock.uptime_ms()
        except StoreError as error:
            if not self._alarms.store_fails:
                _log.error("the store fails", why=error.what, remedy=error.remedy)
            self._alarms.store_fails = True

    def _take_over(self, beginning: Beginning) -> None:
        """The store could not be opened at the start; now its presses are ours to deliver."""
        self._begun = True
        self._counters.exceed(beginning.counters_from - 1)
        self._counters.reserved(beginning.counters_below)
        self._alarms.custody.incarnation = self._alarms.custody.incarnation or beginning.incarnation
        self._alarms.offered_again(beginning.held)

    async def reloads(self) -> None:
        """Reads the button list again whenever `reload` is set, for ever."""
        while True:
            await self.reload.wait(None)
            self.reload_once()

    def reload_once(self) -> None:
        """Takes the new button list; a bad one is refused with a line in the log, and the old one stays."""
        try:
            buttons = read_buttons(self._buttons_file, self._site_code)
            self._site.replace_buttons(buttons)
        except HostError as error:
            _log.error("button list not taken, the old one stays", why=error.what, remedy=error.remedy)
            return
        self._alarms.buttons = buttons
        _log.info("button list read", buttons=len(buttons))

    async def watch(self) -> None:
        """Tells the service manager that we are ready, then that we are well, for ever."""
        every_s = (self._notifier.watchdog_s or 2 * WATCHDOG_DEFAULT_S) / 2
        self._notifier.ready("serving the site's buttons")
        while True:
            why = self.ill()
            if why is None:
                self._notifier.alive(f"{len(self._alarms.custody)} presses in custody")
            else:
                _log.error("not well, the watchdog is not fed", why=why)
            await asyncio.sleep(every_s)

    def ill(self) -> str | None:
        """What only a restart may cure; None when well. A lost centre is not our illness."""
        now_ms = self._clock.uptime_ms()
        if self._site.up:
            self._site_up_ms = now_ms
        if self._asked_ms is not None and now_ms - self._asked_ms > STORE_SILENT_MAX_MS:
            return f"the store has not answered for {now_ms - self._asked_ms} ms"
        if now_ms - self._site_up_ms > SITE_DOWN_MAX_MS:
            return f"the site broker has been away for {now_ms - self._site_up_ms} ms"
        return None
