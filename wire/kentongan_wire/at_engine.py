"""A GSM or LTE modem spoken to by AT commands: SMS out with three outcomes, SMS in without loss. No I/O.

One command is under way at a time; `at_steps.STEPS` is the table of them. Whatever the modem says
in between (unsolicited lines, echoes, noise) is looked through, never waited for. What did not end
well begins again at `AT`; a modem that does not even answer that is switched by its power key.

A text in an answer may look like the answer's end. So while texts are read, an end counts only
when nothing follows it for `QUIET_MS`, and only the last one counts.
"""

from kentongan_wire import at_steps as at
from kentongan_wire.press import SIGNAL_UNKNOWN_DBM

# Kinds of actions, the first item of each tuple.
WRITE = 0  # (WRITE, bytes)
POWER_KEY = 1  # (POWER_KEY, hold_ms)
SENT = 2  # (SENT, token, reference): the network took it, which is not yet *received*
FAILED = 3  # (FAILED, token, RETRY | REROUTE | WAIT, code): it did not go out; code as in at_steps, 0 for none
UNKNOWN = 4  # (UNKNOWN, token): it may have gone out or not
RECEIVED = 5  # (RECEIVED, index, sender, text): until `stored(index)` it stays in the modem
STATE = 6  # (STATE, state): `state`, `ready` or `fault` changed

# What to do about a failed message.
RETRY = 0  # the same again
REROUTE = 1  # not to this number
WAIT = 2  # the network is full or away

STATE_OFF = 0  # before `power_on`
STATE_STARTING = 1  # being prepared, or silent
STATE_SEARCHING = 2  # prepared, but in no network
STATE_READY = 3

FAULT_NONE = 0
FAULT_SILENT = 1
FAULT_NO_SIM = 2
FAULT_PIN = 3  # the SIM's PIN is missing or was refused; not tried again before the SIM has all its tries back
FAULT_NOT_REGISTERED = 4  # of no use for SEARCH_MS, for no other cause
FAULT_STORAGE = 5  # no room for messages; it still works otherwise


