"""A modem that says what a test tells it to, for the AT engine; runs on both interpreters."""

from typing import TYPE_CHECKING

from kentongan_wire.at_engine import FAILED, POWER_KEY, SENT, STATE, UNKNOWN, WRITE, AtEngine

if TYPE_CHECKING:
    from typing import Any

NUMBER = "+6281100000001"
STAMP = "26/11/22,15:04:05+28"

# What a well-behaved modem answers to what begins so; the longest beginning counts.
ANSWERS: "dict[str, Any]" = {
    "AT": "\r\nOK\r\n",
    "AT+CPIN?": "\r\n+CPIN: READY\r\n\r\nOK\r\n",
    "AT+CREG?": "\r\n+CREG: 0,1\r\n\r\nOK\r\n",
    "AT+CEREG?": "\r\n+CEREG: 0,0\r\n\r\nOK\r\n",
    "AT+CSQ": "\r\n+CSQ: 20,99\r\n\r\nOK\r\n",
    'AT+CMGS="': "\r\n> ",
    "K1": "\r\n+CMGS: 7\r\n\r\nOK\r\n",
}


class Dialogue:
    """An engine and its modem, under a clock of the test's own.

    Attributes:
        answers: what the modem says to what begins so; "" for nothing; a list is used up one by one.
        written: the commands and texts, without the line's end.
        outcomes: SENT, FAILED and UNKNOWN actions.
        received: RECEIVED actions.
        keys: how long the power key was held, one after the other.
    """

    def __init__(self, pin=""):
        self.engine = AtEngine(pin)
        self.now_ms = 0
        self.answers = dict(ANSWERS)
        self.written = []
        self.outcomes = []
        self.received = []
        self.keys = []
        self.states = []
        self.split = 0  # 1: every byte by itself

    def start(self, until_ms=5_000):
        self.engine.power_on(self.now_ms)
        self._act()
        self.run(until_ms)
        return self

    def say(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        if self.split:
            for index in range(len(data)):
                self.engine.receive(data[index : index + 1], self.now_ms)
        else:
            self.engine.receive(data, self.now_ms)
        self._act()

    def run(self, for_ms):
        """Let time pass; never more than the engine asked for."""
        until_ms = self.now_ms + for_ms
        steps = 0
        while self.engine.next_deadline() <= until_ms:
            self.now_ms = max(self.now_ms, self.engine.next_deadline())
            self.engine.tick(self.now_ms)
            self._act()
            steps += 1
            assert steps <= 1 + for_ms // 10, "it spins"
        self.now_ms = until_ms

    def send(self, text="K1AB", token="t", number=NUMBER):
        taken = self.engine.send(token, number, text, self.now_ms)
        self._act()
        return taken

    def stored(self, index):
        self.engine.stored(index, self.now_ms)
        self._act()

    def forget(self):
        del self.written[:]
        del self.states[:]

    def _act(self):
        while True:
            actions = self.engine.take_actions()
            if not actions:
                return
            for action in actions:
                if action[0] == WRITE:
                    self._written(action[1])
                elif action[0] == POWER_KEY:
                    self.keys.append(action[1])
                elif action[0] == STATE:
                    self.states.append(action[1])
                elif action[0] in (SENT, FAILED, UNKNOWN):
                    self.outcomes.append(action)
                else:
                    self.received.append(action[1:])

    def _written(self, raw):
        text = raw.decode().rstrip("\r\x1a")
        self.written.append(text)
        best = ""
        for start in self.answers:
            if text.startswith(start) and len(start) > len(best):
                best = start
        if not best:
            return
        answer = self.answers[best]
        if isinstance(answer, list):
            answer = answer.pop(0) if answer else ""
        if answer:
            self.say(answer)


def stores(dialogue, messages):
    """Lets the modem hold messages: place → (sender, text)."""
    dialogue.answers["AT+CMGL"] = (
        "\r\n"
        + "".join(
            [
                f'+CMGL: {place},"REC READ","{messages[place][0]}","","{STAMP}"\r\n{messages[place][1]}\r\n'
                for place in sorted(messages)
            ]
        )
        + "\r\nOK\r\n"
    )
    for place in range(40):
        answer = "\r\n+CMS ERROR: 321\r\n"
        if place in messages:
            sender, text = messages[place]
            answer = f'\r\n+CMGR: "REC UNREAD","{sender}","","{STAMP}"\r\n{text}\r\n\r\nOK\r\n'
        dialogue.answers[f"AT+CMGR={place}"] = answer
