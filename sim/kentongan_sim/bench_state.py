"""What the bench page knows of a button, and what it may do to one."""

from __future__ import annotations

from typing import Any

from kentongan_sim.errors import SimError
from kentongan_sim.link_proxy import LinkCondition, LinkProxy, LinkState
from kentongan_sim.panel import Contact
from kentongan_sim.telephones import Telephones
from kentongan_sim.virtual_button import VirtualButton

SLOW_MS = 300.0  # each way: a bad mobile link

CABLES = {
    "normal": LinkCondition(),
    "slow": LinkCondition(latency_ms=SLOW_MS),
    "torn": LinkCondition(torn=True),
    "silent": LinkCondition(state=LinkState.SILENT),
    "cut": LinkCondition(state=LinkState.CUT),
}


class ActionError(ValueError):
    """The page asked for something that does not exist."""


def describe(button: VirtualButton) -> dict[str, Any]:
    """Everything that the page draws, as JSON."""
    panel, view = button.panel, button.view
    pressed_ms = view.milestones.get("pressed", 0.0)
    return {
        "device": f"{button.device:08x}",
        "name": button.name,
        "variant": button.variant,
        "contacts": [contact.name.lower() for contact in panel.contacts],
        "key_turned": panel.key_turned,
        "lid_open": panel.lid_open,
        "wifi_up": panel.wifi_up,
        "powered": view.powered,
        "linked": view.linked,
        "lamp": view.lamp,
        "vibration": view.vibration,
        "vibration_ms": view.vibration_ms,
        "shown_level": view.shown_level,
        "milestones": {name: round(at_ms - pressed_ms, 1) for name, at_ms in view.milestones.items()},
        "cable": _cable(button),
    }


async def act(button: VirtualButton, body: Any) -> None:  # noqa: ANN401 - JSON from outside
    """Do what the page's hand did.

    Raises:
        ActionError: no such action, or values that it does not take.
        SimError: the button could not be started.
    """
    action = body.get("action") if isinstance(body, dict) else None
    if action == "push":
        await button.push()
    elif action == "key":
        await button.turn_key()
    elif action == "contact":
        _move_contact(button, body.get("index"), closed=_flag(body, "closed"))
    elif action == "lid":
        button.set_lid(opened=_flag(body, "opened"))
    elif action == "wifi":
        await button.set_wifi(up=_flag(body, "up"))
    elif action == "power":
        await (button.power_on() if _flag(body, "on") else button.cut_power())
    elif action == "cable":
        await _change_cable(button, body.get("condition"))
    else:
        raise ActionError(f"there is no action {action!r}")


async def act_on_operator(telephones: Telephones, name: str, body: Any) -> None:  # noqa: ANN401 - JSON from outside
    """Take a mobile operator out of service or give it back.

    Raises:
        ActionError: no such action, or values that it does not take.
    """
    if not isinstance(body, dict) or body.get("action") != "outage":
        raise ActionError(f"there is no action {body.get('action') if isinstance(body, dict) else None!r}")
    telephones.bank.set_outage(name, out=_flag(body, "out"))


def internet_up(uplink: LinkProxy) -> bool:
    """Whether a gateway can reach the centre."""
    return uplink.condition.state is LinkState.OPEN


async def act_on_uplink(uplink: LinkProxy, body: Any) -> None:  # noqa: ANN401 - JSON from outside
    """Cut or mend the link from a gateway to the centre.

    Raises:
        ActionError: no such action, or values that it does not take.
    """
    if not isinstance(body, dict) or body.get("action") != "internet":
        raise ActionError(f"there is no action {body.get('action') if isinstance(body, dict) else None!r}")
    await (uplink.restore() if _flag(body, "up") else uplink.silence())


def _move_contact(button: VirtualButton, index: object, *, closed: bool) -> None:
    if not isinstance(index, int) or not 0 <= index < len(button.panel.contacts):
        raise ActionError(f"index: expected 0…{len(button.panel.contacts) - 1}, got {index!r}")
    button.set_contact(index, Contact.PRESSED if closed else Contact.REST)


async def _change_cable(button: VirtualButton, condition: object) -> None:
    if condition not in CABLES:
        raise ActionError(f"condition: expected one of {', '.join(CABLES)}, got {condition!r}")
    if not button.panel.wifi_up:
        raise SimError("the Wi-Fi is cut: give it back first")
    await button.link.apply(CABLES[str(condition)])


def _cable(button: VirtualButton) -> str:
    return next((name for name, condition in CABLES.items() if condition == button.link.condition), "normal")


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name)
    if not isinstance(value, bool):
        raise ActionError(f"{name}: expected true or false, got {value!r}")
    return value
