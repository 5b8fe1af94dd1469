"""How the bench knows that a fault was told: by news about that fault, of that device, and by its end."""

from typing import cast

import pytest

from bench.detection import Seen, answer, broken, rows
from bench.faults import ATTACK_MS, TROUBLE_MS, Fault, Watch, site_back, suspected_attack, trouble
from kentongan_sim.console_client import ConsoleClient
from kentongan_sim.errors import SimError
from kentongan_sim.evidence import StreamSeen, now_ms

BUTTON = 0xA1B2


def trouble_event(kind="silent", device="0000a1b2", closed=None, subject=None):
    told = {"kind": kind, "device": device, "closed_at_ms": closed, "subject": subject}
    return StreamSeen(1, "trouble", {"trouble": told}, now_ms())


def incident_event(*alarms, site="bank-contoh", what="alarm"):
    listed = [{"id": number, "kind": kind} for number, kind in alarms]
    return StreamSeen(1, "incident", {"what": what, "incident": {"site": {"code": site}, "alarms": listed}}, now_ms())


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        (trouble_event(), True),
        (trouble_event(closed=5), False),
        (trouble_event(kind="tamper"), False),
        (trouble_event(device="0000a1b3"), False),
        (incident_event((1, "hold-up")), False),
    ],
)
def test_a_trouble_is_told_by_its_kind_and_device_while_it_is_open(event, wanted):
    assert trouble("silent", BUTTON)(event) is wanted


def test_the_end_of_a_trouble_is_no_beginning():
    assert trouble("silent", BUTTON, closed=True)(trouble_event(closed=5))
    assert not trouble("silent", BUTTON, closed=True)(trouble_event())


def test_a_trouble_of_the_centre_is_told_by_its_subject():
    wanted = trouble("centre-modem-down", None, subject="contoh-a")
    assert wanted(trouble_event("centre-modem-down", None, subject="contoh-a"))
    assert not wanted(trouble_event("centre-modem-down", None, subject="contoh-b"))


def test_only_a_new_suspected_attack_is_news():
    watch = Watch()
    wanted = suspected_attack("bank-contoh", watch)
    first = incident_event((1, "suspected-attack"))
    assert wanted(first)
    watch.see(first)
    assert not wanted(first)
    assert not wanted(incident_event((1, "suspected-attack"), (2, "hold-up")))
    assert wanted(incident_event((1, "suspected-attack"), (3, "suspected-attack")))
    assert not wanted(incident_event((4, "suspected-attack"), site="emas-contoh"))


def test_a_site_is_back_when_its_incident_says_so():
    assert site_back("bank-contoh")(incident_event((1, "suspected-attack"), what="site-back"))
    assert not site_back("bank-contoh")(incident_event((1, "suspected-attack")))
    assert not site_back("bank-contoh")(incident_event((1, "suspected-attack"), site="emas-contoh", what="site-back"))
    assert not site_back("bank-contoh")(trouble_event())


def fault(watch, *, tells=True, heals=True):
    async def cut():
        if tells:
            watch.see(trouble_event())

    async def mend():
        if heals:
            watch.see(trouble_event(closed=5))

    return Fault("a fault", cut, mend, trouble("silent", BUTTON), trouble("silent", BUTTON, closed=True))


async def test_a_fault_is_timed_to_its_telling_and_to_its_end_also_when_both_come_at_once():
    watch = Watch()
    told_ms, healed_ms = await broken(fault(watch), watch)
    assert told_ms >= 0
    assert healed_ms >= 0


@pytest.mark.parametrize(
    ("quiet", "why"),
    [({"tells": False}, "a fault: nobody told of it"), ({"heals": False}, "nobody told that it is whole again")],
)
async def test_a_fault_that_nobody_tells_ends_the_measurement(quiet, why):
    watch = Watch()
    with pytest.raises(SimError, match=why):
        await broken(fault(watch, **quiet), watch, 0.01)


async def test_what_rings_is_answered_and_closed_so_that_the_next_loss_rings_anew():
    deeds: list[tuple[object, ...]] = []

    class Console:
        async def incidents(self, state):
            assert state == "open"
            codes = ("bank-contoh", "emas-contoh")
            listed = [
                {"id": number, "version": 90 + number, "site": {"code": code}} for number, code in enumerate(codes, 1)
            ]
            return 99, listed

        async def acknowledge(self, incident, version):
            deeds.append(("acknowledge", incident, version))

        async def finish_plan(self, incident):
            deeds.append(("plan", incident))
            return {"version": 95}

        async def close(self, incident, version, outcome, cause):
            deeds.append(("close", incident, version, outcome, cause))

    await answer(cast("ConsoleClient", Console()), "emas-contoh")
    assert deeds == [("acknowledge", 2, 92), ("plan", 2), ("close", 2, 95, "test", "announced")]


def test_each_fault_is_a_row_with_its_own_limit_in_seconds():
    took = {
        "a button without power": Seen(TROUBLE_MS, [41_000, 53_000, 47_000], [2_000, 1_000, 3_000]),
        "a gateway killed": Seen(ATTACK_MS, [21_000], [7_000]),
    }
    silent, killed = rows(took)
    assert silent.name == "a button without power → told on the console"
    assert silent.values == {"n": 3, "p50": 47, "max": 53, "restore p50": 2, "restore max": 3}
    assert silent.limits == {"max": 90}
    assert silent.meets
    assert killed.limits == {"max": 20}
    assert not killed.meets
