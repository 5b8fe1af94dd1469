"""No press is lost or cleared by a lie, whatever the network and the power do to the gateway.

A model of the world around the real decisions and the real SQL: buttons that try until they know,
a link that loses, repeats and reorders, a centre that commits, and a gateway that crashes between
any two steps and comes back with what its store holds.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from kentongan_gateway.adapters import custody_table
from kentongan_gateway.core.custody import (
    ABSENT,
    HELD,
    OFFERED,
    RECEIPT,
    RECEIVED,
    REFUSAL,
    REFUSED,
    RESTORED,
    RETRY_MAX_MS,
    TRANSITIONS,
    Copy,
    Custody,
)
from kentongan_gateway.core.moment import Moment
from kentongan_wire.mac import frame_digest
from kentongan_wire.press import PressIdentity

LONG_MS = 60_000


@dataclass
class Centre:
    """Commits genuine presses; what it has forgotten after a restore, it must be offered again."""

    incarnation: int = 1
    has: set[PressIdentity] = field(default_factory=set)


def raw_of(identity: PressIdentity, attempt: int, *, genuine: bool = True) -> bytes:
    return b"%r %d %d" % (identity.sequence, attempt, genuine)


class GatewayInTrouble(RuleBasedStateMachine):
    presses = Bundle("presses")

    @initialize()
    def start(self) -> None:
        self.disk = sqlite3.connect(":memory:", isolation_level=None)
        custody_table.prepare(self.disk)
        self.centre = Centre()
        self.now_ms = 1_000
        self.boot = 1
        self.up: list[tuple[PressIdentity, bytes]] = []
        self.down: list[tuple[str, PressIdentity, bytes, int]] = []
        self.confirmed: set[PressIdentity] = set()  # the gateway may have dropped these
        self.states: dict[PressIdentity, str] = {}
        self.attempts = 0
        self.begin()

    def begin(self) -> None:
        self.custody = Custody()
        beginning = custody_table.begin(self.disk, 0)
        self.custody.load(beginning.held)
        self.custody.incarnation = beginning.incarnation
        self.custody.link_up()

    def moment(self) -> Moment:
        return Moment(str(self.boot), self.now_ms, None)

    def move(self, identity: PressIdentity, event: str) -> None:
        before = self.states.get(identity, ABSENT)
        self.states[identity] = TRANSITIONS.get((before, event), before)

    @rule(target=presses, device=st.integers(1, 3), sequence=st.integers(0, 5), nonce=st.integers(0, 1))
    def press(self, device: int, sequence: int, nonce: int) -> PressIdentity:
        identity = PressIdentity(device, sequence, bytes([nonce] * 8))
        self.offer(identity)
        return identity

    @rule(identity=presses, genuine=st.booleans())
    def offer(self, identity: PressIdentity, genuine: bool = True) -> None:
        """The button tries again; or a stolen transport key offers a forged attempt in its place."""
        self.attempts += 1
        raw = raw_of(identity, self.attempts, genuine=genuine or identity not in self.custody)
        if self.custody.holds(identity, raw) or not self.custody.admits(identity):
            return
        copy = Copy(raw, self.moment())
        custody_table.hold(self.disk, identity, copy)
        self.custody.committed(identity, copy)
        self.move(identity, OFFERED)

    @rule(elapsed_ms=st.integers(1, 20_000), limit=st.integers(1, 3))
    def forward(self, elapsed_ms: int, limit: int) -> None:
        self.now_ms += elapsed_ms
        self.up += [(forward.identity, forward.raw) for forward in self.custody.due(self.moment(), limit)]

    @rule(data=st.data(), repeat=st.booleans())
    def centre_reads(self, data: st.DataObject, repeat: bool) -> None:
        if not self.up:
            return
        at = data.draw(st.integers(0, len(self.up) - 1))
        identity, raw = self.up[at] if repeat else self.up.pop(at)
        if raw.endswith(b" 1"):
            self.centre.has.add(identity)
            self.down.append((RECEIPT, identity, b"", self.centre.incarnation))
        else:
            self.down.append((REFUSAL, identity, frame_digest(raw), 0))

    @rule(data=st.data(), repeat=st.booleans())
    def gateway_reads(self, data: st.DataObject, repeat: bool) -> None:
        if not self.down:
            return
        at = data.draw(st.integers(0, len(self.down) - 1))
        kind, identity, digest, incarnation = self.down[at] if repeat else self.down.pop(at)
        if kind == RECEIPT:
            if self.custody.receipt(identity):
                custody_table.end_received(self.disk, identity, incarnation, 0)
                self.move(identity, RECEIPT)
        elif self.custody.refusal(digest) == identity:
            custody_table.end_refused(self.disk, identity, 4, 0)
            self.move(identity, REFUSAL)

    @rule(up=st.booleans(), down=st.booleans())
    def link_loses(self, up: bool, down: bool) -> None:
        if up:
            self.up.clear()
        if down:
            self.down.clear()
        self.custody.link_up()

    @rule(reboot=st.booleans())
    def crash(self, reboot: bool) -> None:
        if reboot:
            self.boot += 1
            self.now_ms = 0
        self.begin()

    @rule()
    def centre_is_restored(self) -> None:
        """To a backup from before everything."""
        self.centre = Centre(self.centre.incarnation + 1)
        self.down.clear()  # what is on its way is of another incarnation, see `incarnation_in_doubt`
        rows = custody_table.restored(self.disk, self.centre.incarnation)
        self.custody.load(rows)
        self.custody.incarnation = self.centre.incarnation
        for identity in list(self.states):
            self.move(identity, RESTORED)

    @invariant()
    def store_follows_the_table(self) -> None:
        rows = self.disk.execute("SELECT device, sequence, nonce, state FROM press").fetchall()
        assert {PressIdentity(row[0], row[1], row[2]): row[3] for row in rows} == self.states

    @invariant()
    def memory_holds_what_the_store_holds(self) -> None:
        held = {identity for identity, state in self.states.items() if state == HELD}
        assert len(self.custody) == len(held)
        assert all(identity in self.custody for identity in held)

    @invariant()
    def only_the_centre_ends_custody(self) -> None:
        for identity, state in self.states.items():
            assert state != RECEIVED or identity in self.centre.has
            assert state != REFUSED or identity not in self.custody

    @invariant()
    def nothing_waits_for_ever(self) -> None:
        due_ms = self.custody.next_due_ms()
        assert (due_ms is None) == (len(self.custody) == 0)
        assert due_ms is None or due_ms <= self.now_ms + RETRY_MAX_MS

    def teardown(self) -> None:
        """One path works long enough: everything genuine that is held arrives."""
        if not hasattr(self, "disk"):
            return
        self.up.clear()
        self.down.clear()
        rounds = 0
        while len(self.custody):
            rounds += 1
            assert rounds < 100, "custody does not empty although the path works"
            self.now_ms += LONG_MS
            for forward in self.custody.due(self.moment(), 3):
                self.up.append((forward.identity, forward.raw))
            while self.up:
                self.centre_reads_in_order()
        missing = {identity for identity, state in self.states.items() if state == RECEIVED} - self.centre.has
        assert not missing
        self.disk.close()

    def centre_reads_in_order(self) -> None:
        identity, raw = self.up.pop(0)
        if raw.endswith(b" 1"):
            self.centre.has.add(identity)
            assert self.custody.receipt(identity) or identity not in self.custody
            self.states[identity] = RECEIVED
        elif self.custody.refusal(frame_digest(raw)) == identity:
            raise AssertionError("a forged attempt pushed a genuine press out of custody")


TestGatewayInTrouble = GatewayInTrouble.TestCase
