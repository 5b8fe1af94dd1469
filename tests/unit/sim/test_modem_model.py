"""The emulated modem, as its own user sees it and as the AT engine does."""

from __future__ import annotations

from random import Random

import pytest

from kentongan_sim.modem import pdu
from kentongan_sim.modem.faults import SendFault
from kentongan_sim.modem.model import ModemModel, Timing
from kentongan_sim.modem.sim_card import SimCard
from kentongan_sim.modem.sms_network import PROMPT, SmsNetwork
from kentongan_wire.at_engine import (
    FAILED,
    FAULT_NO_SIM,
    FAULT_NONE,
    FAULT_NOT_REGISTERED,
    FAULT_PIN,
    FAULT_SILENT,
    FAULT_STORAGE,
    REROUTE,
    RETRY,
    SENT,
    UNKNOWN,
    WAIT,
)
from tests.support.modem_rig import NUMBER, PHONE, Rig

URCS = ("RDY2", "+CPIN: READY", "+CREG: 1", "+CEREG: 5", "+CGEV: ME DETACH", "SMS DONE", "PB DONE", "RING", "\xff\x80?")


class Terminal:
    """Somebody who types."""

    def __init__(self, sim=None, **options):
        self.network = SmsNetwork(Random(1), PROMPT)
        self.phone = self.network.add_phone(PHONE)
        self.modem = ModemModel(sim or SimCard(NUMBER), self.network, random=Random(2), **options)
        self.now_ms = 10_000

    def type(self, text, wait_ms=5_000):
        self.modem.receive(text.encode("latin-1"), self.now_ms)
        return self.listen(wait_ms)

    def listen(self, wait_ms=5_000):
        self.now_ms += wait_ms
        self.network.tick(self.now_ms)
        self.modem.tick(self.now_ms)
        return self.modem.take_output().decode("latin-1")


def test_echo_and_verbose_answers():
    terminal = Terminal()
    assert terminal.type("AT\r") == "AT\r\r\nOK\r\n"
    assert terminal.type("ATE0\r") == "ATE0\r\r\nOK\r\n"
    assert terminal.type("AT+CMGF=1;+CSQ\r") == "\r\n+CSQ: 20,99\r\n\r\nOK\r\n"
    assert terminal.type("AT+NONSENSE\r") == "\r\nERROR\r\n"
    terminal.type("AT+CMEE=1\r")
    assert terminal.type("AT+NONSENSE\r") == "\r\n+CME ERROR: 4\r\n"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("ATI", "Model: A7670E-LASE"),
        ("AT+CGMI", "SIMCOM"),
        ("AT+CGMM", "A7670E"),
        ("AT+CGSN", "86700000000000"),
        ("AT+CIMI", "51010"),
        ("AT+CSCA?", "+CSCA: "),
        ("AT+CREG?", "+CREG: 0,1"),
        ("AT+CEREG?", "+CEREG: 0,1"),
        ("AT+COPS?", "Telkomsel"),
        ("AT+CPIN?", "READY"),
        ("AT+SPIC", "+SPIC: 3,10"),
        ("AT+CPMS?", '"SM",0,20'),
        ("AT+CSCS?", "IRA"),
        ("AT+CLIP=1", "OK"),
    ],
)
def test_answers(command, answer):
    said = Terminal().type(command + "\r")
    assert answer in said
    assert said.endswith("\r\nOK\r\n")


def test_boot_takes_its_time_and_speaks_up():
    terminal = Terminal(powered=False)
    assert terminal.type("AT\r") == ""
    terminal.modem.power_key(1_000, terminal.now_ms)
    assert terminal.listen(10_900) == ""
    said = terminal.listen(5_000)
    assert [line for line in said.split("\r\n") if line] == [
        "RDY",
        "+CPIN: READY",
        "SMS DONE",
        "+CGEV: EPS PDN ACT 1",
        "PB DONE",
    ]


