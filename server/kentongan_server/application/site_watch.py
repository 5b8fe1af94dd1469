"""What becomes of a site that loses its paths: an alarm, a trouble, or its place in an outage."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import partial

from kentongan_host.log import logger
from kentongan_server.application import centre_alarms
from kentongan_server.application.fault_book import FaultBook
from kentongan_server.application.ports import Clock, OpenOutage, Store, StoreError
from kentongan_server.application.ringing import Bells
from kentongan_server.application.roll import Roll
from kentongan_server.application.troubles import CENTRE
from kentongan_server.domain.site_paths import QUIET_AFTER_MS, Finding, Found, Outage, SitePaths, Sites, State
from kentongan_server.domain.trouble import TroubleKind

_log = logger("kentongan.sites")


class SiteWatch:
    """Carries out what `domain.site_paths` finds; what could not be stored stays first in the queue."""

    def __init__(self, store: Store, clock: Clock, faults: FaultBook, bells: Bells, roll: Roll) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        self._bells = bells
        self._roll = roll
        self._sites = Sites()
        self._outage: int | None = None
        self._found: deque[Found] = deque()
        self._settling = False

    def load(self, accused: dict[str, int], texted: dict[str, int], outage: OpenOutage | None) -> None:
        """Takes over what a process before knew, once the roll and the book of troubles are loaded.

        Args:
            accused: sites whose gateway has an open incident, and Unix ms of its newest alarm.
            texted: when sites were last heard over their second path, monotonic ms.
            outage: that which lasts.
        """
        now_ms = self._clock.monotonic_ms()
        gone = set(outage.sites) if outage else set()
        for site in {watch.site for watch in self._roll.watches() if watch.is_gateway}:
            known = SitePaths(now_ms, self._state_of(site, accused, gone), taken_over=True)
            if known.state is State.SECOND:
                # It was proven after the loss, or the trouble would not be there: its time goes on from the text.
                known.heard_ms = min(now_ms, texted.get(site, now_ms)) - centre_alarms.TEXT_AFTER_LOSS_MS
            known.texted_ms = texted.get(site)
            self._sites.paths[site] = known
        if outage is not None:
            self._outage = outage.id
            self._sites.outage = Outage(now_ms, alarmed=outage.alarm is not None)

    def _state_of(self, site: str, accused: dict[str, int], gone: set[str]) -> State:
        gateways = self._roll.gateways_of(site)
        if any(self._faults.is_open(gateway, TroubleKind.PATH_LOST) for gateway in gateways):
            return State.SECOND
        if site in gone:
            return State.OUTAGE
        silent = all(self._faults.is_open(gateway, TroubleKind.SILENT) for gateway in gateways)
        if silent or self._not_heard_since(gateways, accused.get(site)):
            return State.DOWN
        return State.UP

    def _not_heard_since(self, gateways: list[int], accused_at_ms: int | None) -> bool:
        """Whether the site was accused and has not come back since: an incident may stay open for hours after that."""
        members = [member for gateway in gateways if (member := self._roll.get(gateway)) is not None]
        return accused_at_ms is not None and all(one.vitals.heard_at_ms <= accused_at_ms for one in members)

    def keep_only(self) -> None:
        """After an enrolment: forgets sites without a gateway in service."""
        self._sites.keep_only({watch.site for watch in self._roll.watches() if watch.is_gateway})

    def word(self, site: str, heard_ms: int) -> None:
        """The site was heard over its main path; `settle` does what follows from it.

        A report that was held back on its way (`domain.supervision.hear` finds that out) is no sign of life now.
        """
        if self._clock.monotonic_ms() - heard_ms < QUIET_AFTER_MS:
            self._found += self._sites.word(site, heard_ms)

    def text(self, site: str, made_ms: int) -> None:
        """The site was heard over its second path, by a word made at `made_ms` (monotonic)."""
        self._found += self._sites.text(site, made_ms)

    def tick(self, hearing_since_ms: int) -> None:
        """Call it every second."""
        self._found += self._sites.tick(self._clock.monotonic_ms(), hearing_since_ms)

    def is_explained(self, site: str) -> bool:
        """Whether the silence of the site's gateways is a trouble (or an outage) already."""
        return self._sites.state(site) in {State.SECOND, State.OUTAGE}

    async def settle(self) -> None:
        """Does what was found, in its order; what the store does not take waits for the next call."""
        if self._settling:
            return
        self._settling = True
        try:
            while self._found:
                await self._do(self._found[0])
                self._found.popleft()
        except StoreError as error:
            _log.error("finding not stored", why=error.what, waiting=len(self._found))
        finally:
            self._settling = False

    async def _do(self, found: Found) -> None:
        tell = _log.info if found.finding is Finding.BACK else _log.warning
        tell("site paths", finding=str(found.finding), sites=found.sites[:10], count=len(found.sites))
        wall_ms = self._clock.wall_ms()
        since_ms = wall_ms - (self._clock.monotonic_ms() - found.since_ms)
        if found.finding is Finding.ATTACK:
            await self._raise(
                partial(centre_alarms.suspect_attack, site=found.sites[0], since_ms=since_ms, at_ms=wall_ms)
            )
        elif found.finding is Finding.PATH_LOST:
            await self._path_lost(found.sites[0], since_ms, wall_ms)
        elif found.finding is Finding.BACK:
            await self._back(found.sites[0], wall_ms)
        elif found.finding is Finding.OUTAGE:
            await self._join(found.sites, since_ms, wall_ms)
        elif found.finding is Finding.OUTAGE_ALARM and self._outage is not None:
            alarm = partial(
                centre_alarms.ring_outage, outage=self._outage, sites=found.sites, since_ms=since_ms, at_ms=wall_ms
            )
            await self._raise(alarm)
        elif found.finding is Finding.OUTAGE_OVER and self._outage is not None:
            await self._end_trouble(CENTRE, TroubleKind.OUTAGE)
            await self._store.submit(partial(centre_alarms.end_outage, outage=self._outage, at_ms=wall_ms))
            self._outage = None

    async def _raise(self, work: centre_alarms.Work) -> None:
        raised = await self._store.submit(work)
        if raised is not None and raised.quiet_until_ms is not None:
            self._bells.wait(raised.incident, raised.quiet_until_ms)

    async def _path_lost(self, site: str, since_ms: int, wall_ms: int) -> None:
        await self._store.submit(partial(centre_alarms.note, site=site, what="second-path", at_ms=wall_ms))
        for gateway in self._roll.gateways_of(site):
            await self._faults.end(gateway, TroubleKind.SILENT)
            await self._faults.raise_once(gateway, TroubleKind.PATH_LOST, {"code": "texted", "since_ms": since_ms})
        for watch in self._roll.watches_of(site):
            watch.silent = watch.silent and not watch.is_gateway

    async def _back(self, site: str, wall_ms: int) -> None:
        for gateway in self._roll.gateways_of(site):
            await self._end_trouble(gateway, TroubleKind.PATH_LOST)
        work = partial(centre_alarms.site_is_back, site=site, outage=self._outage, at_ms=wall_ms)
        await self._store.submit(work)

    async def _join(self, sites: tuple[str, ...], since_ms: int, wall_ms: int) -> None:
        work = partial(centre_alarms.join_outage, outage=self._outage, sites=sites, since_ms=since_ms, at_ms=wall_ms)
        self._outage, trouble = await self._store.submit(work)
        self._faults.opened(CENTRE, TroubleKind.OUTAGE, trouble)
        await self._end_troubles(sites, (TroubleKind.PATH_LOST, TroubleKind.SILENT))
        for site in sites:
            for watch in self._roll.watches_of(site):
                watch.silent = watch.silent and not watch.is_gateway

    async def _end_troubles(self, sites: Iterable[str], kinds: tuple[TroubleKind, ...]) -> None:
        for site in sites:
            for gateway in self._roll.gateways_of(site):
                for kind in kinds:
                    await self._faults.end(gateway, kind)

    async def _end_trouble(self, device: int, kind: TroubleKind) -> None:
        """Ends it for good: nobody else would, so what the store did not take is done again.

        Raises:
            StoreError: it is still open.
        """
        await self._faults.end(device, kind)
        if self._faults.is_open(device, kind):
            raise StoreError(f"the end of {kind} was not stored.", "The next second tries again.")