class AtEngine:
    """One modem. After each call do what `take_actions()` says; call `tick` at `next_deadline()`.

    Hand in what was received before telling the time: a late `tick` takes silence for an answer.

    Args:
        pin: of the SIM, digits; "" for none. Tried where the SIM lost no try, once until it has its tries back.

    Attributes:
        state: `STATE_…`.
        ready: True when `send` may be tried.
        fault: `FAULT_…`.
        signal_dbm: how strong the network is heard; SIGNAL_UNKNOWN_DBM when the modem cannot tell.
    """

    def __init__(self, pin: str = "") -> None:
        self.state = STATE_OFF
        self.ready = False
        self.fault = FAULT_NONE
        self.signal_dbm = SIGNAL_UNKNOWN_DBM
        self._pin = pin
        self._pin_looks = 1  # `at.pin_looks`
        self._actions: list[tuple[object, ...]] = []
        self._step = at.ALIVE
        self._open = False  # the step's command is under way; else the step waits to begin
        self._due_ms = 0  # when the step ends or begins if nothing happens
        self._bound_ms = 0  # the latest end of the command
        self._rest = b""  # a line that has not ended
        self._said = ""  # the command's own line of the answer
        self._lines: list[str] = []  # of a message that is being read
        self._code = at.NONE  # the newest final answer while a text is read
        self._length = 0  # of `_lines` at that answer
        self._misses = self._keys = 0  # unanswered AT; presses of the power key since the modem answered last
        self._down_ms = 0  # since when it is not ready
        self._up = [False, False]  # registered by +CREG, by +CEREG
        self._full = False
        self._poll_ms = self._list_ms = 0  # when to poll and to look for messages
        self._reads: list[str] = []  # places in the storage to read
        self._deletes: list[str] = []  # places to clear
        self._given: dict[str, list[int]] = {}  # place: index handed out, looks since then
        self._index = 0
        self._sending: tuple[object, str, str] | None = None

    def power_on(self, now_ms: int) -> None:
        """The modem has power, or its port was opened: begin."""
        self._down_ms = now_ms
        self._poll_ms = self._misses = self._keys = 0
        self._rest = b""
        self._restart(now_ms)

    def receive(self, data: bytes, now_ms: int) -> None:
        """Bytes from the modem, split anywhere."""
        lines = (self._rest + data.replace(b"\r", b"\n")).split(b"\n")
        self._rest = lines[-1][: at.LINE_MAX]
        for index in range(len(lines)):
            line = at.letters(lines[index][: at.LINE_MAX])
            if self._open and self._step == at.PROMPT and line[-2:] == "> ":
                self._rest = b""
                self._finish(0, now_ms)
            elif index < len(lines) - 1 and line.strip():
                self._hear(line, line.strip(), now_ms)
        if self._open and self._code != at.NONE:
            self._due_ms = min(now_ms + at.QUIET_MS, self._bound_ms)

    def tick(self, now_ms: int) -> None:
        """Time has passed."""
        if self.state == STATE_OFF or now_ms < self._due_ms:
            return
        if self._open:
            self._finish(self._code, now_ms)
        elif not self.ready and self.fault not in (FAULT_SILENT, FAULT_PIN) and now_ms - self._down_ms >= at.STUCK_MS:
            self._down_ms = now_ms
            self._poll_ms = 0  # silence is expected
            self._keys = 1  # so that it is switched off first
            self._press_key(self.fault, now_ms)
        elif self._step != at.IDLE:
            self._begin(self._step, now_ms)
        else:
            self._work(now_ms)
        if not self.ready and self.fault == FAULT_NONE and now_ms - self._down_ms >= at.SEARCH_MS:
            self._set(self.state, FAULT_NOT_REGISTERED)

    def next_deadline(self) -> int:
        """When to call `tick`; it means something after `power_on`."""
        return self._due_ms

    def send(self, token: object, number: str, text: str, now_ms: int) -> bool:
        """Send a message of at most 160 characters; its outcome carries `token`. False when busy or not ready.

        Characters outside what ASCII and the GSM alphabet share become "?".
        """
        if not self.ready or self._sending:
            return False
        self._sending = (token, number, text)
        if self._step == at.IDLE:
            self._work(now_ms)
        return True

    def stored(self, index: int, now_ms: int) -> None:
        """A received message is on disk: it may go from the modem."""
        for place in list(self._given):
            if self._given[place][0] == index:
                del self._given[place]
                self._deletes.append(place)
        if self._step == at.IDLE:
            self._work(now_ms)

    def take_actions(self) -> "list[tuple[object, ...]]":
        """What is to be done since the last call, in order."""
        actions = self._actions
        self._actions = []
        return actions

    def _set(self, state: int, fault: int) -> None:
        if state != self.state or fault != self.fault:
            self.state = state
            self.fault = fault
            self.ready = state == STATE_READY
            self._actions.append((STATE, state))

    def _restart(self, now_ms: int) -> None:
        """Out of whatever it is in, and from the beginning; the SIM may be another one."""
        self._outcome(at.NONE)
        if self.ready:
            self._down_ms = now_ms
        self._set(STATE_STARTING, FAULT_NONE if self.fault == FAULT_STORAGE else self.fault)
        self._reads, self._deletes, self._given = [], [], {}
        self._list_ms = now_ms
        self._actions.append((WRITE, b"\x1b"))  # out of a prompt
        self._pause(at.ALIVE, now_ms + at.QUIET_MS)

    def _pause(self, step: int, until_ms: int) -> None:
        self._step = step
        self._open = False
        self._due_ms = until_ms

    def _begin(self, step: int, now_ms: int) -> None:
        command, bound_s, _, _ = at.STEPS[step]
        self._pause(step, now_ms + bound_s * 1000)
        self._open = True
        self._bound_ms = self._due_ms
        self._code = at.NONE
        self._said = ""
        self._lines = []
        line, argument = b"", self._pin
        if step == at.READ:
            argument = self._reads[0]
        elif step == at.DELETE:
            argument = self._deletes.pop(0)
        elif self._sending and step >= at.PROMPT:
            argument = self._sending[1]
            if step == at.BODY:
                line = at.plain_text(self._sending[2]) + b"\x1a"
        self._actions.append((WRITE, line or ("AT" + command.replace("%s", argument) + "\r").encode()))

    def _work(self, now_ms: int) -> None:
        """Nothing is under way: what is next?"""
        if self._sending:
            self._begin(at.PROMPT, now_ms)
        elif self._deletes:
            self._begin(at.DELETE, now_ms)
        elif self._reads:
            self._begin(at.READ, now_ms)
        elif now_ms >= self._poll_ms:
            self._begin(at.NETWORK, now_ms)
        elif now_ms >= self._list_ms:
            self._begin(at.LIST, now_ms)
        else:
            self._pause(at.IDLE, min(self._poll_ms, self._list_ms))

    def _hear(self, line: str, text: str, now_ms: int) -> None:
        """A whole line; `text` is without white space around it."""
        step = self._step
        reading = self._open and step in (at.LIST, at.READ)
        if text[:6] == "+CMTI:":
            self._note(text.rsplit(",", 1)[-1])
        elif text[:9] == "+SMS FULL":
            self._full = True
            self._list_ms = now_ms
        elif reading and (text in at.UNSOLICITED or text[:6] in at.UNSOLICITED):
            return
        elif text == "RDY":
            if step != at.ALIVE:  # it booted behind our back
                self._restart(now_ms)
        elif self._open:
            self._answer(line, text, now_ms)
        if self._step == at.IDLE:
            self._work(now_ms)

    def _answer(self, line: str, text: str, now_ms: int) -> None:
        step = self._step
        code = at.final_code(text)
        if code != at.NONE:
            if step not in (at.ALIVE, at.LIST, at.READ):
                if code or step != at.PROMPT:
                    self._finish(code, now_ms)
                return
            self._code = code
            self._length = len(self._lines)
        if step == at.LIST and text[:6] == "+CMGL:":
            self._listed(text[6:].split(",", 1)[0])
        elif step == at.READ:
            if (self._lines or text[:6] == "+CMGR:") and len(self._lines) < at.LINES_MAX:
                self._lines.append(line)
        elif text.startswith(at.STEPS[step][0][:4]):
            self._said = text[text.find(":") + 1 :].strip()

    def _note(self, place: str) -> None:
        place = place.strip()
        if place.isdigit() and place not in self._reads and len(self._reads) < at.READS_MAX:
            self._reads.append(place)

    def _listed(self, place: str) -> None:
        """A message lies there. One that was handed out is offered again at the second look after that."""
        given = self._given.get(place.strip())
        if given:
            given[1] += 1
        if not given or given[1] > 1:
            self._note(place)

    def _finish(self, code: int, now_ms: int) -> None:
        """The command ended: with 0, an error's code, or NONE for silence."""
        step = self._step
        self._open = False
        if step == at.READ:
            self._read(code)
        elif step == at.BODY or (step == at.PROMPT and code):
            self._outcome(code)
        if code != at.NONE:
            self._follow(step, code, now_ms)
        elif step == at.ALIVE:
            self._unanswered(now_ms)
        else:
            self._restart(now_ms)

    def _follow(self, step: int, code: int, now_ms: int) -> None:
        """After an answer: what it tells, and the next step."""
        _, _, following, after_error = at.STEPS[step]
        if code:
            following = after_error
        if step in (at.SIM, at.TRIES):
            self._look(step, code, now_ms)
            return
        self._learn(step, code, now_ms)
        if following == at.ALIVE:
            self._restart(now_ms)
            if step < at.PROMPT:
                self._due_ms = now_ms + at.AGAIN_MS
        elif following == at.IDLE:
            self._work(now_ms)
        else:
            self._begin(following, now_ms)

    def _unanswered(self, now_ms: int) -> None:
        self._misses += 1
        tries = at.ALIVE_TRIES
        if self._keys & 1:  # it was just started
            tries = at.BOOT_TRIES << min(self._keys >> 1, at.BOOT_DOUBLINGS)
        if self._misses < tries:
            self._begin(at.ALIVE, now_ms)
        else:  # that one is off at first is no fault
            self._press_key(FAULT_SILENT if self._keys & 1 or self._poll_ms else self.fault, now_ms)

    def _press_key(self, fault: int, now_ms: int) -> None:
        """By turns the short press, for a modem that is off, and the long one, for one that hangs."""
        self._set(STATE_STARTING, fault)
        hold_ms = at.KEY_OFF_MS if self._keys & 1 else at.KEY_ON_MS
        self._keys += 1
        self._misses = 0
        self._actions.append((POWER_KEY, hold_ms))
        self._pause(at.ALIVE, now_ms + hold_ms)

    def _look(self, step: int, code: int, now_ms: int) -> None:
        """What the SIM wants before it can be used."""
        said = self._said
        before = self._pin_looks
        self._pin_looks = at.pin_looks(before, said[:1] if step == at.TRIES and not code else "")
        if before and not self._pin_looks:
            self._begin(at.PIN, now_ms)
        elif said == "READY":
            self._pin_looks = 1
            if self.fault in (FAULT_PIN, FAULT_NO_SIM):
                self._set(STATE_STARTING, FAULT_NONE)
            self._begin(at.STORAGE, now_ms)
        elif said == "SIM PIN" and self._pin:
            self._begin(at.TRIES, now_ms)
        elif step == at.TRIES or said[:5] == "SIM P":
            self._set(STATE_STARTING, FAULT_PIN)
            self._pause(at.SIM, now_ms + at.POLL_MS)
        else:
            self._misses += 1
            if self._misses >= at.NO_SIM_TRIES:
                self._set(STATE_STARTING, FAULT_NO_SIM)
            self._pause(at.SIM, now_ms + at.AGAIN_MS)

    def _learn(self, step: int, code: int, now_ms: int) -> None:
        if step == at.ALIVE:
            self._misses = self._keys = 0
            if self.fault == FAULT_SILENT:
                self._down_ms = now_ms
                self._set(STATE_STARTING, FAULT_NONE)
        elif step in (at.NETWORK, at.LTE):
            # The answer is <n>,<status>…, an unsolicited line that got between <status>,"<area>"…
            fields = self._said.split(",")
            self._up[step - at.NETWORK] = fields[len(fields) > 1 and len(fields[1]) == 1] in at.REGISTERED
        elif step == at.SIGNAL:
            self._polled(now_ms)
        elif step == at.LIST:
            self._list_ms = now_ms + (at.LIST_MS if len(self._reads) < at.READS_MAX else at.MORE_MS)
            self._full = self._full and len(self._reads) + len(self._given) > 0
        elif step == at.DELETE and not code:
            self._full = False

    def _polled(self, now_ms: int) -> None:
        level = self._said.split(",")[0]
        self.signal_dbm = SIGNAL_UNKNOWN_DBM
        if level.isdigit() and int(level) <= 31:
            self.signal_dbm = 2 * int(level) - 113  # 27.007 §8.5
        self._poll_ms = now_ms + (at.POLL_MS if True in self._up else at.SEARCH_POLL_MS)
        if True in self._up:
            self._set(STATE_READY, FAULT_STORAGE if self._full else FAULT_NONE)
        elif self.ready:
            self._down_ms = now_ms
            self._set(STATE_SEARCHING, FAULT_NONE)
        else:
            self._set(STATE_SEARCHING, self.fault)

    def _read(self, code: int) -> None:
        place = self._reads.pop(0)
        if code or not self._length or place in self._deletes:  # whose second deletion would be another message's
            return  # nothing there any more; if there is, the next look finds it
        header = self._lines[0].split('"')
        if header[1:] and header[1][:3] == "STO":
            self._deletes.append(place)  # a draft takes the room of a message
        if len(header) < 4 or header[1][:3] != "REC":
            return  # misread: what nobody knows is not deleted, the next look finds it
        self._index += 1
        self._given[place] = [self._index, 0]
        self._offer(self._index, header, "\n".join(self._lines[1 : self._length]))

    def _offer(self, index: int, header: "list[str]", text: str) -> None:
        """Hand a message out; hosts want more of the header."""
        self._actions.append((RECEIVED, index, header[3], text))

    def _outcome(self, code: int) -> None:
        """Tell what became of the message that is being sent, if one is."""
        if not self._sending:
            return
        token = self._sending[0]
        self._sending = None
        reference = self._said.split(",")[0]
        if code > 0:
            answer = REROUTE if code in at.REROUTE_CODES else WAIT if code in at.WAIT_CODES else RETRY
            self._actions.append((FAILED, token, answer, code))
        elif self._step != at.BODY:
            self._actions.append((FAILED, token, RETRY, 0))
        elif reference.isdigit():
            self._actions.append((SENT, token, int(reference)))
        else:
            self._actions.append((UNKNOWN, token))
