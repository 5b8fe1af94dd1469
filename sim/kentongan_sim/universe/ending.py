"""The judgement when all paths work again: what is not yet as it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kentongan_sim.universe.oracle import SMS_RECEIPTS, Oracle, Violation, show
from kentongan_sim.universe.reading import Identity

if TYPE_CHECKING:
    from kentongan_sim.universe.button import SimButton
    from kentongan_sim.universe.gateway import VirtualGateway
    from kentongan_sim.universe.world import World


def wrong_at_the_end(world: World) -> str | None:
    """The first thing that is not right yet; None when everything is."""
    return _wrong_by_sms(world) if world.plan.ending else _wrong_with_all_paths(world)


def _wrong_with_all_paths(world: World) -> str | None:
    oracle, have = world.oracle, world.oracle.history.by_identity
    for button in world.buttons:
        if button.smashed:
            if not button.relaxed and _is_alive(world, button):
                return f"{button.name} is smashed, and nobody misses it"
            continue
        if button.body is None:
            return f"{button.name} is off"
        if not button.relaxed and not button.body.delivery.path_proven(button.uptime_ms):
            return f"{button.name} has no proven path"
        wrong = _button_wrong(oracle, button)
        if wrong:
            return wrong
    for gateway in world.gateways:
        for identity, state in sorted(oracle.custody.get(gateway.identity.device, {}).items()):
            if identity not in oracle.genuine:
                continue
            if state in ("held", "received") and identity not in have:
                return f"{show(identity)} ({state} by gateway {gateway.name}) is no alarm"
            if state == "held":
                return f"{show(identity)} is still in custody of {gateway.name}"
    return None


def _wrong_by_sms(world: World) -> str | None:
    """The same where MQTT never comes back: each press is an alarm, and its lamp was lit by SMS.

    That a centre was restored without a press it had confirmed is told by heartbeats, which are MQTT.
    """
    have = world.oracle.history.by_identity
    for button in world.buttons:
        if button.smashed or button.card is None:
            continue
        if button.body is None:
            return f"{button.name} is off"
        delivery = button.body.delivery
        for entry in delivery.journal.entries:
            identity = (button.device, entry.body.sequence, entry.body.nonce)
            if identity not in have:
                if world.oracle.ever_granted(identity):
                    continue
                return f"{show(identity)} in the journal of {button.name} is no alarm, and SMS works"
            newest = entry is delivery.newest and delivery.latched
            if newest and not button.relaxed and not button.body.indicator.level and _receipts_left(world, identity):
                return f"{button.name} shows nothing for {show(identity)}, and SMS works"
    for gateway in world.gateways:
        for identity, state in sorted(world.oracle.custody.get(gateway.identity.device, {}).items()):
            owed = identity in world.oracle.genuine and not world.oracle.ever_granted(identity)
            if state == "held" and owed and _is_whole(world.oracle, gateway, identity):
                return f"{show(identity)} (held by {gateway.name}) is no alarm, and SMS works"
    return None


def _is_whole(oracle: Oracle, gateway: VirtualGateway, identity: Identity) -> bool:
    """Whether a frame that a gateway holds of a press is as its button sent it.

    One that the radio damaged can't become an alarm, and no text tells the gateway that it was refused.
    """
    kept = gateway.disk.connection.execute(
        "SELECT first_frame, frame FROM press WHERE device = ? AND sequence = ? AND nonce = ?", identity
    ).fetchone()
    return any(frame in oracle.frames for frame in kept)


def _receipts_left(world: World, identity: Identity) -> bool:
    """Whether the centre may still text a receipt for a press; those that were lost cost as well."""
    alarm = world.oracle.history.by_identity[identity]
    used = world.centre_disk.connection.execute(
        "SELECT coalesce(sum(count), 0) FROM sms_receipt WHERE alarm = ?", (alarm,)
    ).fetchone()[0]
    return int(used) < SMS_RECEIPTS


def _is_alive(world: World, button: SimButton) -> bool:
    """Whether the centre has heard it once, and has no trouble for its silence."""
    connection = world.centre_disk.connection
    heard = connection.execute("SELECT 1 FROM device_state WHERE device = ?", (button.device,)).fetchone()
    silent = connection.execute(
        "SELECT 1 FROM trouble WHERE device = ? AND kind = 'silent' AND closed_at_ms IS NULL", (button.device,)
    ).fetchone()
    return heard is not None and silent is None


def _button_wrong(oracle: Oracle, button: SimButton) -> str | None:
    body, history = button.body, oracle.history
    assert body is not None
    for entry in body.delivery.journal.entries:
        identity = (button.device, entry.body.sequence, entry.body.nonce)
        alarm_id = history.by_identity.get(identity)
        if alarm_id is None:
            if button.relaxed and oracle.ever_granted(identity):
                continue  # its heartbeats are stale, so it does not hear of the restored centre
            return f"{show(identity)} in the journal of {button.name} is no alarm"
        if button.relaxed:
            continue
        alarm = history.alarms[alarm_id]
        if alarm.repeats < entry.repeats:
            return f"{show(identity)} has {entry.repeats} repeats, the centre knows {alarm.repeats}"
        if entry.pending():
            return f"{button.name} still sends {show(identity)}"
        if entry is body.delivery.newest and (entry.level, entry.revision) != (alarm.level, alarm.revision):
            told = (entry.level, entry.revision)
            return f"{button.name} knows {told} of {show(identity)}, the centre says {(alarm.level, alarm.revision)}"
        if entry is body.delivery.newest and body.delivery.latched and body.indicator.level != min(alarm.level, 2):
            return f"{button.name} shows {body.indicator.level}, the centre says {alarm.level}"
    return None


def told(problem: BaseException) -> str:
    """For people, with the place where a program failed."""
    if isinstance(problem, Violation):
        return str(problem)
    where = problem.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    at = f" at {where.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{where.tb_lineno}" if where else ""
    return f"a program failed: {type(problem).__name__}: {problem}{at}"
