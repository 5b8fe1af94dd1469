"""Dialogues between the AT engine and a modem; also run on the device's interpreter."""

from kentongan_wire import at_steps as at
from kentongan_wire.at_engine import (
    FAULT_NO_SIM,
    FAULT_NONE,
    FAULT_NOT_REGISTERED,
    FAULT_PIN,
    FAULT_SILENT,
    SENT,
    STATE_READY,
    STATE_SEARCHING,
    STATE_STARTING,
)
from kentongan_wire.press import SIGNAL_UNKNOWN_DBM
from tests.support.at_dialogue import Dialogue, stores

BOOT_MS = 11_000


# --- preparation -----------------------------------------------------------------------------------


def test_prepares_a_modem_that_is_on():
    dialogue = Dialogue().start()
    assert dialogue.written[:12] == [
        "\x1b",
        "AT",
        "ATE0",
        "AT+CMEE=1",
        "AT+CPIN?",
        'AT+CPMS="SM","SM","SM"',
        "AT+CMGF=1",
        'AT+CSCS="GSM"',
        "AT+CSMP=17,167,0,0",
        "AT+CNMI=2,1,0,0,0",
        "AT+CREG?",
        "AT+CEREG?",
    ]
    assert dialogue.engine.ready
    assert dialogue.engine.state == STATE_READY
    assert dialogue.engine.fault == FAULT_NONE
    assert dialogue.engine.signal_dbm == -73


def test_every_split_of_every_answer_is_understood():
    dialogue = Dialogue()
    dialogue.split = 1
    stores(dialogue, {3: ("+62811", "K1XYZ")})
    dialogue.start()
    assert dialogue.engine.ready
    assert dialogue.received == [(1, "+62811", "K1XYZ")]
    assert dialogue.send()
    dialogue.run(1_000)
    assert dialogue.outcomes == [(SENT, "t", 7)]


def test_echo_is_looked_through():
    dialogue = Dialogue()
    for start in list(dialogue.answers):
        if start != "K1":
            echo = start + ('+62"' if start.endswith('"') else "")
            dialogue.answers[start] = echo + "\r" + dialogue.answers[start]
    dialogue.answers["K1"] = "K1AB" + dialogue.answers["K1"]
    dialogue.start()
    assert dialogue.engine.ready
    assert dialogue.send()
    assert dialogue.outcomes == [(SENT, "t", 7)]


def test_registration_in_either_network_will_do():
    for creg, cereg, ready in (
        ("0,1", "0,0", True),
        ("0,0", "0,5", True),
        ("0,6", "0,0", True),
        ("0,2", "0,7", True),
        ('2,1,"00C3","1A2B"', "0,0", True),
        ('1,"00C3","1A2B"', "0,0", True),
        ("0,0", "0,0", False),
        ("0,2", "0,3", False),
        ("0,4", "0,8", False),
        ("1,0", "0,11", False),
        ("", "", False),
    ):
        dialogue = Dialogue()
        dialogue.answers["AT+CREG?"] = f"\r\n+CREG: {creg}\r\n\r\nOK\r\n"
        dialogue.answers["AT+CEREG?"] = f"\r\n+CEREG: {cereg}\r\n\r\nOK\r\n"
        dialogue.start()
        assert dialogue.engine.ready == ready, (creg, cereg)
        assert dialogue.engine.state == (STATE_READY if ready else STATE_SEARCHING)


def test_a_modem_without_lte_or_signal_is_ready():
    dialogue = Dialogue()
    dialogue.answers["AT+CEREG?"] = "\r\nERROR\r\n"
    dialogue.answers["AT+CSQ"] = "\r\n+CSQ: 99,99\r\n\r\nOK\r\n"
    dialogue.start()
    assert dialogue.engine.ready
    assert dialogue.engine.signal_dbm == SIGNAL_UNKNOWN_DBM


def test_no_network_becomes_a_fault_and_ends_it():
    dialogue = Dialogue()
    dialogue.answers["AT+CREG?"] = "\r\n+CREG: 0,2\r\n\r\nOK\r\n"
    dialogue.start(at.SEARCH_MS - 5_000)
    assert dialogue.engine.fault == FAULT_NONE
    dialogue.run(10_000)
    assert dialogue.engine.fault == FAULT_NOT_REGISTERED
    assert not dialogue.send()
    dialogue.answers["AT+CREG?"] = "\r\n+CREG: 0,5\r\n\r\nOK\r\n"
    dialogue.run(at.SEARCH_POLL_MS)
    assert dialogue.engine.ready
    assert dialogue.engine.fault == FAULT_NONE