def test_the_long_press_switches_off_and_cpof_too():
    terminal = Terminal()
    terminal.modem.power_key(2_000, terminal.now_ms)
    assert "OK" in terminal.type("AT\r")
    terminal.modem.power_key(2_500, terminal.now_ms)
    assert terminal.type("AT\r") == ""
    terminal = Terminal()
    assert "OK" in terminal.type("AT+CPOF\r")
    assert terminal.type("AT\r") == ""


def test_pin_wrong_pin_and_puk():
    terminal = Terminal(SimCard(NUMBER, pin="1234"))
    terminal.type("ATE0;+CMEE=1\r")
    assert "+CPIN: SIM PIN" in terminal.type("AT+CPIN?\r")
    assert "+CREG: 0,0" in terminal.type("AT+CREG?\r")
    assert "+CMS ERROR: 311" in terminal.type("AT+CMGL=4\r")
    for _ in range(2):
        assert "+CME ERROR: 16" in terminal.type('AT+CPIN="0000"\r')
    assert "+SPIC: 1,10" in terminal.type("AT+SPIC\r")
    assert "+CME ERROR: 12" in terminal.type('AT+CPIN="0000"\r')
    assert "+CPIN: SIM PUK" in terminal.type("AT+CPIN?\r")
    assert "OK" in terminal.type('AT+CPIN="12345678","4321"\r')
    assert "+CREG: 0,1" in terminal.type("AT+CREG?\r", 9_000)


def test_text_mode_to_a_phone_and_back():
    terminal = Terminal()
    terminal.type('ATE0;+CMGF=1;+CSCS="GSM";+CNMI=2,1,0,0,0\r')
    assert terminal.type(f'AT+CMGS="{PHONE}"\r') == "\r\n> "
    assert "+CMGS: 1" in terminal.type("Halo\x1a")
    terminal.listen()
    assert terminal.phone.texts() == ["Halo"]
    terminal.network.submit(PHONE, NUMBER, "K1ABC @", terminal.now_ms)
    assert terminal.listen() == '\r\n+CMTI: "SM",0\r\n'
    said = terminal.type("AT+CMGR=0\r")
    assert f'+CMGR: "REC UNREAD","{PHONE}",""' in said
    assert "K1ABC \x00" in said
    assert '+CMGL: 0,"REC READ"' in terminal.type('AT+CMGL="ALL"\r')
    assert "OK" in terminal.type("AT+CMGD=0\r")
    assert "+CMS ERROR: 321" in terminal.type("AT+CMGR=0\r")


def test_escape_leaves_the_prompt_and_nothing_is_sent():
    terminal = Terminal()
    terminal.type("AT+CMGF=1\r")
    terminal.type(f'AT+CMGS="{PHONE}"\r')
    assert terminal.type("Halo\x1b").endswith("\r\nOK\r\n")
    assert terminal.phone.texts() == []


def test_pdu_mode():
    terminal = Terminal()
    terminal.type("ATE0\r")
    tpdu = "01000D91" + "265805000000F9"[:14] + "0000" + "05" + "C8329BFD06"
    assert terminal.type(f"AT+CMGS={len(tpdu) // 2}\r") == "\r\n> "
    said = terminal.type("00" + tpdu + "\x1a")
    assert "+CMGS: " in said, said
    terminal.listen()
    assert terminal.phone.texts() == ["Hello"]
    terminal.network.submit(PHONE, NUMBER, "Bantuan €5", terminal.now_ms)
    terminal.listen()
    said = terminal.type("AT+CMGL=4\r")
    assert "+CMGL: 0,0,," in said


@pytest.mark.parametrize("text", ["Halo", "a@b_c{€}", "Tolong 救命", "x" * 160])
def test_a_delivered_pdu_holds_the_text(text):
    length, digits = pdu.deliver(PHONE, text, 1_779_000_000_000)
    raw = bytes.fromhex(digits)
    assert len(raw) == length + 1
    coding, count, data = raw[12], raw[20], raw[21:]
    assert pdu._text(0, coding, count, data) == text


