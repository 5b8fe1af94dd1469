"""The second path's one rule: what to text, to whom, and when. No I/O; button and gateway both use it.

The holder of a press hands over what it holds without *received* and whether its main path is
proven. Its main path goes on beside it, whatever is said here. *sent* is the network's word, not
the centre's: only a receipt ends a press, and then the holder no longer names it.

How many messages this costs at most, until the holder itself restarts (then it begins anew):

- one press without an answer: 20 in its first hour, 12 in every later one (one whose final answer
  is lost counts, and is sent up to `TRIES` times);
- all presses of one holder: `BURST` and one every `PACE_MS`, so 320 in any hour, of which the
  rounds after the first take at most `REPEATS_BURST` and one every `PACE_MS`: they never use up
  what a new press needs;
- sentences: 12 an hour to each duty phone.

What the network refused costs nothing, and is tried at most `TRIES` times a round.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Held = Sequence[tuple[Any, int]]

PATIENCE_MS = 2_000  # without *received* over a proven path (NUMBERS: SMS started after 2 s)
ROUND_FIRST_MS = 30_000  # from one round to the next: an SMS and its answer take up to so long
ROUND_MAX_MS = 600_000  # the rounds' pauses double up to this: bounds what a long outage costs
RETRY_MS = 5_000  # before the same number again: a modem's passing trouble
WAIT_MS = 30_000  # nothing goes out now (congestion, no service): before anything is tried again
TRIES = 3  # of one number in one round without success: then it has to wait for the next round
SENTENCE_MS = 60_000  # without *received*: people are told (PROTOCOL, who delivers)
SHARED_MS = 300_000  # later presses within this are told by the same sentence: bounds what duty phones get
BURST = 200  # messages at once: 200 buttons pressed in one second, behind one gateway
REPEATS_BURST = 100  # of which rounds after the first may use so many
PACE_MS = 30_000  # one message more each: 120 an hour, whatever happens
NEVER_MS = 1 << 60  # an uptime that nobody reaches

# What a text is.
TEXT_FRAME = 0  # the press, to a number of the centre
TEXT_SENTENCE = 1  # plain words, to a duty phone

# What became of it.
TEXT_SENT = 0  # the network took it
TEXT_RETRY = 1  # refused: the same number may work in a moment
TEXT_REROUTE = 2  # refused: this number will not work now, another one may
TEXT_WAIT = 3  # refused: no number works now
TEXT_UNKNOWN = 4  # the final answer is lost: it may have gone out

# outcome → (done with this number in this round, pause before this number, pause before all numbers in ms)
OUTCOMES = {
    TEXT_SENT: (True, 0, 0),
    TEXT_RETRY: (False, RETRY_MS, 0),
    TEXT_REROUTE: (True, 0, 0),
    TEXT_WAIT: (False, 0, WAIT_MS),
    TEXT_UNKNOWN: (False, RETRY_MS, 0),
}


class Text:
    """One message to send: of the press `key`, of a kind `TEXT_FRAME` or `TEXT_SENTENCE`, to `number`."""

    def __init__(self, key: "Any", kind: int, number: str) -> None:
        self.key = key
        self.kind = kind
        self.number = number


class _Round:
    """Numbers that have still to be texted."""

    def __init__(self, numbers: "Sequence[str]", now_ms: int) -> None:
        self.left = [(number, now_ms, 0) for number in numbers]  # when it may be tried, tries without success
        self.sent = False

    def due_ms(self) -> int:
        return min([at_ms for _, at_ms, _ in self.left])

    def ready(self, now_ms: int) -> "str | None":
        for number, at_ms, _ in self.left:
            if at_ms <= now_ms:
                return number
        return None

    def settle(self, texted: str, outcome: int, now_ms: int) -> None:
        done, pause_ms, _ = OUTCOMES[outcome]
        self.sent = self.sent or outcome == TEXT_SENT
        left = []
        for number, at_ms, tries in self.left:
            if number != texted:
                left.append((number, at_ms, tries))
            elif outcome == TEXT_WAIT:  # says nothing about the number
                left.append((number, now_ms, tries))
            elif not done and tries + 1 < TRIES:
                left.append((number, now_ms + pause_ms, tries + 1))
        self.left = left


class _Way:
    """How far the texts of one press are."""

    def __init__(self) -> None:
        self.tries = 0  # texts that were tried; 0: nobody has been told anything
        self.rounds = 0  # that are over
        self.next_ms = 0  # when the next round begins; counts from the second one on
        self.round: _Round | None = None
        self.told = False  # a sentence told of it


class SecondPath:
    """The texts of one holder.

    Args:
        centre_numbers: where frames go, the first one first; may be empty.
        duty_numbers: who gets the sentence; may be empty.
    """

    def __init__(self, centre_numbers: "Sequence[str]", duty_numbers: "Sequence[str]") -> None:
        self._centre_numbers = centre_numbers
        self._duty_numbers = duty_numbers
        self._ways: dict[Any, _Way] = {}
        self._halted_ms = -WAIT_MS  # nothing that was tried before is tried again before this
        self._spent_ms = 0  # when the budget will be whole again
        self._sentence: _Round | None = None
        self._sentence_key: Any = None
        self._sentence_ms = -SHARED_MS  # start of the newest round of sentences

    def next_text(self, held: "Held", proven: bool, now_ms: int) -> Text | None:
        """What to hand to the modem now, None for nothing. Ask while the modem is free, then tell the `outcome`.

        Args:
            held: (key, uptime in ms since when) of presses without *received*, newest first. A key
                that is not named any more is forgotten. Keys need a hash.
            proven: the main path was proven end to end lately.
            now_ms: uptime.
        """
        self._keep(held)
        best: Any = None
        for key, since_ms in held:
            way = self._ways[key]
            due_ms = self._due_ms(way, since_ms, proven)
            if due_ms <= now_ms and (best is None or way.tries < self._ways[best].tries):
                best = key
        if best is not None and not self._ways[best].tries:
            return self._frame(best, now_ms)
        self._plan_sentence(held, now_ms)
        number = self._sentence.ready(now_ms) if self._sentence and now_ms >= self._halted_ms else None
        if number is not None:
            return Text(self._sentence_key, TEXT_SENTENCE, number)
        return None if best is None else self._frame(best, now_ms)

    def outcome(self, text: Text, outcome: int, now_ms: int) -> None:
        """What became of a text: `TEXT_SENT` … `TEXT_UNKNOWN`."""
        halt_ms = OUTCOMES[outcome][2]
        if halt_ms:
            self._halted_ms = now_ms + halt_ms
        if text.kind == TEXT_SENTENCE:
            if self._sentence is not None:
                self._sentence.settle(text.number, outcome, now_ms)
                for known in self._ways.values():
                    known.told = known.told and self._speaks()  # it reached nobody: said again after SHARED_MS
            return
        if outcome in (TEXT_SENT, TEXT_UNKNOWN):
            self._spent_ms = max(self._spent_ms, now_ms) + PACE_MS
        way = self._ways.get(text.key)
        if way is None or way.round is None:
            return
        way.tries += 1
        way.round.settle(text.number, outcome, now_ms)
        if not way.round.left:
            way.round = None
            way.next_ms = now_ms + min(ROUND_FIRST_MS << min(way.rounds, 8), ROUND_MAX_MS)
            way.rounds += 1

    def next_deadline(self, held: "Held", proven: bool, now_ms: int) -> int | None:
        """Uptime at which to ask `next_text` again; None while nothing is held."""
        self._keep(held)
        deadline: int | None = None
        for key, since_ms in held:
            way = self._ways[key]
            due_ms = self._due_ms(way, since_ms, proven)
            if self._duty_numbers and not way.told:
                due_ms = min(due_ms, max(since_ms + SENTENCE_MS, self._next_sentence_ms()))
            deadline = due_ms if deadline is None else min(deadline, due_ms)
        if deadline is not None and self._sentence and self._sentence.left:
            deadline = min(deadline, max(self._sentence.due_ms(), self._halted_ms))
        return None if deadline is None else max(deadline, now_ms)

    # --- frames ----------------------------------------------------------------------------

    def _keep(self, held: "Held") -> None:
        # In place: a new dict at every look needs room in one piece, which a heap in pieces has not.
        ways = self._ways
        for key, _ in held:
            if key not in ways:
                ways[key] = _Way()
        if len(ways) > len(held):
            keys = [key for key, _ in held]
            for key in [key for key in ways if key not in keys]:
                del ways[key]

    def _due_ms(self, way: _Way, since_ms: int, proven: bool) -> int:
        """When the next frame of a press may go out."""
        if not self._centre_numbers:
            return NEVER_MS
        if way.round:
            due_ms = way.round.due_ms()
        elif way.rounds:
            due_ms = way.next_ms
        else:
            due_ms = since_ms + (PATIENCE_MS if proven else 0)
        if way.tries:
            due_ms = max(due_ms, self._halted_ms)
        return max(due_ms, self._spent_ms - ((REPEATS_BURST if way.rounds else BURST) - 1) * PACE_MS)

    def _frame(self, key: "Any", now_ms: int) -> Text | None:
        way = self._ways[key]
        if way.round is None:
            way.round = _Round(self._centre_numbers, now_ms)
        number = way.round.ready(now_ms)
        return None if number is None else Text(key, TEXT_FRAME, number)

    # --- sentences -------------------------------------------------------------------------

    def _next_sentence_ms(self) -> int:
        # One that reached somebody speaks for the presses after it: what is due then is marked at once.
        return -SHARED_MS if self._speaks() else self._sentence_ms + SHARED_MS

    def _speaks(self) -> bool:
        return self._sentence is not None and (self._sentence.sent or bool(self._sentence.left))

    def _plan_sentence(self, held: "Held", now_ms: int) -> None:
        if not self._duty_numbers:
            return
        overdue = [key for key, since_ms in held if not self._ways[key].told and now_ms - since_ms >= SENTENCE_MS]
        if self._sentence and self._sentence.left and self._sentence_key not in self._ways:
            self._hand_on(held)
        if not overdue:
            return
        if now_ms - self._sentence_ms >= SHARED_MS:
            self._sentence = _Round(self._duty_numbers, now_ms)
            self._sentence_key = overdue[0]
            self._sentence_ms = now_ms
        elif not self._speaks():
            return
        for key in overdue:
            self._ways[key].told = True

    def _hand_on(self, held: "Held") -> None:
        """The sentence's press has been received: the rest of the phones hear of another one, or of none."""
        for key, _ in held:
            if self._ways[key].told:
                self._sentence_key = key
                return
        self._sentence = None
        self._sentence_ms = -SHARED_MS
