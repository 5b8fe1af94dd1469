"""Who listens everywhere, forges, replays, and may have taken over a gateway."""

from __future__ import annotations

import random
from collections.abc import Callable

from kentongan_sim.universe.people import KEY_ID, keys_of
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, Envelope
from kentongan_wire.errors import FrameError
from kentongan_wire.frame import parse, seal
from kentongan_wire.keys import DeviceKeys
from kentongan_wire.press import KIND_HOLD_UP, Press, PressBody, PressIdentity, PressSending
from kentongan_wire.receipts import LEVEL_ACKNOWLEDGED, Receipt, Stored
from kentongan_wire.supervision import UNKNOWN_MS, Beat, Heartbeat, HeartbeatAnswer, SiteReport
from kentongan_wire.topics import ALARM

BAG = 300  # recorded messages kept; the newest push the oldest out

LIES = ("hoards", "drops", "doubles", "claims-fresh", "claims-old", "replays-beats", "says-stored")


class Adversary:
    """Records what passes and makes up what never was."""

    def __init__(self, draw: random.Random) -> None:
        self.bag: list[tuple[str, bytes]] = []
        self.forged = 0
        self.replayed = 0
        self._draw = draw
        self._stranger = DeviceKeys(draw.randbytes(32), "button", 1, KEY_ID, "nowhere")

    def listen(self, what: str, raw: bytes) -> None:
        """A tap on a link."""
        if len(self.bag) >= BAG:
            del self.bag[0]
        self.bag.append((what, raw))

    def recorded(self, *whats: str) -> bytes | None:
        """One of the recorded messages of these kinds."""
        found = [raw for what, raw in self.bag if what in whats]
        if not found:
            return None
        self.replayed += 1
        return self._draw.choice(found)

    def press(self, device: int) -> bytes:
        """A press that nobody made, with a MAC that is not the device's, or with a real press's changed."""
        self.forged += 1
        real = self.recorded_press()
        if real is not None and self._draw.randrange(2):
            at = self._draw.randrange(8, len(real) - 16)
            return real[:at] + bytes([real[at] ^ (1 << self._draw.randrange(8))]) + real[at + 1 :]
        draw = self._draw
        body = PressBody(draw.randrange(1, 99), draw.randbytes(8), KIND_HOLD_UP, 3, draw.randrange(1, 9), 99, 0, 0)
        press = Press(body, PressSending(100, body.boot_id, 1, 0, 1, 0, -128, 0, 0))
        return seal(press, device, KEY_ID, self._stranger.up_link)

    def recorded_press(self) -> bytes | None:
        """A real press frame, as a button sent it."""
        found = [raw for what, raw in self.bag if what == "up/alarm"]
        return self._draw.choice(found) if found else None

    def receipt(self, device: int, pressed: PressIdentity | None) -> bytes:
        """A word of the centre that it never said, for a button."""
        self.forged += 1
        draw = self._draw
        if pressed is None:
            pressed = PressIdentity(device, draw.randrange(1, 99), draw.randbytes(8))
        receipt = Receipt(pressed, draw.randint(1, LEVEL_ACKNOWLEDGED), draw.randint(1, 9), draw.randrange(1 << 40), 1)
        key = draw.choice((self._stranger.down_link, keys_of(device).hop, self._stranger.hop))
        return seal(receipt, device, KEY_ID, key)

    def answer(self, device: int) -> bytes:
        """A heartbeat answer that the centre never gave."""
        self.forged += 1
        draw = self._draw
        answer = HeartbeatAnswer(draw.randrange(1, 99), draw.randrange(1, 1 << 32), draw.randrange(1 << 40), 7)
        return seal(answer, device, KEY_ID, self._stranger.down_link)

    def envelope(self, gateway: int, device: int) -> bytes:
        """A forged press in an envelope that a stolen gateway sealed."""
        envelope = Envelope(self._draw.randrange(1000), ENVELOPE_IN_CUSTODY, self.press(device))
        return seal(envelope, gateway, KEY_ID, keys_of(gateway).up_link)


class LyingGateway:
    """Between a gateway and its uplink while it lies; it holds the gateway's keys and no button's.

    Args:
        lie: index into `LIES`.
        forward: sends on to the centre's broker.
        to_button: publishes on the site broker.
    """

    def __init__(
        self,
        gateway: int,
        lie: int,
        draw: random.Random,
        forward: Callable[[str, str, bytes, Callable[[], None]], None],
        to_button: Callable[[int, bytes], object],
    ) -> None:
        self.lie = LIES[lie % len(LIES)]
        self.hoarded: list[tuple[str, str, bytes]] = []
        self._gateway = gateway
        self._draw = draw
        self._forward = forward
        self._to_button = to_button
        self._beats: list[bytes] = []

    def up(self, kind: str, topic: str, raw: bytes, confirm: Callable[[], None]) -> None:
        """What the honest program wants to send."""
        try:
            payload = parse(raw, (Envelope, SiteReport)).payload
        except FrameError:
            return
        if isinstance(payload, SiteReport):
            self._beats += [beat.frame for beat in payload.beats]
            said: Envelope | SiteReport | None = self._report(payload)
        else:
            assert isinstance(payload, Envelope)
            self._stored(payload)
            said = self._envelope(payload)
        if said is None:
            confirm()  # the program is told that all is well
            return
        sealed = seal(said, self._gateway, KEY_ID, keys_of(self._gateway).up_link)
        for _ in range(3 if self.lie == "doubles" else 1):
            self._forward(kind, topic, sealed, confirm)
        if self.lie == "hoards" and kind == ALARM:
            self.hoarded.append((kind, topic, sealed))

    def from_button(self, raw: bytes) -> None:
        """Says *stored* without storing."""
        if self.lie != "says-stored":
            return
        try:
            parsed = parse(raw, (Press, Heartbeat))
        except FrameError:
            return
        if isinstance(parsed.payload, Press):
            body = parsed.payload.body
            hop = keys_of(parsed.device).hop
            self._to_button(parsed.device, seal(Stored(body.sequence, body.nonce), parsed.device, KEY_ID, hop))

    def release(self) -> None:
        """What it hoarded goes out now, in another order."""
        self._draw.shuffle(self.hoarded)
        for kind, topic, raw in self.hoarded:
            self._forward(kind, topic, raw, lambda: None)
        self.hoarded = []

    def _stored(self, envelope: Envelope) -> None:
        if self.lie == "says-stored":
            self.from_button(envelope.inner)

    def _envelope(self, envelope: Envelope) -> Envelope | None:
        if self.lie in ("drops", "says-stored"):
            return None
        if self.lie == "hoards" and self._draw.randrange(2):
            return None
        held_ms = {"claims-fresh": 0, "claims-old": self._draw.randrange(UNKNOWN_MS + 1)}.get(
            self.lie, envelope.held_ms
        )
        return Envelope(held_ms, envelope.flags, envelope.inner)

    def _report(self, report: SiteReport) -> SiteReport:
        beats = report.beats
        if self.lie == "claims-fresh":
            beats = tuple(Beat(0, beat.frame) for beat in beats)
        elif self.lie == "claims-old":
            beats = tuple(Beat(self._draw.randrange(UNKNOWN_MS + 1), beat.frame) for beat in beats)
        elif self.lie == "replays-beats" and self._beats:
            beats = tuple(Beat(0, self._draw.choice(self._beats)) for _ in range(min(3, len(self._beats))))
        elif self.lie == "drops":
            beats = ()
        values = {name: getattr(report, name) for name in SiteReport.FIELDS}
        return SiteReport(**{**values, "beats": beats})