def test_a_network_that_goes_is_noticed_within_45_s():
    dialogue = Dialogue().start()
    dialogue.answers["AT+CREG?"] = "\r\n+CREG: 0,0\r\n\r\nOK\r\n"
    dialogue.run(at.POLL_MS)
    assert dialogue.engine.state == STATE_SEARCHING
    dialogue.run(at.SEARCH_MS)
    assert dialogue.engine.fault == FAULT_NOT_REGISTERED


def test_without_a_network_for_long_it_is_switched_off_and_on():
    dialogue = Dialogue()
    dialogue.answers["AT+CREG?"] = "\r\n+CREG: 0,2\r\n\r\nOK\r\n"
    dialogue.start(at.STUCK_MS + 10_000)
    assert dialogue.keys == [at.KEY_OFF_MS]
    assert dialogue.engine.fault == FAULT_NOT_REGISTERED


def test_a_sim_that_is_not_found_for_long_or_a_preparation_that_never_ends_switches_it_off_and_on():
    for command, answer in (("AT+CPIN?", "\r\n+CME ERROR: 13\r\n"), ("AT+CNMI", "\r\nERROR\r\n")):
        dialogue = Dialogue()
        well = dialogue.answers.get(command, "\r\nOK\r\n")
        dialogue.answers[command] = answer
        dialogue.start(20_000)
        for _ in range(at.STUCK_MS // 20_000):
            del dialogue.written[:]  # the interpreter of the buttons has no room for all
            dialogue.run(20_000)
        assert dialogue.keys == [at.KEY_OFF_MS]
        dialogue.answers[command] = well
        dialogue.run(10_000)
        assert dialogue.engine.ready


def test_a_sim_whose_pin_is_wrong_is_not_switched_off_and_on_for_that():
    dialogue = asks(Dialogue(pin="9999"), "1234").start(2 * at.STUCK_MS)
    assert dialogue.keys == []


def test_a_sim_that_is_busy_is_waited_for():
    dialogue = Dialogue()
    ready = dialogue.answers["AT+CPIN?"]
    dialogue.answers["AT+CPIN?"] = ["\r\n+CME ERROR: 14\r\n", "\r\n+CME ERROR: 10\r\n", ready]
    dialogue.start()
    assert dialogue.engine.ready
    assert dialogue.engine.fault == FAULT_NONE


def test_no_sim_is_a_fault_until_there_is_one():
    dialogue = Dialogue()
    ready = dialogue.answers["AT+CPIN?"]
    dialogue.answers["AT+CPIN?"] = "\r\n+CME ERROR: 10\r\n"
    dialogue.start(20_000)
    assert dialogue.engine.fault == FAULT_NO_SIM
    dialogue.answers["AT+CPIN?"] = ready
    dialogue.run(5_000)
    assert dialogue.engine.ready
    assert dialogue.engine.fault == FAULT_NONE


def test_an_error_in_the_preparation_begins_it_again():
    dialogue = Dialogue()
    dialogue.answers["AT+CMGF=1"] = ["\r\n+CMS ERROR: 310\r\n", "\r\nOK\r\n"]
    dialogue.start(1_000)
    assert not dialogue.engine.ready
    dialogue.run(at.AGAIN_MS)
    assert dialogue.engine.ready


def test_a_modem_that_never_gets_ready_is_a_fault():
    dialogue = Dialogue()
    dialogue.answers["AT+CNMI"] = "\r\nERROR\r\n"
    dialogue.start(45_000)
    assert dialogue.engine.fault == FAULT_NOT_REGISTERED


# --- the SIM's PIN ---------------------------------------------------------------------------------


def asks(dialogue, pin, tries=3):
    """A SIM that wants this PIN."""
    dialogue.answers["AT+CPIN?"] = "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"
    dialogue.answers["AT+SPIC"] = f"\r\n+SPIC: {tries},10,0,10\r\n\r\nOK\r\n"
    dialogue.answers['AT+CPIN="'] = "\r\n+CME ERROR: 16\r\n"
    dialogue.answers[f'AT+CPIN="{pin}"'] = "\r\nOK\r\n"
    return dialogue


def pins(dialogue):
    return [line for line in dialogue.written if line.startswith('AT+CPIN="')]


def test_the_pin_is_entered():
    dialogue = asks(Dialogue(pin="1234"), "1234")
    dialogue.answers["AT+CPIN?"] = [
        "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n",
        "\r\n+CME ERROR: 14\r\n",
        "\r\n+CPIN: READY\r\n\r\nOK\r\n",
    ]
    dialogue.start()
    assert pins(dialogue) == ['AT+CPIN="1234"']
    assert dialogue.engine.ready


def test_a_wrong_pin_is_entered_once_ever():
    dialogue = asks(Dialogue(pin="9999"), "1234").start(60_000)
    assert dialogue.engine.fault == FAULT_PIN
    dialogue.say("\r\nRDY\r\n")
    dialogue.run(60_000)
    dialogue.start(60_000)
    assert pins(dialogue) == ['AT+CPIN="9999"']
    assert dialogue.engine.fault == FAULT_PIN
    assert not dialogue.engine.ready


def counts(*tries):
    """What it says of the tries that are left, one answer after the other; the last one stands."""
    answers = [f"\r\n+SPIC: {left},10,0,10\r\n\r\nOK\r\n" for left in tries]
    return answers + answers[-1:] * 100


def test_a_sim_that_was_mended_is_opened_without_a_restart_of_the_board():
    dialogue = asks(Dialogue(pin="1234"), "4321")  # somebody has put in another one
    dialogue.answers["AT+SPIC"] = counts(3, 2)
    dialogue.start(60_000)
    assert pins(dialogue) == ['AT+CPIN="1234"']
    assert dialogue.engine.fault == FAULT_PIN
    asks(dialogue, "1234")
    asked = "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"
    dialogue.answers["AT+CPIN?"] = [asked] * at.PIN_LOOKS + ["\r\n+CPIN: READY\r\n\r\nOK\r\n"]
    dialogue.run((at.PIN_LOOKS + 1) * at.POLL_MS)
    assert len(pins(dialogue)) == 2
    assert dialogue.engine.ready
    assert dialogue.engine.fault == FAULT_NONE


def test_a_pin_that_is_refused_again_costs_one_try_each_time_the_sim_is_mended():
    dialogue = asks(Dialogue(pin="9999"), "1234")
    dialogue.answers["AT+SPIC"] = counts(3, 2, 3, 3, 2)
    dialogue.start(20 * at.POLL_MS)
    assert len(pins(dialogue)) == 2


def test_a_digit_that_noise_made_of_another_costs_no_try():
    dialogue = asks(Dialogue(pin="9999"), "1234")
    dialogue.answers["AT+SPIC"] = counts(3, 2, 3, 2, 3, "\xff", 2, "\xff", "", 3, 2)
    dialogue.start(20 * at.POLL_MS)
    assert pins(dialogue) == ['AT+CPIN="9999"']


def test_an_accepted_pin_is_entered_after_every_boot_of_the_modem():
    dialogue = asks(Dialogue(pin="1234"), "1234")
    asked = "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"
    ready = "\r\n+CPIN: READY\r\n\r\nOK\r\n"
    dialogue.answers["AT+CPIN?"] = [asked, ready, asked, ready]
    dialogue.start()
    dialogue.say("\r\nRDY\r\n")
    dialogue.run(5_000)
    assert len(pins(dialogue)) == 2
    assert dialogue.engine.ready


def test_no_try_where_one_was_lost_before():
    dialogue = asks(Dialogue(pin="1234"), "1234", tries=2).start(30_000)
    assert pins(dialogue) == []
    assert dialogue.engine.fault == FAULT_PIN


def test_no_try_where_the_modem_cannot_count_them_or_boards_that_restart_would_block_the_sim():
    for _ in range(3):  # boots of a board, each with an engine that knows nothing of the one before
        dialogue = asks(Dialogue(pin="9999"), "1234")
        dialogue.answers["AT+SPIC"] = "\r\nERROR\r\n"
        dialogue.start(60_000)
        assert pins(dialogue) == []
        assert dialogue.engine.fault == FAULT_PIN


def test_a_count_that_failed_in_passing_is_asked_for_again():
    dialogue = asks(Dialogue(pin="1234"), "1234")
    asked = "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"
    dialogue.answers["AT+CPIN?"] = [asked, asked, "\r\n+CPIN: READY\r\n\r\nOK\r\n"]
    dialogue.answers["AT+SPIC"] = ["\r\n+CME ERROR: 14\r\n", dialogue.answers["AT+SPIC"]]
    dialogue.start(at.POLL_MS + 5_000)
    assert pins(dialogue) == ['AT+CPIN="1234"']
    assert dialogue.engine.ready


def test_no_pin_configured_and_puk_are_faults():
    dialogue = asks(Dialogue(), "1234").start()
    assert (pins(dialogue), dialogue.engine.fault) == ([], FAULT_PIN)
    dialogue = asks(Dialogue(pin="1234"), "1234")
    dialogue.answers["AT+CPIN?"] = "\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n"
    dialogue.start()
    assert (pins(dialogue), dialogue.engine.fault) == ([], FAULT_PIN)


def test_a_pin_that_somebody_else_entered_ends_the_fault():
    dialogue = asks(Dialogue(), "1234").start()
    dialogue.answers["AT+CPIN?"] = "\r\n+CPIN: READY\r\n\r\nOK\r\n"
    dialogue.run(at.POLL_MS + 1_000)
    assert dialogue.engine.fault == FAULT_NONE
    assert dialogue.engine.ready


# --- silence ---------------------------------------------------------------------------------------


def silence(dialogue):
    for start in dialogue.answers:
        dialogue.answers[start] = ""


def test_a_modem_that_is_off_is_switched_on_which_is_no_fault():
    dialogue = Dialogue()
    answers = dict(dialogue.answers)
    silence(dialogue)
    dialogue.start(at.ALIVE_TRIES * 1_000 + 500)
    assert dialogue.keys == [at.KEY_ON_MS]
    dialogue.run(BOOT_MS)
    assert dialogue.engine.fault == FAULT_NONE
    dialogue.answers = answers
    dialogue.say("\r\nRDY\r\n")
    dialogue.run(3_000)
    assert dialogue.engine.ready


def test_a_dead_modem_is_noticed_within_45_s_and_its_key_pressed():
    dialogue = Dialogue().start()
    silence(dialogue)
    dialogue.run(at.POLL_MS + at.ANSWER_S * 1000)
    assert dialogue.engine.state == STATE_STARTING
    dialogue.run(45_000 - at.POLL_MS - at.ANSWER_S * 1000)
    assert dialogue.engine.fault == FAULT_SILENT
    assert dialogue.keys[:1] == [at.KEY_ON_MS]


def test_the_power_key_is_pressed_by_turns_and_ever_less_often():
    dialogue = Dialogue().start()
    silence(dialogue)
    dialogue.run(120_000)
    assert dialogue.keys[:4] == [at.KEY_ON_MS, at.KEY_OFF_MS, at.KEY_ON_MS, at.KEY_OFF_MS]
    before = len(dialogue.keys)
    dialogue.run(3_600_000)
    assert 20 <= len(dialogue.keys) - before <= 40
    assert dialogue.engine.fault == FAULT_SILENT


def test_a_modem_that_comes_back_is_ready_again():
    dialogue = Dialogue().start()
    answers = dict(dialogue.answers)
    silence(dialogue)
    dialogue.run(60_000)
    assert dialogue.engine.fault == FAULT_SILENT
    dialogue.answers = answers
    dialogue.run(10_000)
    assert dialogue.engine.ready
    assert dialogue.engine.fault == FAULT_NONE


def test_lines_without_end_take_bounded_memory():
    dialogue = Dialogue().start()
    for _ in range(100):
        dialogue.engine.receive(b"x" * 200, dialogue.now_ms)
        assert len(dialogue.engine._rest) <= at.LINE_MAX
    dialogue.say("\r\n")
    assert dialogue.send()
    assert dialogue.outcomes == [(SENT, "t", 7)]


def test_nothing_before_power_on():
    dialogue = Dialogue()
    dialogue.engine.tick(1_000_000)
    dialogue.say("\r\nOK\r\n")
    assert not dialogue.send()
    assert dialogue.written == []
