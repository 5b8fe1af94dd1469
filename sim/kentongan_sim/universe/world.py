"""One universe: everybody wired together, the plan carried out, and the judgement at the end."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from kentongan_gateway.adapters.buttons import Button
from kentongan_gateway.identity import Identity as GatewayIdentity
from kentongan_sim.universe.adversary import Adversary, LyingGateway
from kentongan_sim.universe.button import SimButton
from kentongan_sim.universe.button_body import ALARM as ALARM_OUT
from kentongan_sim.universe.button_body import BEAT as BEAT_OUT
from kentongan_sim.universe.button_body import TEXT as TEXT_OUT
from kentongan_sim.universe.centre import VirtualCentre
from kentongan_sim.universe.clockwork import VirtualLoop
from kentongan_sim.universe.disks import Disk
from kentongan_sim.universe.ending import told, wrong_at_the_end
from kentongan_sim.universe.faults import Faults
from kentongan_sim.universe.flash import Flash, FlashFiles
from kentongan_sim.universe.gateway import VirtualGateway
from kentongan_sim.universe.links import Link
from kentongan_sim.universe.oracle import Oracle, Violation
from kentongan_sim.universe.people import BUTTONS, GATEWAYS, KEY_ID, SITES, centre_image, custody_image, keys_of
from kentongan_sim.universe.plan import Plan
from kentongan_sim.universe.quiet import our_own
from kentongan_sim.universe.silence import Silence
from kentongan_sim.universe.sim_cards import SimCard
from kentongan_sim.universe.sms import VirtualSms
from kentongan_sim.universe.totals import count
from kentongan_wire.topics import button_down

INNER_AT, MAC_BYTES = 13, 16  # of an envelope
STORED_TYPE = b"\x81"
LISTEN_MS = 1_000  # how often it looks at who cannot be heard
SUPERVISE_MS = 5_000  # how often the oracle looks at who was heard
CALM_MS = 240_000  # after the faults have stopped everything must be right within this (silence of a path included)
CALM_BY_SMS_MS = 1_800_000  # the same where only SMS is left: rounds of texts are up to 10 minutes apart
QUIET_MS = 10_000  # and must stay so: nothing rings late, no second alarm comes
LOOK_MS = 2_000  # how often the end is looked for


@dataclass(slots=True)
class Verdict:
    """What became of one schedule.

    Attributes:
        problem: the first thing that was wrong; None when all was right.
        totals: how often what happened.
        digest: of the trace: the same seed gives the same.
    """

    seed: int
    problem: str | None
    totals: Counter[str]
    digest: str
    virtual_ms: int
    logs: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)


class World:
    """Everything of one universe.

    Args:
        plan: what is to happen.
        only: numbers of the events that do happen; None for all.
        say: given every line of the trace; None for nobody.
        record: whether the buttons' inputs and outputs are kept.
    """

    def __init__(
        self,
        plan: Plan,
        only: frozenset[int] | None = None,
        say: Callable[[str], None] | None = None,
        *,
        record: bool = False,
    ) -> None:
        self.plan = plan
        self.loop = VirtualLoop()  # type: ignore[abstract]  # it has what our programs use
        self.oracle = Oracle()
        self.totals: Counter[str] = Counter()
        self.files = FlashFiles()
        self.over = False
        self.problem: BaseException | None = None
        self._say = say
        self._only = only
        self._record = record
        self._digest = hashlib.sha256()
        self._draws = random.Random(f"universe {plan.seed}")
        self.adversary = Adversary(self.draw())
        self.sms = VirtualSms(self.loop, self.draw(), self.adversary.listen, down_to_bytes=plan.down_to_bytes)
        self.site_up = [True] * plan.sites
        self.centre_broker_up = True
        self.uplinks = [Link(f"uplink-{SITES[at]}", self.loop, self.draw()) for at in range(plan.sites)]
        self.centre_disk = Disk(centre_image(), self.draw(), self._centre_committed)
        self.centre = VirtualCentre(
            self.loop,
            self.centre_disk,
            self.draw(),
            self._centre_said,
            self._handled,
            self._down_from_centre,
            self.sms,
            self._centre_texted,
        )
        self.gateways = [self._make_gateway(at) for at in range(plan.sites)]
        self.liars: list[LyingGateway | None] = [None] * plan.sites
        self.buttons: list[SimButton] = []
        for at in range(plan.sites):
            for device in BUTTONS[at][: plan.buttons]:
                self.add_button(f"{device:08x}", device, at, Flash(self.draw()))
        self.sms.on_stored = self._let_go
        self.forged_bytes: set[bytes] = set()
        self.faults = Faults(self)
        self.silence = Silence(self)
        for at, uplink in enumerate(self.uplinks):
            uplink.taps.append(self.adversary.listen)
            uplink.on_change.append(self.gateways[at].link_changed)

    # --- making -------------------------------------------------------------------------------

    def draw(self) -> random.Random:
        """Randomness of its own for one part, so that taking an event away changes little elsewhere."""
        return random.Random(self._draws.randbytes(16))

    def add_button(self, name: str, device: int, site: int, flash: Flash) -> SimButton:
        """A board at a site."""
        wifi = Link(f"wifi-{name}", self.loop, self.draw())
        wifi.taps.append(self.adversary.listen)
        button = SimButton(
            self.loop,
            name,
            device,
            flash,
            self.files,
            wifi,
            self.draw(),
            partial(self._publish, site),
            lambda: wifi.up and self.site_up[site],
            self,
            self.sms if len(name) == 8 else None,  # a twin has another SIM, or none
        )
        wifi.on_change.append(button.link_changed)
        if self._record:
            button.log = []
        self.buttons.append(button)
        return button

    def _make_gateway(self, at: int) -> VirtualGateway:
        device = GATEWAYS[at]
        keys = keys_of(device)
        identity = GatewayIdentity(device, KEY_ID, SITES[at], keys.up_link, keys.down_link)
        buttons = {one: Button(one, KEY_ID, "", keys_of(one).hop) for one in BUTTONS[at]}
        disk = Disk(custody_image(), self.draw(), partial(self._gateway_committed, at), named=True)
        return VirtualGateway(
            self.loop,
            identity,
            buttons,
            disk,
            self.draw(),
            partial(self.to_button, at),
            partial(self._from_gateway, at),
            lambda: self.uplinks[at].up and self.centre_broker_up,
            self.sms,
        )

    # --- roads --------------------------------------------------------------------------------

    def _publish(self, site: int, button: SimButton, topic: str, raw: bytes, confirm: Callable[[], None]) -> None:
        """A button to its site's broker."""
        what = "up/alarm" if topic.endswith("alarm") else "up/beat"

        def arrive(arrived: bytes) -> None:
            if self.site_up[site]:
                confirm()
                self.at_site_broker(site, topic, arrived)

        button.wifi.carry(what, raw, arrive)

    def at_site_broker(self, site: int, topic: str, raw: bytes) -> None:
        """Whoever published it."""
        liar = self.liars[site]
        if liar is not None:
            liar.from_button(raw)
        self.gateways[site].from_button(topic, raw)

    def to_button(self, site: int, device: int, raw: bytes, *, forged: bool = False) -> bool:
        """The site's broker to everybody on a button's topic."""
        if not self.site_up[site]:
            return False
        self.trace("site", button_down(SITES[site], device), raw)
        if raw[1:2] == STORED_TYPE and not forged and self.liars[site] is None:
            identity = (device, int.from_bytes(raw[8:12], "big"), raw[12:20])
            self.judge(partial(self.oracle.stored, identity, self.gateways[site].identity.device))
        for button in self.buttons:
            if button.device == device:
                button.wifi.carry("down", raw, button.receive)
        return True

    def _from_gateway(self, at: int, kind: str, topic: str, raw: bytes, confirm: Callable[[], None]) -> None:
        liar = self.liars[at]
        if liar is not None:
            liar.up(kind, topic, raw, confirm)
        else:
            self.to_centre(at, kind, topic, raw, confirm)

    def to_centre(self, at: int, kind: str, topic: str, raw: bytes, confirm: Callable[[], None]) -> None:
        """Over a site's uplink to the centre's broker."""

        def arrive(arrived: bytes) -> None:
            if self.centre_broker_up:
                confirm()
                self.at_centre_broker(kind, topic, arrived)

        self.uplinks[at].carry(f"to-centre/{kind}", raw, arrive)

    def at_centre_broker(self, kind: str, topic: str, raw: bytes) -> None:
        """Whoever published it."""
        self.trace("centre", topic, raw)
        self.centre.from_gateway(kind, topic, raw)

    def _down_from_centre(self, kind: str, topic: str, raw: bytes, confirm: Callable[[], None]) -> None:
        if not self.centre_broker_up:
            return
        confirm()
        for at, gateway in enumerate(self.gateways):
            if f"{gateway.identity.device:08x}" in topic:
                self.uplinks[at].carry(f"from-centre/{kind}", raw, partial(gateway.from_centre, kind, topic))

    # --- the oracle is told ---------------------------------------------------------------------

    def judge(self, rule: Callable[[], object]) -> None:
        """Asks the oracle; the first violation ends the universe."""
        if self.problem is None:
            try:
                rule()
            except Violation as violation:
                self.broken(violation)

    def broken(self, problem: BaseException) -> None:
        """Something is wrong: the universe ends here."""
        self.problem = self.problem or problem
        self.loop.halted = True

    def happened(self, button: SimButton, what: tuple[object, ...]) -> None:
        """A button did something that can be noticed."""
        self.trace(button.name, *what)
        name, oracle, device = what[0], self.oracle, button.device
        if name == "pressed":
            self.totals["presses"] += 1
            _, sequence, nonce, merged = what
            assert isinstance(sequence, int)
            assert isinstance(nonce, bytes)
            if not merged:
                self.judge(partial(oracle.pressed, device, sequence, nonce))
        elif name == "repeated":
            self.totals["repeats"] += 1
        elif name == "saved" and what[1]:
            self.judge(partial(oracle.flash_saved, button.name, device, button.flash.durable))
        elif name == "lamp":
            _, (sequence, nonce), lamp, level, revision = what  # type: ignore[misc]
            identity = (device, sequence, nonce)
            self.judge(partial(oracle.lamp, button.name, identity, lamp, level, revision))  # type: ignore[arg-type]
        elif name == "answered":
            self.totals["answers at buttons"] += 1
            self.judge(partial(oracle.answered, button.name, what[1], self.loop.now_ms))  # type: ignore[arg-type]
        elif name in ("receipt", "rejected", "stored"):
            self.totals[f"{name} at buttons"] += 1

    def booted(self, button: SimButton) -> None:
        """A button has started."""
        assert button.body is not None
        files, latched = button.flash.durable, button.body.delivery.latched
        self.judge(partial(self.oracle.booted, button.name, button.device, files, latched=latched))

    def sent(self, button: SimButton, lane: int, raw: bytes) -> None:
        """A button sent a frame."""
        if lane == TEXT_OUT:
            self.oracle.texted_press(raw.decode().split(" ", 1)[1])
        if lane == ALARM_OUT:
            self.oracle.sent_press(raw)
        elif lane == BEAT_OUT:
            self.oracle.sent_beat(button.name, int.from_bytes(raw[8:12], "big"), self.loop.now_ms)
        self.totals[("press frames", "heartbeats", "texts of buttons")[lane]] += 1
        self.trace(button.name, "sent", raw)

    def _centre_said(self, frames: Iterable[bytes]) -> None:
        self.judge(partial(self.oracle.centre_said, list(frames)))

    def _centre_texted(self, number: str, text: str) -> None:
        self.totals["texts of the centre"] += 1
        self.trace("centre", "texts", number, text)
        self.judge(partial(self.oracle.centre_texted, number, text))

    def _centre_committed(self) -> None:
        self.totals["centre commits"] += 1
        self.judge(partial(self.oracle.centre_committed, self.centre_disk.connection))

    def _gateway_committed(self, at: int) -> None:
        gateway = self.gateways[at]
        self.judge(partial(self.oracle.gateway_committed, gateway.identity.device, gateway.disk.connection))

    def _handled(self, kind: str, topic: str, raw: bytes, result: object, begun_at_ms: int) -> None:
        self.totals[f"{kind}s handled"] += 1
        if getattr(result, "part", None) == "press" and raw[INNER_AT:-MAC_BYTES] in self.oracle.frames:
            self.broken(Violation(1, f"the centre refused a press that its button had signed: {result}"))
        if raw in self.forged_bytes:
            self.oracle.refused(raw, topic, begun_at_ms)
            self.judge(partial(self.oracle.count_rejections, self.centre_disk.connection))
        self.trace("centre", "handled", kind, type(result).__name__)

    def _look_at_supervision(self) -> None:
        self.judge(partial(self.oracle.supervised, self.centre_disk.connection))
        wait_ms = max(SUPERVISE_MS, self.faults.desk.dark_until_ms - self.loop.now_ms)
        self.loop.after(wait_ms, self.loop.nature, self._look_at_supervision)

    def _listen_for_silence(self) -> None:
        self.judge(self.silence.look)
        wait_ms = max(LISTEN_MS, self.faults.desk.dark_until_ms - self.loop.now_ms)
        self.loop.after(wait_ms, self.loop.nature, self._listen_for_silence)

    def _let_go(self, card: SimCard, text: str) -> None:
        """A program lets a message go from its SIM."""
        if card in self.centre.cards:
            self.judge(partial(self.oracle.centre_let_go, text))

    def fail_point(self, name: str) -> None:
        """The real programs come by here; a planned kill strikes."""
        self.faults.pass_by(name)

    def trace(self, who: str, *what: object) -> None:
        """A line of the trace, of which the digest is made."""
        self._digest.update(repr((self.loop.now_ms, who, what)).encode())
        if self._say is not None:
            words = " ".join(one.hex() if isinstance(one, bytes) else str(one) for one in what)
            self._say(f"{self.loop.now_ms} {who} {words}")

    # --- running ------------------------------------------------------------------------------

    def run(self) -> Verdict:
        """From the first boot to the judgement."""
        say = self._say
        log = None if say is None else (lambda text: say(f"{self.loop.now_ms}   {self.loop.process.name}: {text}"))
        with our_own(self.draw(), self.files, self.fail_point, log, self.broken):
            try:
                self._live()
            except Exception as error:  # noqa: BLE001 - a program failed, or stalled: the verdict says which
                self.problem = self.problem or error
            finally:
                self.loop.end()
                for disk in (self.centre_disk, *(gateway.disk for gateway in self.gateways)):
                    disk.discard()
        if self.problem is None and self.loop.failed:
            self.problem = self.loop.failed[0][1]
        problem = None if self.problem is None else told(self.problem)
        count(self, self.totals)
        logs = {button.name: button.log for button in self.buttons if button.log is not None}
        return Verdict(self.plan.seed, problem, self.totals, self._digest.hexdigest(), self.loop.now_ms, logs)

    def _live(self) -> None:
        self.centre.start()
        for gateway in self.gateways:
            gateway.start()
        for button in list(self.buttons):
            button.power_on()
        for event in self.plan.events:
            if self._only is None or event.number in self._only:
                self.loop.after(event.at_ms, self.loop.nature, self.faults.happen, event)
        self.loop.after(SUPERVISE_MS, self.loop.nature, self._look_at_supervision)
        self.loop.after(LISTEN_MS, self.loop.nature, self._listen_for_silence)
        if self.plan.look_every_ms:
            self.loop.after(self.plan.look_every_ms, self.loop.nature, self.faults.desk.look)

        self.loop.run(self.plan.ends_ms)
        if self.loop.halted:
            return
        self.faults.stop()
        self.trace("world", "the faults have stopped")
        began_ms = self.loop.now_ms
        wrong: str | None = "nothing was looked at"
        right_since_ms: int | None = None
        calm_ms = CALM_BY_SMS_MS if self.plan.ending else CALM_MS
        while self.loop.now_ms - began_ms < calm_ms and not self.loop.halted:
            self.loop.run(self.loop.now_ms + LOOK_MS)
            self.faults.desk.answer_all()
            wrong = wrong_at_the_end(self)
            right_since_ms = None if wrong else self.loop.now_ms if right_since_ms is None else right_since_ms
            if right_since_ms is not None and self.loop.now_ms - right_since_ms >= QUIET_MS:
                break
        if not self.loop.halted and wrong:
            self.problem = Violation(1, f"{calm_ms // 1000} s after the last fault: {wrong}")