@pytest.mark.parametrize(("digits", "length"), [("", 0), ("zz", 1), ("00", 5), ("0001", 1), ("00" * 30, 29)])
def test_no_submit_is_refused(digits, length):
    with pytest.raises(pdu.PduError):
        pdu.parse_submit(digits, length)


def test_ussd():
    sim = SimCard(NUMBER, ussd={"*888#": "Pulsa Rp25.000"})
    terminal = Terminal(sim)
    terminal.type('AT+CSCS="GSM"\r')
    said = terminal.type('AT+CUSD=1,"*888#",15\r')
    assert '+CUSD: 0,"Pulsa Rp25.000",15' in said
    sim.ussd_ucs2 = True
    assert '+CUSD: 0,"00500075' in terminal.type('AT+CUSD=1,"*888#",15\r')


def test_a_full_sim_makes_the_network_wait():
    terminal = Terminal(SimCard(NUMBER, capacity=1))
    terminal.type("ATE0;+CMGF=1;+CNMI=2,1,0,0,0\r")
    for text in ("one", "two"):
        terminal.network.submit(PHONE, NUMBER, text, terminal.now_ms)
    assert "+SMS FULL" in terminal.listen()
    assert terminal.network.counts["waited"] == 1
    terminal.type("AT+CMGD=0\r")
    assert "+CMTI" in terminal.listen()
    assert "two" in terminal.type("AT+CMGR=0\r")


# --- with the AT engine ----------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [0, 1, 7])
def test_from_cold_to_ready_to_sent_to_received(chunk):
    rig = Rig(powered=False, chunk=chunk).start(40_000)
    assert rig.engine.ready
    assert rig.modem.counts.keys == [1_000]
    assert rig.send("K1ABC")
    rig.run(5_000)
    assert [action[0] for _, action in rig.outcomes] == [SENT]
    assert rig.phone.texts() == ["K1ABC"]
    rig.text_it("K1XYZ")
    rig.run(2_000)
    assert rig.received == ["K1XYZ"]
    assert rig.senders == [PHONE]
    rig.run(1_000)
    assert rig.sim.messages == {}


def test_unsolicited_lines_everywhere():
    rig = Rig(seed=3)
    rig.modem.faults.interject = URCS
    rig.start(30_000)
    assert rig.engine.ready
    assert rig.send()
    rig.run(5_000)
    assert [action[0] for _, action in rig.outcomes] == [SENT]
    rig.text_it("K1XYZ")
    rig.run(10_000)
    assert "K1XYZ" in rig.received


@pytest.mark.parametrize(
    ("fault", "kind", "arrives"),
    [
        (None, SENT, True),
        (SendFault.NO_PROMPT, FAILED, False),
        (SendFault.REBOOT_BEFORE, UNKNOWN, False),
        (SendFault.REBOOT_AFTER, UNKNOWN, True),
        (SendFault.NO_ANSWER, UNKNOWN, True),
        (SendFault.VANISHES, UNKNOWN, False),
    ],
)
def test_each_fault_of_a_send_has_its_outcome_and_the_next_one_goes(fault, kind, arrives):
    rig = Rig().start()
    rig.modem.faults.sends.append(fault)
    rig.send("K1ONE")
    rig.run(60_000)
    assert [action[0] for _, action in rig.outcomes] == [kind]
    assert rig.phone.texts() == (["K1ONE"] if arrives else [])
    rig.run_until(lambda: rig.engine.ready, 60_000)
    rig.send("K1TWO")
    rig.run(10_000)
    assert rig.outcomes[-1][1][0] == SENT
    assert rig.phone.texts()[-1] == "K1TWO"


@pytest.mark.parametrize(("code", "answer"), [(1, REROUTE), (42, WAIT), (331, WAIT), (500, RETRY)])
def test_refusals_by_class(code, answer):
    rig = Rig().start()
    rig.modem.faults.sends.append(code)
    rig.send()
    rig.run(5_000)
    assert rig.outcomes[0][1][1:] == ("t", answer, code)


