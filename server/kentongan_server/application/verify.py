"""Believing bytes: shape first, MAC second, meaning last. Everything that fails is a `Rejected`."""

from __future__ import annotations

from dataclasses import dataclass

from kentongan_server.application.ports import Enrolled, KeyRing, KeyState
from kentongan_server.domain.verdict import Detail, Part, Reason, Rejected, Why, because, of_frame
from kentongan_wire import frame, topics
from kentongan_wire.custody import ENVELOPE_CUT, ENVELOPE_IN_CUSTODY, ENVELOPE_OFFERED_AGAIN, Envelope
from kentongan_wire.errors import FrameError
from kentongan_wire.keys import ROLE_BUTTON, ROLE_GATEWAY
from kentongan_wire.path_report import PathReport
from kentongan_wire.press import PATH_MQTT, PATH_SMS, SENDING_OFFERED_AGAIN, Press, PressIdentity
from kentongan_wire.record import Payload
from kentongan_wire.supervision import UNKNOWN_MS, Heartbeat, SiteReport

# What may come by SMS: who must have signed it, and how a refusal of it is listed.
_TEXTED: dict[type[Payload], tuple[str | None, Part]] = {
    Press: (ROLE_BUTTON, Part.PRESS),
    Envelope: (ROLE_GATEWAY, Part.ENVELOPE),
    PathReport: (None, Part.PATH_REPORT),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """An envelope of a known gateway; `modem` of the centre that heard it, None on a lane."""

    gateway: Enrolled
    envelope: Envelope
    source: str
    modem: str | None = None

    @property
    def in_custody(self) -> bool:
        """Whether the gateway waits for a receipt or a refusal."""
        return bool(self.envelope.flags & ENVELOPE_IN_CUSTODY)


@dataclass(frozen=True, slots=True)
class VerifiedPress:
    """A press that its own button made.

    Attributes:
        gateway: who vouches for the envelope; None when nobody does.
        via: the gateway on whose lane it came, or that texted it; None when nobody of ours carried it.
        held_ms: by the envelope, 0 for a button's own SMS; `UNKNOWN_MS` when nobody vouches for it.
        modem: the centre's modem that heard it; None when it came on a lane.
        texted: the button itself texted it.
        again: the gateway says that another incarnation of the centre had confirmed it.
    """

    button: Enrolled
    gateway: Enrolled | None
    via: int | None
    press: Press
    identity: PressIdentity
    held_ms: int
    modem: str | None = None
    texted: bool = False
    again: bool = False

    @property
    def offered_again(self) -> bool:
        """Whether button or gateway say that another incarnation of the centre had confirmed it."""
        return self.again or bool(self.press.sending.flags & SENDING_OFFERED_AGAIN)

    @property
    def texter(self) -> int | None:
        """The device of ours that texted it; None when none did."""
        if self.modem is None:
            return None
        return self.identity.device if self.texted else self.via

    @property
    def path(self) -> int:
        """By which it really came, whatever the frame says of itself."""
        return PATH_MQTT if self.modem is None else PATH_SMS


@dataclass(frozen=True, slots=True)
class VerifiedPathReport:
    """A device's own word over its second path."""

    device: Enrolled
    report: PathReport
    source: str


@dataclass(frozen=True, slots=True)
class VerifiedReport:
    """A gateway's own report."""

    gateway: Enrolled
    report: SiteReport
    source: str


@dataclass(frozen=True, slots=True)
class VerifiedHeartbeat:
    """A button's own heartbeat."""

    button: Enrolled
    heartbeat: Heartbeat


def open_envelope(keys: KeyRing, topic: str, payload: bytes) -> Opened | Rejected:
    """The envelope in a message on a gateway's alarm lane."""
    sender = _sender(topic, topics.ALARM, Part.ENVELOPE, payload)
    if isinstance(sender, Rejected):
        return sender
    found = _believe(keys, payload, Envelope, ROLE_GATEWAY, Part.ENVELOPE, _source(topic), sender)
    if isinstance(found, Rejected):
        return found
    gateway, envelope = found
    assert isinstance(envelope, Envelope)
    return Opened(gateway, envelope, _source(topic))


def open_press(keys: KeyRing, opened: Opened) -> VerifiedPress | Rejected:
    """The press in an envelope."""
    raw = opened.envelope.inner
    if opened.envelope.flags & ENVELOPE_CUT:
        detail = because(Why.CUT, bytes=len(raw))
        return Rejected(Reason.OVERSIZE, Part.PRESS, detail, opened.source, _claimed(raw), raw)
    found = _believe(keys, raw, Press, ROLE_BUTTON, Part.PRESS, opened.source, None)
    if isinstance(found, Rejected):
        return found
    button, press = found
    assert isinstance(press, Press)
    gateway, envelope = opened.gateway, opened.envelope
    return VerifiedPress(
        button,
        gateway,
        gateway.device,
        press,
        press.identity(button.device),
        envelope.held_ms,
        opened.modem,
        again=bool(envelope.flags & ENVELOPE_OFFERED_AGAIN),
    )


def open_sms(keys: KeyRing, raw: bytes, modem: str) -> Opened | VerifiedPress | VerifiedPathReport | Rejected:
    """What is in an SMS that carries a frame; who texted it proves nothing and is not asked."""
    source = sms_source(modem)
    try:
        kind = type(frame.parse(raw, (Press, Envelope, PathReport)).payload)
    except FrameError as error:
        reason, detail = of_frame(error)
        return Rejected(reason, Part.SMS, detail, source, _claimed(raw), raw)
    role, part = _TEXTED[kind]
    found = _believe(keys, raw, kind, role, part, source, None)
    if isinstance(found, Rejected):
        return found
    device, payload = found
    if isinstance(payload, Envelope):
        return Opened(device, payload, source, modem)
    if isinstance(payload, PathReport):
        return VerifiedPathReport(device, payload, source)
    assert isinstance(payload, Press)
    return VerifiedPress(device, None, None, payload, payload.identity(device.device), 0, modem, texted=True)


def salvage_sms(keys: KeyRing, raw: bytes, modem: str) -> VerifiedPress | None:
    """A genuine press in an SMS whose envelope nobody vouches for."""
    return _salvage(keys, raw, sms_source(modem), None, modem)


def salvage_press(keys: KeyRing, topic: str, payload: bytes) -> VerifiedPress | None:
    """A genuine press in a message whose envelope nobody vouches for, or that has none.

    Carriers are not believed, so neither can a carrier's bad key silence a press that its button signed.
    """
    try:
        via = topics.parse_gateway_up(topic)[0]
    except FrameError:
        return None
    return _salvage(keys, payload, _source(topic), via, None)


def _salvage(keys: KeyRing, payload: bytes, source: str, via: int | None, modem: str | None) -> VerifiedPress | None:
    try:
        parsed = frame.parse(payload, (Envelope, Press)).payload
    except FrameError:
        return None
    raw = parsed.inner if isinstance(parsed, Envelope) else payload
    found = _believe(keys, raw, Press, ROLE_BUTTON, Part.PRESS, source, None)
    if isinstance(found, Rejected):
        return None
    button, press = found
    assert isinstance(press, Press)
    return VerifiedPress(button, None, via, press, press.identity(button.device), UNKNOWN_MS, modem)


def open_report(keys: KeyRing, topic: str, payload: bytes) -> VerifiedReport | Rejected:
    """The site report in a message on a gateway's report lane."""
    sender = _sender(topic, topics.REPORT, Part.REPORT, payload)
    if isinstance(sender, Rejected):
        return sender
    found = _believe(keys, payload, SiteReport, ROLE_GATEWAY, Part.REPORT, _source(topic), sender)
    if isinstance(found, Rejected):
        return found
    gateway, report = found
    assert isinstance(report, SiteReport)
    return VerifiedReport(gateway, report, _source(topic))


def open_heartbeat(keys: KeyRing, raw: bytes, source: str) -> VerifiedHeartbeat | Rejected:
    """One button's heartbeat in a site report."""
    found = _believe(keys, raw, Heartbeat, ROLE_BUTTON, Part.HEARTBEAT, source, None)
    if isinstance(found, Rejected):
        return found
    button, heartbeat = found
    assert isinstance(heartbeat, Heartbeat)
    return VerifiedHeartbeat(button, heartbeat)


def _sender(topic: str, lane: str, part: Part, payload: bytes) -> int | Rejected:
    """The gateway whose certificate the broker let write here."""
    try:
        gateway, kind = topics.parse_gateway_up(topic)
    except FrameError:
        detail = because(Why.TOPIC, found=topic[:64])
        return Rejected(Reason.WRONG_LANE, part, detail, _source(topic), _claimed(payload), payload)
    if kind != lane:
        detail = because(Why.LANE, expected=lane, found=kind)
        return Rejected(Reason.WRONG_LANE, part, detail, _source(topic), _claimed(payload), payload)
    return gateway


def _believe(
    keys: KeyRing,
    raw: bytes,
    expected: type[Payload],
    role: str | None,
    part: Part,
    source: str,
    sender: int | None,
) -> tuple[Enrolled, Payload] | Rejected:
    """A frame with a valid MAC of an enrolled device in that role (None: any).

    A compromised key is told from a bad MAC: the owner of the secret, and nobody else, is refused for it.
    """

    def rejected(reason: Reason, detail: Detail) -> Rejected:
        return Rejected(reason, part, detail, source, _claimed(raw), raw)

    try:
        parsed = frame.parse(raw, (expected,))
    except FrameError as error:
        return rejected(*of_frame(error))
    if sender is not None and parsed.device != sender:
        return rejected(Reason.WRONG_LANE, because(Why.SIGNER, device=topics.device_name(parsed.device)))
    enrolled = keys.find(parsed.device, parsed.key_id)
    if enrolled is None or role not in (None, enrolled.role):
        return rejected(Reason.UNKNOWN_DEVICE, because(Why.NOT_ENROLLED, role=role or "device", key=parsed.key_id))
    if not parsed.verify(enrolled.keys.up_link):
        return rejected(Reason.BAD_MAC, because(Why.MAC))
    if enrolled.state is KeyState.COMPROMISED:
        return rejected(Reason.COMPROMISED, because(Why.COMPROMISED, key=parsed.key_id))
    return enrolled, parsed.payload


def sms_source(modem: str) -> str:
    """How rejections name what one of the centre's modems heard."""
    return f"sms:{modem}"


def _source(topic: str) -> str:
    """The lane a message came on, for people; cut, because anybody may have written it at a foreign broker."""
    parts = topic.split("/")
    return (parts[1] if len(parts) > 1 else topic)[:64]


def _claimed(raw: bytes) -> int | None:
    """Which device the bytes say they are from, as far as they look like a frame at all."""
    try:
        return frame.parse_header(raw)[2]
    except FrameError:
        return None
