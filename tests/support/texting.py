"""A modem under a virtual clock for the second path's rule; runs on both interpreters."""

from kentongan_wire.second_path import TEXT_SENT, SecondPath

CENTRE = ("+6281100000001", "+6285200000002")
DUTY = ("+6281300000003", "+6281400000004")
SEND_MS = 3_000  # how long the modem takes for one message


class Texting:
    """A holder and its modem: `texts` are (when handed over, key, kind, number).

    `outcome(number, count)` says what becomes of the count-th text.
    """

    def __init__(self, centre=CENTRE, duty=DUTY, outcome=None, send_ms=SEND_MS):
        self.path = SecondPath(centre, duty)
        self.outcome = outcome or (lambda *_: TEXT_SENT)
        self.send_ms = send_ms
        self.held = []
        self.proven = True
        self.now_ms = 0
        self.texts = []

    def hold(self, key, since_ms=None):
        """A new press; the newest is first."""
        self.held.insert(0, (key, self.now_ms if since_ms is None else since_ms))

    def received(self, key):
        """The centre's receipt came."""
        self.held = [one for one in self.held if one[0] != key]

    def run(self, until_ms):
        """Text whatever is due until then; returns those texts."""
        first = len(self.texts)
        while True:
            text = self.path.next_text(self.held, self.proven, self.now_ms)
            if text is not None:
                self.texts.append((self.now_ms, text.key, text.kind, text.number))
                self.now_ms += self.send_ms
                self.path.outcome(text, self.outcome(text.number, len(self.texts) - 1), self.now_ms)
                if self.now_ms > until_ms:
                    break
                continue
            deadline_ms = self.path.next_deadline(self.held, self.proven, self.now_ms)
            # Nothing due now means a deadline later than now: else a holder would spin.
            assert deadline_ms is None or deadline_ms > self.now_ms, (deadline_ms, self.now_ms)
            if deadline_ms is None or deadline_ms > until_ms:
                break
            self.now_ms = deadline_ms
        self.now_ms = max(self.now_ms, until_ms)
        return self.texts[first:]

    def kinds(self, kind):
        """The texts of that kind."""
        return [text for text in self.texts if text[2] == kind]
