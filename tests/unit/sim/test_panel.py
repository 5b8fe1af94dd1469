"""The panel carries what the firmware's own loop table and board files expect."""

from __future__ import annotations

import pytest

from kentongan_button.boards import desk, guard_post
from kentongan_button.core import loop
from kentongan_sim.errors import SimError
from kentongan_sim.panel import Contact, Panel, wiring


@pytest.mark.parametrize(
    ("contact", "state"),
    [
        (Contact.REST, loop.LOOP_NORMAL),
        (Contact.PRESSED, loop.LOOP_ALARM),
        (Contact.CUT, loop.LOOP_CUT),
        (Contact.SHORT, loop.LOOP_SHORT),
    ],
)
def test_a_contact_reads_as_the_firmware_decodes_it(contact, state):
    assert loop.decode(contact.value) == state


def test_a_resting_panel_of_the_guard_post():
    assert Panel(wiring("guard-post")).snapshot() == {
        "adc": {"1": 1060, "2": 1060, "4": 2050},
        "pin": {"11": 0, "12": 0, "13": 1, "14": 0, "15": 0},
        "wifi": "up",
    }


def test_every_change_is_what_the_next_snapshot_says():
    panel = Panel(wiring("guard-post"))
    changes = [
        panel.set_contact(1, Contact.PRESSED),
        panel.settle(1),
        panel.set_key(turned=True),
        panel.set_lid(opened=True),
        panel.set_mains(lost=True),
        panel.set_battery(3400),
        panel.set_wifi(up=False),
    ]
    snapshot = panel.snapshot()
    for change in changes:
        assert change is not None
        for kind, value in change.items():
            if isinstance(value, dict):
                assert value.items() <= snapshot[kind].items()
            else:
                assert snapshot[kind] == value
    assert snapshot["adc"] == {"1": 1060, "2": 1970, "4": 1700}
    assert snapshot["pin"] == {"11": 0, "12": 1, "13": 0, "14": 1, "15": 1}
    assert snapshot["wifi"] == "down"


def test_the_comparator_follows_its_contact_once():
    panel = Panel(wiring("desk"))
    assert panel.settle(0) is None
    panel.set_contact(0, Contact.PRESSED)
    assert panel.settle(0) == {"pin": {str(desk.CONTACT_EDGE[0]): 1}}
    assert panel.settle(0) is None
    panel.set_contact(0, Contact.SHORT)
    assert panel.settle(0) == {"pin": {str(desk.CONTACT_EDGE[0]): 0}}


def test_only_the_desk_vibrates():
    assert wiring("guard-post").vibration is None
    assert wiring("desk").vibration == desk.VIBRATION
    assert wiring("guard-post").lamp == guard_post.LAMP


def test_an_unknown_variant_is_named():
    with pytest.raises(SimError, match="'hidden': expected guard-post or desk"):
        wiring("hidden")
