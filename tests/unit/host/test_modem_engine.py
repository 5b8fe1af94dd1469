"""What hosts ask of a modem beside messages."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kentongan_host.gsm_text import (
    decode_gsm,
    decode_ucs2,
    encode_gsm,
    encode_ucs2,
    fits_gsm,
    pack_septets,
    unpack_septets,
)
from kentongan_host.modem_engine import ANSWERED, USSD, HostEngine, plain, sent_at_ms
from kentongan_sim.modem.sim_card import SimCard
from kentongan_wire.at_engine import RECEIVED, WRITE
from tests.support.modem_rig import NUMBER, PHONE, Rig


class HostRig(Rig):
    """The same, with the host's engine."""

    engine: HostEngine

    def __init__(self, **options):
        super().__init__(**options)
        self.engine = HostEngine()
        self.told = []

    def ask(self, command):
        self.engine.ask(command, self.now_ms)
        self._exchange()
        self.run(10_000)

    def _do(self, action):
        if action[0] in (USSD, ANSWERED):
            self.told.append(action)
        elif action[0] == RECEIVED:
            self.told.append(action)
            self.engine.stored(action[1], self.now_ms)
        else:
            super()._do(action)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("text", ["Sisa pulsa Rp25.000", "Sisa pulsa\nRp25.000\naktif 31/12/2026"])
def test_ussd(wide, text):
    rig = HostRig(sim=SimCard(NUMBER, ussd={"*888#": text}, ussd_ucs2=wide)).start()
    rig.ask('+CUSD=1,"*888#",15')
    assert (USSD, text) in rig.told


def test_a_menu_is_left():
    rig = HostRig().start()
    written = []
    rig.engine.receive(b'\r\n+CUSD: 1,"1.Pulsa\r\n2.Kuota",15\r\n', rig.now_ms)
    actions = rig.engine.take_actions()
    written = [action[1] for action in actions if action[0] == WRITE]
    assert (USSD, "1.Pulsa\n2.Kuota") in actions
    assert written == [b"AT+CUSD=2\r"]


def test_an_answer_without_end_does_not_hold_up_the_rest():
    rig = HostRig().start()
    rig.engine.receive(b'\r\n+CUSD: 0,"' + b"x\r\n" * 50, rig.now_ms)
    rig.run(1_000)
    assert rig.send()
    rig.run(5_000)
    assert len(rig.outcomes) == 1


def test_the_operator():
    rig = HostRig().start()
    rig.ask("+COPS?")
    assert (ANSWERED, "+COPS?", ['+COPS: 0,0,"Telkomsel",7']) in rig.told


def test_an_unanswered_question_ends_and_the_engine_goes_on():
    rig = HostRig().start()
    rig.modem.faults.hung = True
    rig.engine.ask("+COPS?", rig.now_ms)
    rig.run(30_000)
    assert (ANSWERED, "+COPS?", None) in rig.told
    rig.run(90_000)
    assert rig.engine.ready


def test_a_message_has_the_time_when_it_was_sent():
    rig = HostRig().start()
    sent_ms = rig.modem.epoch_ms + rig.now_ms
    rig.text_it("K1XYZ")
    rig.run(3_000)
    (received,) = [action for action in rig.told if action[0] == RECEIVED]
    assert received[1:4] == (1, PHONE, "K1XYZ")
    assert received[4] == sent_ms // 1000 * 1000


@pytest.mark.parametrize(
    ("field", "at_ms"),
    [
        ("26/11/22,15:04:05+28", 1_795_334_645_000),
        ("26/11/22,08:04:05+00", 1_795_334_645_000),
        ("26/11/22,04:04:05-16", 1_795_334_645_000),
        ("26/13/22,15:04:05+28", None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_time_stamps(field, at_ms):
    assert sent_at_ms(field) == at_ms


def test_text_in_either_alphabet():
    assert plain("K1ABC") == "K1ABC"
    assert plain("a\x00b") == "a@b"
    assert plain(encode_ucs2("Tolong 救命")) == "Tolong 救命"
    assert plain("0812") == "0812"


@given(st.text(max_size=60))
def test_alphabets_go_there_and_back(text):
    wide = "".join(character for character in text if ord(character) < 0xD800)
    assert decode_ucs2(encode_ucs2(wide)) == (wide or None)
    if fits_gsm(text):
        septets = encode_gsm(text)
        assert decode_gsm(septets) == text
        assert unpack_septets(pack_septets(septets), len(septets)) == septets


@given(st.binary(max_size=60))
def test_any_septets_are_text(raw):
    assert isinstance(decode_gsm(raw), str)


def test_random_lines_never_raise():
    random = Random(20_261_122)
    engine = HostEngine()
    engine.power_on(0)
    alphabet = b'\r\n+CUSD:01," ,15OKERROR>ATCMGL\x00\xff'
    for now_ms in range(0, 300_000, 100):
        engine.receive(bytes(random.choices(alphabet, k=random.randint(0, 40))), now_ms)
        if now_ms % 1_000 == 0:
            engine.ask("+COPS?", now_ms)
        engine.tick(now_ms)
        engine.take_actions()
