"""Watches the buttons and writes down the evidence; asks the database at the very moment when a lamp changes."""

from __future__ import annotations

from collections import defaultdict, deque

from kentongan_sim.centre_database import CentreDatabase
from kentongan_sim.evidence import BlinkSeen, Evidence, Identity, LampSeen
from kentongan_sim.lamp_reader import LampReader
from kentongan_sim.virtual_button import Trace, VirtualButton

GUARD_POST = "guard-post"  # the variant whose lamp has a rhythm to read


class Witness:
    """Give `note` every trace of every button."""

    def __init__(self, evidence: Evidence, database: CentreDatabase) -> None:
        self.evidence = evidence
        self._database = database
        self._readers: defaultdict[int, LampReader] = defaultdict(LampReader)
        # A blink that is due may still tell of the press before the newest.
        self._newest: defaultdict[int, deque[Identity]] = defaultdict(lambda: deque(maxlen=2))

    def note(self, button: VirtualButton, trace: Trace) -> None:
        """Something happened at a button."""
        if trace.name == "pressed":
            identity = identity_of(button, trace)
            self._newest[button.device].append(identity)
            # The trace follows the journal's write and tells how long ago the decision was.
            decided_ms = trace.at_ms - trace.values.get("after", 0)
            self.evidence.note_pressed(identity, decided_ms, saved=trace.values["saved"])
        elif trace.name == "stored":
            self.evidence.note_stored(identity_of(button, trace), trace.at_ms)
        elif trace.name == "receipt":
            self.evidence.received.add(identity_of(button, trace))
        elif trace.name == "lamp":
            self._note_lamp(identity_of(button, trace), trace)
        elif trace.name == "pin":
            self._note_pin(button, trace)
        elif trace.name in {"hello", "power"}:
            self._readers[button.device].reset()

    def _note_lamp(self, identity: Identity, trace: Trace) -> None:
        committed = self._database.level(identity)
        self.evidence.lamps.append(LampSeen(identity, trace.values["level"], committed, trace.at_ms))

    def _note_pin(self, button: VirtualButton, trace: Trace) -> None:
        pins = button.panel.wiring
        if button.variant != GUARD_POST or trace.values["gpio"] != pins.lamp or not trace.values["value"]:
            return
        claimed = self._readers[button.device].lit(trace.values["board_ms"])
        if claimed is not None:
            levels = [self._database.level(identity) or 0 for identity in self._newest[button.device]]
            self.evidence.blinks.append(BlinkSeen(button.device, claimed, max(levels, default=0), trace.at_ms))


def identity_of(button: VirtualButton, trace: Trace) -> Identity:
    """The press that a trace is about."""
    return button.device, trace.values["sequence"], trace.values["nonce"]