def test_an_unknown_number_is_rerouted_and_an_outage_waits():
    rig = Rig().start()
    rig.send(number="+6280000000000")
    rig.run(3_000)
    assert rig.outcomes[-1][1][2] == REROUTE
    rig.network.set_outage("Telkomsel", rig.now_ms, out=True)
    rig.run_until(lambda: not rig.engine.ready, 20_000)
    rig.run(40_000)
    assert rig.engine.fault == FAULT_NOT_REGISTERED
    rig.network.set_outage("Telkomsel", rig.now_ms, out=False)
    rig.run(5_000)
    assert rig.engine.ready


def test_a_hung_modem_is_switched_off_and_on():
    rig = Rig().start()
    rig.modem.faults.hung = True
    rig.run(45_000)
    assert rig.engine.fault == FAULT_SILENT
    rig.run(60_000)
    assert rig.engine.ready
    assert rig.engine.fault == FAULT_NONE
    assert rig.modem.counts.keys[:3] == [1_000, 3_000, 1_000]


def test_a_wrong_pin_costs_one_try():
    sim = SimCard(NUMBER, pin="1234")
    rig = Rig(pin="9999", sim=sim).start(60_000)
    assert rig.engine.fault == FAULT_PIN
    rig.modem.reboot(rig.now_ms)
    rig.run(60_000)
    assert Rig(pin="9999", sim=sim).start(60_000).engine.fault == FAULT_PIN
    assert sim.pin_tries == 2


def test_a_sim_with_its_tries_given_back_is_tried_again():
    sim = SimCard(NUMBER, pin="1234", puk="12345678")
    rig = Rig(pin="9999", sim=sim).start(60_000)
    assert rig.engine.fault == FAULT_PIN
    assert sim.unblock("12345678", "9999")
    rig.modem.reboot(rig.now_ms)
    rig.run(90_000)
    assert rig.engine.ready
    assert rig.modem.counts.wrong_pins == 1


def test_the_right_pin_after_every_boot():
    rig = Rig(pin="1234", sim=SimCard(NUMBER, pin="1234")).start(30_000)
    assert rig.engine.ready
    rig.modem.reboot(rig.now_ms)
    rig.run(40_000)
    assert rig.engine.ready


def test_no_sim_and_one_that_is_put_in():
    rig = Rig().start()
    rig.modem.set_sim(None, rig.now_ms)
    rig.run(90_000)
    assert not rig.engine.ready
    assert rig.engine.fault in (FAULT_NO_SIM, FAULT_NOT_REGISTERED)
    rig.modem.set_sim(rig.sim, rig.now_ms)
    rig.run(20_000)
    assert rig.engine.ready


def test_a_full_storage_is_a_fault_that_ends_when_the_texts_are_stored():
    rig = Rig(sim=SimCard(NUMBER, capacity=3))
    rig.storing = False
    rig.start()
    for index in range(5):
        rig.text_it(f"K1 {index}")
    rig.run(20_000)
    assert rig.engine.fault == FAULT_STORAGE
    assert sorted(rig.received) == ["K1 0", "K1 1", "K1 2"]
    rig.storing = True
    rig.run(400_000)
    assert rig.engine.fault == FAULT_NONE
    assert set(rig.received) == {f"K1 {index}" for index in range(5)}
    assert rig.sim.messages == {}


def test_a_reboot_forgets_no_message():
    rig = Rig()
    rig.storing = False
    rig.start()
    rig.text_it("K1ABC")
    rig.run(1_000)
    rig.modem.reboot(rig.now_ms)
    rig.storing = True
    rig.run(40_000)
    assert rig.received == ["K1ABC", "K1ABC"]
    assert rig.sim.messages == {}


def test_the_radio_cut_and_back():
    rig = Rig().start()
    rig.modem.set_radio(rig.now_ms, up=False)
    rig.text_it("K1LATE")
    rig.run(20_000)
    assert not rig.engine.ready
    rig.modem.set_radio(rig.now_ms, up=True)
    rig.run(20_000)
    assert rig.engine.ready
    assert rig.received == ["K1LATE"]


def test_timing_scales():
    assert Timing().scaled(0.1).boot_ms == 1_100
