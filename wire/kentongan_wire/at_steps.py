"""What `at_engine` asks of a modem, how long it waits for what, and what answers mean."""

QUIET_MS = 100  # silence that ends a text; a USB adapter holds bytes back for 16 ms
ANSWER_S = 5  # for ordinary commands; they answer in 0.1 s
ALIVE_S = 1  # for AT, which is answered at once or not at all
ALIVE_TRIES = 5  # unanswered AT before the power key
LIST_ANSWER_S = 10  # a SIM with 50 messages is read in about 5 s
SEND_S = 40  # +CMGS may take so long (FACTS)
POLL_MS = 15_000  # with ANSWER_S and ALIVE_TRIES a dead modem is noticed in 26 s (NUMBERS: target 45 s)
SEARCH_POLL_MS = 3_000  # the same while there is no network: somebody waits for it
LIST_MS = 60_000  # messages are looked for every minute even when nothing announced one (FACTS)
MORE_MS = 2_000  # until the next look when there were more than READS_MAX
AGAIN_MS = 2_000  # after an error in the preparation: a SIM that is busy needs about this long
SEARCH_MS = 30_000  # without a network until it is a fault: with POLL_MS within 45 s (NUMBERS: target)
NO_SIM_TRIES = 6  # times AGAIN_MS: a SIM is found within 10 s of the modem's start
STUCK_MS = 600_000  # without a SIM or a network until the modem is switched off and on
KEY_ON_MS = 1_000  # starts a modem that is off, does nothing to one that is on (SIMCom: 50 ms…2.5 s)
KEY_OFF_MS = 3_000  # switches off, also a hung one (SIMCom: at least 2.5 s)
BOOT_TRIES = 15  # AT a second after the start: 11 s from power to UART (FACTS)
BOOT_DOUBLINGS = 4  # each time it did not help: a dead modem is switched off and on every 4 minutes
PIN_TRIES = "3"  # that the SIM must still allow: with fewer, somebody has tried a wrong one before
PIN_LOOKS = 2  # in a row that find all tries back: one digit that noise changed costs a SIM none

READS_MAX = 20  # messages noted at a time; the others are found by the next look
LINE_MAX = 320  # bytes of a line: a text of 70 characters outside the alphabet takes 280
LINES_MAX = 24  # of one message; a text of more lines is cut

ERROR = 500  # a plain ERROR, as 3GPP TS 27.005 §3.2.5 numbers what is unknown
CME = 1_000  # added to the numbers of +CME ERROR, which mean something else than those of +CMS ERROR
NONE = -1  # no final answer

# 3GPP TS 24.011 annex E, 27.005 §3.2.5, 27.007 §9.2.
REROUTE_CODES = (1, 8, 10, 21, 27, 28, 29, 30, 50, 69, 111, 330)  # number, subscription or service centre
WAIT_CODES = (17, 22, 38, 41, 42, 47, 331, 332, CME + 30, CME + 31, CME + 32)  # congestion, no network

REGISTERED = ("1", "5", "6", "7")  # at home, roaming, and the same for SMS only (27.007 §10.1.20)
# Unsolicited lines that may stand in the middle of a text: whole, or their first six characters.
UNSOLICITED = ("RDY", "RING", "SMS DONE", "PB DONE", "+CREG:", "+CEREG", "+CGEV:", "+CPIN:")

# Steps
ALIVE = 0
SIM = 3
TRIES = 4
PIN = 5
STORAGE = 6
NETWORK = 11
LTE = 12
SIGNAL = 13
LIST = 14
READ = 15
DELETE = 16
PROMPT = 17
BODY = 18
IDLE = 19  # no command: nothing to do before the next poll or look

# (command without "AT", how long its answer may take, next step after OK, after an error). Silence leads to ALIVE.
STEPS = (
    ("", ALIVE_S, 1, ALIVE),
    ("E0", ANSWER_S, 2, ALIVE),
    ("+CMEE=1", ANSWER_S, SIM, ALIVE),
    ("+CPIN?", ANSWER_S, STORAGE, SIM),  # TRIES when it asks for the PIN
    ("+SPIC", ANSWER_S, PIN, SIM),  # PIN only when none was lost: whoever restarts for ever must not block the SIM
    ('+CPIN="%s"', ANSWER_S, SIM, SIM),
    ('+CPMS="SM","SM","SM"', ANSWER_S, 7, ALIVE),
    ("+CMGF=1", ANSWER_S, 8, ALIVE),
    ('+CSCS="GSM"', ANSWER_S, 9, ALIVE),
    ("+CSMP=17,167,0,0", ANSWER_S, 10, ALIVE),
    ("+CNMI=2,1,0,0,0", ANSWER_S, NETWORK, ALIVE),
    ("+CREG?", ANSWER_S, LTE, LTE),
    ("+CEREG?", ANSWER_S, SIGNAL, SIGNAL),
    ("+CSQ", ANSWER_S, IDLE, IDLE),
    ('+CMGL="ALL"', LIST_ANSWER_S, IDLE, ALIVE),
    ("+CMGR=%s", ANSWER_S, IDLE, IDLE),
    ("+CMGD=%s", ANSWER_S, IDLE, IDLE),
    ('+CMGS="%s"', ANSWER_S, BODY, ALIVE),  # its OK is the prompt
    ("+CMGS", SEND_S, IDLE, ALIVE),  # the text itself
)


def final_code(line: str) -> int:
    """0 for OK, the number of an error, NONE for a line that ends nothing."""
    if line == "OK":
        return 0
    if line == "ERROR":
        return ERROR
    if line[:3] != "+CM" or line[4:11] != " ERROR:":
        return NONE
    number = line[11:].strip()
    if not number.isdigit():
        return ERROR
    return int(number) + (CME if line[3] == "E" else 0)


def pin_looks(looks: int, left: str) -> int:
    """Looks at a SIM that must still find all its tries until the PIN is entered; 0: enter it, or it was.

    A PIN that was refused is not entered again, unless the SIM was seen to have lost a try and then has them
    all back: somebody has mended it, or put in another one. A modem that always says the same gets one try.

    Args:
        looks: before this one.
        left: digit of the tries that are left; "" or noise for a look that found none.
    """
    if "0" <= left < PIN_TRIES:
        return PIN_LOOKS
    return looks - 1 if looks and PIN_TRIES <= left <= "9" else looks


def plain_text(text: str) -> bytes:
    """What means the same in ASCII and in the GSM alphabet (3GPP TS 23.038 §6.2.1), "?" for the rest."""
    out = bytearray(b"?" * len(text))  # no list: a button's heap in pieces has no room for 160 places in a row
    for at, c in enumerate(text):
        if "a" <= c <= "z" or (" " <= c <= "Z" and c not in "$@"):
            out[at] = ord(c)
    return bytes(out)


def letters(line: bytes) -> str:
    """A line of the modem, "?" for what is not ASCII: noise, or a text that is none of ours."""
    raw = bytearray(line)
    for at, byte in enumerate(raw):  # no list here, either
        if byte > 127:
            raw[at] = 63
    return str(raw, "ascii")
