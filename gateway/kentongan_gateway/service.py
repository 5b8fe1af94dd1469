"""The gateway put together: what is opened in which order, and what runs while it is open."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

from kentongan_gateway.adapters.buttons import Button, read_buttons
from kentongan_gateway.adapters.centre_link import centre_connection, client_tls
from kentongan_gateway.adapters.clock import Clock
from kentongan_gateway.adapters.site_broker import SiteBroker
from kentongan_gateway.adapters.store import FILE_NAME, Beginning, Store, StoreError
from kentongan_gateway.adapters.supply import Supply
from kentongan_gateway.identity import Identity
from kentongan_gateway.roads import Ground, Lane, Roads
from kentongan_gateway.settings import GatewaySettings
from kentongan_gateway.sms_road import Words
from kentongan_host.files import DirectoryLock, make_private_directory
from kentongan_host.log import logger
from kentongan_host.modem import Modem
from kentongan_host.mqtt import Connection
from kentongan_host.notify import Notifier
from kentongan_host.secret_files import read_secret
from kentongan_host.tasks import Background, Wake, run_together, signals_set
from kentongan_wire.supervision import SITE_SMS_DOWN
from kentongan_wire.topics import ALARM, REPORT

_log = logger("kentongan.gateway")


async def run(settings: GatewaySettings) -> None:
    """Runs the gateway until SIGTERM or SIGINT.

    Raises:
        HostError: a file, an address or the broker is not as it must be; nothing is left running.
    """
    stop = asyncio.Event()
    own, clock, notifier = settings.gateway, Clock(), Notifier()
    identity = Identity.read(own.device, own.key_id, own.site, own.secret_file)
    buttons = read_buttons(own.buttons_file, own.site)
    alarm_wake, report_wake = Wake(), Wake()
    alarm_link = _link(settings, ALARM, alarm_wake)
    report_link = _link(settings, REPORT, report_wake)
    site = _site_broker(settings, buttons, report_wake)

    async with AsyncExitStack() as stack:
        stack.enter_context(signals_set(stop))
        stack.enter_context(DirectoryLock(make_private_directory(own.state_dir)))
        store = await stack.enter_async_context(Store(own.state_dir / FILE_NAME))
        beginning = await _begin(store, clock)
        background = await stack.enter_async_context(Background())
        await stack.enter_async_context(site)
        roads = Roads(
            Ground(
                identity=identity,
                buttons=buttons,
                site=site,
                store=store,
                clock=clock,
                background=background,
                alarm_lane=Lane(alarm_link, alarm_wake),
                report_lane=Lane(report_link, report_wake),
            ),
            beginning,
            settings.report.interval_ms,
        )
        alarms, reports = roads.alarms, roads.reports
        supply = Supply(settings.supply.mains_file, settings.supply.battery_file, settings.supply.tamper_file)
        reports.conditions.append(supply.look)
        second_path = await _second_path(settings, stack, roads)
        upkeep = roads.upkeep(notifier, own.buttons_file)
        for link in (alarm_link, report_link):
            await stack.enter_async_context(link)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, upkeep.reload.set)
        _log.info("gateway runs", site=own.site, buttons=len(buttons), held=len(alarms.custody), run=roads.boot_id)
        await run_together(
            alarms.take(),
            alarms.admit(),
            alarms.forward(),
            alarms.answers(),
            reports.take(),
            reports.report(),
            reports.notice(),
            reports.answers(),
            upkeep.tend(),
            upkeep.reloads(),
            upkeep.watch(),
            background.watch(),
            *second_path,
            until=stop,
        )
        notifier.stopping()
        await alarms.save_ends()
        _log.info("gateway stops", held=len(alarms.custody))


async def _begin(store: Store, clock: Clock) -> Beginning | None:
    """What the store remembers; None when the disk fails, which must not stop alarms."""
    try:
        return await store.begin(clock.system_wall_ms())
    except StoreError as error:
        _log.error("the store cannot be opened, presses go on without custody", why=error.what, remedy=error.remedy)
        return None


def _link(settings: GatewaySettings, kind: str, wake: Wake) -> Connection:
    centre = settings.centre
    certificate, key = (
        (centre.alarm_cert, centre.alarm_key) if kind == ALARM else (centre.report_cert, centre.report_key)
    )

    def changed(up: bool, why: str) -> None:  # noqa: FBT001 - the connection calls it so
        wake.set()
        _log.log(20 if up else 30, "link to the centre", lane=kind, up=up, why=why)

    return centre_connection(
        gateway=settings.gateway.device,
        kind=kind,
        host=centre.host,
        port=centre.port,
        tls=client_tls(centre.ca_file, certificate, key),
        on_change=changed,
    )


async def _second_path(
    settings: GatewaySettings, stack: AsyncExitStack, roads: Roads
) -> list[Coroutine[Any, Any, None]]:
    """What runs for the second path; nothing without a modem, which is a trouble of the site unless it is meant."""
    modem, texted, wake = settings.modem, settings.second_path, Wake()
    if modem.port is None:
        roads.reports.conditions.append(lambda: 0 if settings.modem.absent else SITE_SMS_DOWN)
        return []
    if not texted.centre_numbers:
        _log.error("a modem, but no number of the centre to text", setting="[second_path] centre_numbers")
    pin = read_secret(modem.pin_file).decode("ascii", errors="replace").strip() if modem.pin_file else ""
    road = roads.second_path(
        await stack.enter_async_context(Modem(modem.port, baud=modem.baud, pin=pin, on_change=wake.set)),
        wake,
        centre_numbers=texted.centre_numbers,
        duty_numbers=texted.duty_numbers,
        words=Words(texted.site_name or settings.gateway.site, texted.zone),
    )
    return [road.text(), road.receive()]


def _site_broker(settings: GatewaySettings, buttons: dict[int, Button], wake: Wake) -> SiteBroker:
    return SiteBroker(
        program=settings.broker.mosquitto,
        directory=settings.gateway.state_dir / "broker",
        host=settings.buttons.host,
        port=settings.buttons.port,
        site=settings.gateway.site,
        buttons=buttons,
        require_forward_secrecy=settings.buttons.require_forward_secrecy,
        on_change=wake.set,
    )
