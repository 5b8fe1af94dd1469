"""The centre as one process: broker, lanes, intake, supervision, HTTP; started and ended together."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI

from kentongan_host.broker import Broker, BrokerError
from kentongan_host.log import logger
from kentongan_host.mqtt import Endpoint
from kentongan_host.secret_files import read_secret
from kentongan_server import shapes
from kentongan_server.adapters import broker as broker_config
from kentongan_server.adapters import register, report_pdf
from kentongan_server.adapters.city_map import CityMap
from kentongan_server.adapters.high_water import HighWater
from kentongan_server.adapters.key_ring import SqlKeyRing
from kentongan_server.adapters.lanes import Lane, Lanes
from kentongan_server.adapters.metrics import Metrics
from kentongan_server.adapters.modems import CentreModem, OpenModem, open_modem
from kentongan_server.adapters.people_table import SqlPeopleReader
from kentongan_server.adapters.placing import Placing
from kentongan_server.adapters.read_reports import SqlReportReader
from kentongan_server.adapters.read_sites import SqlSiteViews
from kentongan_server.adapters.self_call import answers
from kentongan_server.adapters.store import SqlStore
from kentongan_server.adapters.views import SqlViews
from kentongan_server.api import city_map
from kentongan_server.api.access import Centre
from kentongan_server.api.app import make_app
from kentongan_server.application import incarnation
from kentongan_server.application.answers import Answers
from kentongan_server.application.case_work import CaseWork
from kentongan_server.application.crime_import import CrimeImport
from kentongan_server.application.doorkeeper import Doorkeeper
from kentongan_server.application.health import HealthCheck
from kentongan_server.application.intake import Intake
from kentongan_server.application.live import Live
from kentongan_server.application.operate import Operate
from kentongan_server.application.ports import StoreError
from kentongan_server.application.rejections import Rejections
from kentongan_server.application.reports import Reports
from kentongan_server.application.roll import Roll
from kentongan_server.application.self_watch import SelfWatch, Surroundings
from kentongan_server.application.sites import Sites
from kentongan_server.application.sms_answers import SmsAnswers
from kentongan_server.application.sms_intake import SmsIntake
from kentongan_server.application.sms_out import SmsOut
from kentongan_server.application.standings import Standings
from kentongan_server.application.supervise import Supervise
from kentongan_server.application.take import Taken
from kentongan_server.application.troubles import CENTRE, TroubleDesk
from kentongan_server.centre_state import CentreState
from kentongan_server.desk_service import make_shift
from kentongan_server.domain.trouble import TroubleKind
from kentongan_server.people_service import make_doors
from kentongan_server.settings import BROKER_NAME, BrokerSection
from kentongan_wire import topics
from kentongan_wire.press import PressIdentity

TICK_S = 1.0  # how often silence is looked for: a small part of the 45 s after which it is a trouble
SAVE_S = 5.0  # how much of the heartbeats' counters a kill can cost: old ones of this long could be replayed
ALARM_CLIENT, REPORT_CLIENT = "centre.alarm", "centre.report"
DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}

_log = logger("kentongan.centre")


class SystemClock:
    """Implements `application.ports.Clock`."""

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


class CentreService:
    """Everything of the centre that lives between start and stop, wired together.

    Args:
        state: the folder it works on, opened.
        open_modem: opens one of its modems.
    """

    def __init__(self, state: CentreState, open_modem: OpenModem = open_modem) -> None:
        self.state = state
        self.clock = SystemClock()
        self.high_water = HighWater(state.directory, state.database)
        with register.writing(state.database) as writing:
            began = incarnation.begin(writing, self.high_water.read(), self.clock.wall_ms())
        self.high_water.write()
        self.high_water.close()
        self.incarnation = began.number
        self._make_store()
        self._make_intake(open_modem, began.restored_at_ms)
        self._make_watch()
        self.operate = Operate(self.store, self.answers, self.clock, self.roll, self.standings.put)
        self._people_reader = SqlPeopleReader(state.database)
        self.doors = make_doors(state.settings, self._people_reader, self.store, self.clock, state.sealer.browser_key)
        self.people = self.doors.people
        self.shift = make_shift(state, self.store, self.clock, self.views)

    def _make_store(self) -> None:
        """What is kept, and how it reaches consoles."""
        database = self.state.database
        self.views = SqlViews(database)
        self.live = Live(self.views, self.clock, self._stands)
        self.placing = Placing(database, self._committed)
        self.metrics = Metrics(lambda: self.live.clients, lambda: self.lanes.up)
        self.store = SqlStore(database, on_commit=self._committed, observe=self.metrics.store_seconds.observe)
        self.keys = SqlKeyRing(database, self.state.sealer)

    def _make_intake(self, open_modem: OpenModem, restored_at_ms: int | None) -> None:
        """Lanes and modems, and what becomes of that which comes by them."""
        self.lanes = Lanes()
        self.broker: Broker | None = None  # our own, while it runs
        self._lane_was_down = False
        self.doorkeeper = Doorkeeper(self.clock, self._shut_out)
        self.roll = Roll(self.clock)
        self.standings = Standings()
        self.answers = Answers(self.keys, self.lanes, self.clock, self.incarnation)
        self.rejections = Rejections(
            self.store, self.clock, lambda reason, times: self.metrics.rejections.labels(reason).inc(times)
        )
        self.modems = [CentreModem(one, self.clock, self._heard, open_modem) for one in self.state.settings.modems]
        self.sms_out = SmsOut(self.modems, self.clock)
        self.intake = Intake(
            self.keys,
            self.store,
            self.answers,
            self.clock,
            self.roll,
            self.rejections,
            self._taken,
            SmsAnswers(self.answers, self.sms_out),
            restored_at_ms,
        )

    def _make_watch(self) -> None:
        """Who looks after devices, and after the centre itself."""
        self.supervise = Supervise(
            self.keys,
            self.store,
            self.answers,
            self.clock,
            self.roll,
            self.standings,
            self.rejections,
            may_answer=lambda: self.lanes.up and not self.store.failing,
            hears=lambda: self.lanes.up,
            on_overdue=self.metrics.troubles_overdue.set,
        )
        self.sms_intake = SmsIntake(self.intake, self.supervise, self.rejections, self.clock)
        self.health = HealthCheck(self.store, self.clock, self.lanes)
        self.self_watch = SelfWatch(
            self.store, self.clock, self.supervise.faults, self.health, self.sms_out, self._surroundings()
        )
        self._serves_http = False

    def _stands(self, session: bytes) -> bool:
        return self.people.stands(session)

    def _committed(self) -> None:
        self.live.wake()
        self.high_water.committed()

    async def _heard(self, modem: str, sender: str, text: str, sent_at_ms: int | None) -> bool:
        return await self.sms_intake.take(modem, sender, text, sent_at_ms)

    def _surroundings(self) -> Surroundings:
        settings = self.state.settings
        return Surroundings(
            modems=self.modems,
            consoles=lambda: self.live.answering,
            disk_free=self.disk_free,
            least_free=settings.store.least_free_mb * 1_000_000,
            http_answers=self._http_answers,
            duty_numbers=settings.duty.numbers,
            history_moves=lambda: self.live.moves,
        )

    def disk_free(self) -> int | None:
        """Bytes free where the store is, or where we keep the rest; None when nobody can tell."""
        path = self.state.database.path
        try:
            return shutil.disk_usage(path.parent if path else self.state.directory).free
        except OSError:
            return None

    async def _http_answers(self) -> bool | None:
        http = self.state.settings.http
        return await answers(http.host, http.port) if self._serves_http else None

    async def describe(self) -> shapes.CentreState:
        """How the centre itself does, for the console."""
        found = await self.health.check()
        return {
            "modems": [modem.shape(self.sms_out) for modem in self.modems],
            "disk_free_bytes": self.disk_free(),
            "store_ms": self.health.store_ms,
            "ok": found.ok,
        }

    def _taken(self, identity: PressIdentity, taken: Taken) -> None:
        self.standings.put(identity, taken.standing)
        self.supervise.pressed(identity, taken)
        (self.metrics.alarms if taken.fresh else self.metrics.duplicates).inc()

    def app(self) -> FastAPI:
        """The HTTP application."""
        http = self.state.settings.http
        desk = TroubleDesk(self.store, self.clock)
        sealer = self.state.sealer
        centre = Centre(
            views=self.views,
            live=self.live,
            operate=self.operate,
            supervise=self.supervise,
            desk=desk,
            case_work=CaseWork(self.store, self.clock, sealer),
            sites=Sites(self.store, self.clock, sealer),
            site_views=SqlSiteViews(self.views),
            people=self.people,
            users=self.doors.users,
            shift=self.shift,
            reports=Reports(SqlReportReader(self.views), self.clock),
            crime_import=CrimeImport(self.store, self.clock),
            print_report=report_pdf.whole,
            print_crimes=report_pdf.crimes,
            secure_cookie=http.secure_cookie,
            origin=http.origin,
            passkeys=self.doors.passkeys,
            oidc=self.doors.oidc,
        )
        map_routes = city_map.routes(CityMap(self.state.directory))
        web = http.web_dir or Path(__file__).parent / "web" / "dist"
        return make_app(centre, self.health, self.metrics.registry, web, self.describe, map_routes)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Broker, lanes and store, without HTTP; entering returns when presses are taken in."""
        async with AsyncExitStack() as stack:
            stack.callback(self._people_reader.close)
            stack.callback(self.keys.close)
            stack.callback(self.views.close)
            stack.callback(self.high_water.close)
            await stack.enter_async_context(self.placing)
            await stack.enter_async_context(self.store)
            await self.supervise.load()
            settings = self.state.settings.broker
            connect: Callable[[str], Endpoint] = partial(_endpoint, settings)
            if settings.url is None:
                connect = partial(_own_endpoint, await self._own_broker(stack))
            alarm = self.doorkeeper.watch(self.intake.take)
            changed, useless = self._lane_changed, self.doorkeeper.useless
            alarms = Lane(topics.ALARM, connect(ALARM_CLIENT), alarm, changed)
            reports = Lane(topics.REPORT, connect(REPORT_CLIENT), self.supervise.take, changed, alarms, useless)
            self.lanes.by_kind = {topics.ALARM: alarms, topics.REPORT: reports}
            for lane in (alarms, reports):
                await stack.enter_async_context(lane)
            if settings.url is None:
                await alarms.connection.wait_up()
                await reports.connection.wait_up()
            yield
            with contextlib.suppress(StoreError):
                await self.supervise.save()
            self.high_water.write()

    def served(self, yes: bool) -> None:  # noqa: FBT001
        """Says whether browsers are served: from then on our own HTTP server must answer."""
        self._serves_http = yes

    async def _own_broker(self, stack: AsyncExitStack) -> Path:
        """Starts our own broker; returns the socket on which we reach it."""
        config = broker_config.config(
            self.state.settings.broker, self.state.directory / BROKER_NAME, self.state.authority
        )
        self.broker = Broker(config)
        await stack.enter_async_context(self.broker)
        return self.broker.socket_path

    def _shut_out(self, lanes: frozenset[str]) -> None:
        if self.broker is None:  # another's has its own rights
            _log.error("a lane floods, our broker's owner must refuse it", lanes=sorted(lanes))
            return
        try:
            self.broker.reload({broker_config.ACL_NAME: broker_config.acl(lanes)}, end_sessions=False)
        except BrokerError as error:
            _log.error("doors not changed", why=error.what, remedy=error.remedy)

    def _lane_changed(self, up: bool, why: str) -> None:  # noqa: FBT001 - the connection's callback
        self._lane_was_down |= not up
        (_log.info if up else _log.warning)("broker", up=up, why=why)

    async def look_after(self) -> None:
        """Each second: who fell silent, what another process enrolled, whether our broker is there."""
        while True:
            await asyncio.sleep(TICK_S)
            self.doorkeeper.tick()
            try:
                if self.keys.refresh():
                    await self.supervise.reload()
                await self.supervise.tick()
                await self.operate.tick()
                await self.shift.tick()
                await self.rejections.flush()
                await self._note_broker()
            except StoreError as error:
                _log.error("supervision not stored", why=error.what, remedy=error.remedy)

    async def _note_broker(self) -> None:
        """A connection that was lost is a trouble, however soon it came back."""
        was_down, self._lane_was_down = self._lane_was_down, False
        if was_down or not self.lanes.up:
            await self.supervise.faults.raise_once(CENTRE, TroubleKind.CENTRE_BROKER_DOWN)
        else:
            await self.supervise.faults.end(CENTRE, TroubleKind.CENTRE_BROKER_DOWN)

    async def watch_itself(self) -> None:
        """Each second: do our own parts work, and does the console reach anybody?"""
        while True:
            await asyncio.sleep(TICK_S)
            await self.self_watch.tick()

    async def use_modems(self) -> None:
        """Hears and texts by all modems."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.sms_out.run())
            for modem in self.modems:
                group.create_task(modem.run(self.sms_out, self.supervise.faults), name=f"modem {modem.name}")

    async def save(self) -> None:
        """Every few seconds: what supervision must not forget; it also proves that the store can be written."""
        while True:
            await asyncio.sleep(SAVE_S)
            try:
                await self.supervise.save()
            except StoreError as error:
                _log.error("supervision not saved", why=error.what, remedy=error.remedy)


def _own_endpoint(path: Path, client_id: str) -> Endpoint:
    return Endpoint(client_id, unix_socket=path)


def _endpoint(settings: BrokerSection, client_id: str) -> Endpoint:
    """Another broker, by URL.

    Raises:
        HostError: the credentials cannot be read.
    """
    assert settings.url is not None
    url = urlsplit(settings.url)
    tls = None
    if url.scheme == "mqtts":
        tls = ssl.create_default_context(cafile=str(settings.url_ca_file) if settings.url_ca_file else None)
    name = password = None
    if settings.url_credentials:
        name, _, password = read_secret(settings.url_credentials).decode().strip().partition(":")
    port = url.port or DEFAULT_PORTS[url.scheme]
    return Endpoint(client_id, url.hostname or "", port, tls=tls, username=name, password=password)
