"""The SMS network: what it does to messages, and that it says so."""

from __future__ import annotations

from random import Random

import pytest

from kentongan_sim.modem.sms_network import PROMPT, RETRY_MS, VALID_MS, Conditions, Fate, SmsNetwork, SubmitError

A, B = "+6281100000001", "+6285500000002"


def network(conditions=PROMPT, seed=1):
    made = SmsNetwork(Random(seed), conditions)
    return made, made.add_phone(A, "Telkomsel"), made.add_phone(B, "Indosat")


def flush(made, until_ms=10 * VALID_MS):
    while (due := made.next_deadline()) is not None and due <= until_ms:
        made.tick(due)


def test_delivered_with_the_time_it_took():
    made, _, phone = network(Conditions(least_ms=700, mean_ms=0))
    made.submit(A, B, "x", 1_000)
    flush(made)
    assert phone.texts() == ["x"]
    assert phone.received[0].submitted_ms == 1_000
    assert made.transit_ms("x") == 700
    assert made.transit_ms("y") is None


def test_the_same_seed_gives_the_same_network():
    wild = Conditions(lost=0.2, doubled=0.2, late=0.2)
    runs = []
    for _ in range(2):
        made, _, phone = network(wild, seed=5)
        for index in range(100):
            made.submit(A, B, str(index), index)
        flush(made)
        runs.append((phone.received, dict(made.counts)))
    assert runs[0] == runs[1]


def test_loss_doubling_and_another_order_are_counted():
    made, _, phone = network(Conditions(lost=0.2, doubled=0.2))
    for index in range(500):
        made.submit(A, B, str(index), index)
    flush(made)
    texts = phone.texts()
    assert made.counts["submitted"] == 500
    assert 50 < made.counts["lost"] < 150
    assert len(set(texts)) == 500 - made.counts["lost"]
    assert len(texts) == len(set(texts)) + made.counts["doubled"]
    assert texts != sorted(texts, key=int)


def test_late_is_hours():
    made, _, phone = network(Conditions(late=1.0))
    for index in range(50):
        made.submit(A, B, str(index), 0)
    flush(made)
    assert made.counts["late"] == 50
    assert max(message.transit_ms for message in phone.received) > 1_800_000


def test_refused_by_an_operator_that_is_out_and_for_nobodys_number():
    made, _, _ = network()
    made.set_outage("Telkomsel", 0, out=True)
    with pytest.raises(SubmitError) as refused:
        made.submit(A, B, "x", 0)
    assert refused.value.code == 331
    with pytest.raises(SubmitError) as refused:
        made.submit(B, "+6280", "x", 0)
    assert refused.value.code == 1
    assert made.counts["refused"] == 2


def test_what_is_on_its_way_waits_for_the_operator():
    made, phone, _ = network()
    made.submit(B, A, "x", 0)
    made.set_outage("Telkomsel", 0, out=True)
    flush(made, RETRY_MS // 2)
    assert phone.texts() == []
    made.set_outage("Telkomsel", RETRY_MS // 2, out=False)
    made.tick(RETRY_MS // 2)
    assert phone.texts() == ["x"]


def test_nobody_tries_for_ever():
    made, _, _ = network()
    made.attach("+62899", "Telkomsel", lambda _message: False)
    made.submit(A, "+62899", "x", 0)
    flush(made)
    assert made.counts["expired"] == 1
    assert made.next_deadline() is None


def test_a_script_decides_first():
    made, _, phone = network()
    made.script = lambda message: (
        Fate(()) if message.text == "gone" else Fate((5.0, 9.0)) if message.text == "two" else None
    )
    for text in ("gone", "two", "one"):
        made.submit(A, B, text, 0)
    flush(made)
    assert sorted(phone.texts()) == ["one", "two", "two"]
    assert made.counts["lost"] == made.counts["doubled"] == 1
