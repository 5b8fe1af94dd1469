"""A button over all its boots: hands, power, flash and radio around the real cores."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

from kentongan_button.core.loop import LOOP_ALARM, LOOP_NORMAL
from kentongan_sim.universe.at_modem import PIN, AtCard, AtLine
from kentongan_sim.universe.button_body import ALARM, DIRECTORY, SAMPLES_MS, TEXT, ButtonBody
from kentongan_sim.universe.clockwork import Handle, Process, VirtualLoop
from kentongan_sim.universe.flash import Flash, FlashFiles, PowerCutError
from kentongan_sim.universe.links import Link, Session
from kentongan_sim.universe.people import KEY_ID, keys_of, number_of, site_of
from kentongan_sim.universe.sms import SEND_MS, VirtualSms
from kentongan_wire import topics
from kentongan_wire.at_engine import AtEngine
from kentongan_wire.second_path import TEXT_RETRY, TEXT_WAIT

_CLOSED, _OPEN = (LOOP_ALARM, LOOP_ALARM), (LOOP_NORMAL, LOOP_NORMAL)  # both contacts
SETTLE_MS = 100  # sampled after the contacts opened, so that the debouncer is at rest again
PUBACK_MS = 5_000  # a publish that is not confirmed by then ends the connection, as the real client's deadline does


class Watcher(Protocol):
    """Who is told what a button does."""

    def happened(self, button: SimButton, what: tuple[object, ...]) -> None: ...
    def booted(self, button: SimButton) -> None: ...
    def sent(self, button: SimButton, lane: int, raw: bytes) -> None: ...


class SimButton:
    """One board.

    Attributes:
        openings: rises whenever its way to the site's broker opens while it runs, however shortly.

    Args:
        name: of this board; a clone has the same device and another name.
        publish: takes (topic, payload, confirm) to the site broker, over the radio.
        reachable: whether a connection to the site broker could stand.
        sms: the network of its modem; None when it has none.
    """

    def __init__(
        self,
        loop: VirtualLoop,
        name: str,
        device: int,
        flash: Flash,
        files: FlashFiles,
        wifi: Link,
        draw: random.Random,
        publish: Callable[[SimButton, str, bytes, Callable[[], None]], None],
        reachable: Callable[[], bool],
        watcher: Watcher,
        sms: VirtualSms | None = None,
    ) -> None:
        self.loop = loop
        self.name = name
        self.device = device
        self.flash = flash
        self.wifi = wifi
        self.process = Process("nobody")
        self.process.kill()
        self.body: ButtonBody | None = None
        self.boots = 0
        self.booted_ms = 0
        self.power_cuts = 0
        self.openings = 0
        self.smashed = False
        self.dark_until_ms = 0  # before, nobody has power, whoever asks for it
        self.relaxed = False  # re-flashed or cloned: its heartbeats are stale, so nobody corrects its lamp
        self.log: list[tuple[object, ...]] | None = None
        self._files = files
        self._draw = draw
        self._publish = publish
        self._reachable = reachable
        self._watcher = watcher
        self._sms = sms
        self.card = sms.card(number_of(device)) if sms is not None else None
        self._session: Session | None = None
        self._line: AtLine | None = None
        self._turn_handle: Handle | None = None
        self._noticed = False  # something followed from the newest input

    # --- power --------------------------------------------------------------------------------

    @property
    def on(self) -> bool:
        return self.process.alive

    def power_on(self) -> None:
        """A boot."""
        if self.smashed or self.process.alive or self.loop.now_ms < self.dark_until_ms:
            return
        self.boots += 1
        self.process = Process(self.name)
        self.booted_ms = self.loop.now_ms
        self.body = None
        if isinstance(self.card, AtCard):
            self._line = AtLine(
                self.card, self.loop, self.process, AtEngine(PIN), self._modem_changed, self._texted, self._came
            )
        self._act(self._boot)
        if self.on and self._line is not None:
            self._modem_changed()
            self._line.begin()
        if not self.on:  # the power went in the middle of it
            return
        self._watcher.booted(self)
        if self.card is not None and self._line is None:
            self.card.on_message = self._arrived
            self._arrived()
        for at_ms in range(0, 60, SAMPLES_MS):
            self.loop.after(at_ms, self.process, self._sample, False, 0, False)
        self._session = Session(self.loop, self.process, self._reachable, self._linked, self._draw)
        self.link_changed()

    def power_off(self) -> None:
        """A power cut."""
        if self.process.alive:
            self.process.kill()
            self.power_cuts += 1
            self.flash.power_cut()
            self.body = None
            self._session = self._line = None
            if isinstance(self.card, AtCard):
                self.card.lose_power()

    def link_changed(self, _up: object = None) -> None:
        """The radio or the broker came or went."""
        if self._session is not None:
            self.openings += self._reachable()
            self._session.look()

    def _boot(self) -> None:
        boot_id = self._draw.randrange(1, 1 << 32)
        nonces: list[bytes] = []
        self._note("boot", boot_id, {path: data.hex() for path, data in sorted(self.flash.durable.items())})

        def nonce() -> bytes:
            nonces.append(self._draw.randbytes(8))
            self._note("nonce", nonces[-1].hex())
            return nonces[-1]

        self.body = ButtonBody(
            self.device, KEY_ID, keys_of(self.device), boot_id, 2, "guard-post", nonce, DIRECTORY, self._sms is not None
        )

    # --- hands --------------------------------------------------------------------------------

    def press(self, hold_ms: int) -> None:
        """Both contacts closed for so long."""
        self._sample_during(hold_ms, closed=True, key=False)

    def turn_key(self, hold_ms: int) -> None:
        """The reset key turned for so long."""
        self._sample_during(hold_ms, closed=False, key=True)

    def _sample_during(self, hold_ms: int, *, closed: bool, key: bool) -> None:
        if not self.on:
            return
        for at_ms in range(0, hold_ms + SETTLE_MS, SAMPLES_MS):
            held = at_ms < hold_ms
            edges = 3 if closed and at_ms == 0 else 0
            self.loop.after(at_ms, self.process, self._sample, closed and held, edges, key and held)

    def _sample(self, closed: bool, edges: int, key: bool) -> None:  # noqa: FBT001 - three contacts
        now_ms = self.loop.now_ms - self.booted_ms
        body = self.body
        assert body is not None
        detector = body.detector
        flags = detector.flags
        if self.log is not None:
            self._note("sample", closed, edges, key, now_ms)
        # `body.sample` in two steps: of every hundred samples one comes to something.
        actions = detector.sample(_CLOSED if closed else _OPEN, edges, key, False, now_ms)
        acts = bool(actions) or body.shown is None
        if acts:
            self._act(body.act, actions, now_ms, plan=False)
        if self.body is body and ((acts and self._noticed) or detector.flags != flags):
            self._plan()

    # --- radio --------------------------------------------------------------------------------

    @property
    def uptime_ms(self) -> int:
        return self.loop.now_ms - self.booted_ms

    def _linked(self, up: bool) -> None:  # noqa: FBT001 - a switch
        body, now_ms = self.body, self.uptime_ms
        assert body is not None
        if up:
            self._note("link_up", now_ms)
            self._act(body.link_up, now_ms)
        else:
            self._note("link_down")
            self._act(body.link_down)

    def receive(self, raw: bytes) -> None:
        """A message on its topic; call it as nature."""
        if self.on:
            self.loop.after(0, self.process, self._frame, raw)

    def _frame(self, raw: bytes) -> None:
        body, now_ms = self.body, self.uptime_ms
        assert body is not None
        if body.connected:
            if self.log is not None:
                self._note("frame", raw.hex(), now_ms)
            self._act(body.frame, raw, now_ms)

    def _confirmed(self, session: Session, number: int) -> None:
        if self.body is not None and session is self._session and number == session.number and self.body.in_flight:
            self.body.in_flight -= 1
            self._note("puback")
            self._plan()

    def _send(self, lane: int, raw: bytes) -> None:
        site = site_of(self.device)
        topic = topics.button_up(site, self.device, topics.ALARM if lane == ALARM else topics.BEAT)
        session, process = self._session, self.process
        number = session.number if session is not None else 0
        self._watcher.sent(self, lane, raw)

        waits = [True]

        def confirm() -> None:
            if waits[0] and session is not None:
                waits[0] = False
                if lane == ALARM:
                    self.loop.after(0, process, self._confirmed, session, number)

        def overdue() -> None:
            if waits[0] and session is not None and session is self._session:
                session.broken(number)

        self._publish(self, topic, raw, confirm)
        self.loop.after(PUBACK_MS, process, overdue)

    # --- the modem ----------------------------------------------------------------------------

    def _text(self, number: str, text: str) -> None:
        assert self._sms is not None
        if self._line is not None:
            if not self._line.send(number, text):
                self._texted(TEXT_WAIT)
            return
        self._sms.loop.after(self._draw.randint(*SEND_MS), self.loop.nature, self._submit, self.process, number, text)

    def _submit(self, process: Process, number: str, text: str) -> None:
        """The modem's own doing, also when the button lost its power meanwhile."""
        assert self._sms is not None
        assert self.card is not None
        outcome = TEXT_RETRY if self.card.dead else self._sms.submit(self.card.number, number, text)
        self.loop.after(0, process, self._texted, outcome)

    def _texted(self, outcome: int) -> None:
        body, now_ms = self.body, self.uptime_ms
        assert body is not None
        self._note("texted", outcome, now_ms)
        self._act(body.texted, outcome, now_ms)
        if self._line is not None:
            self._modem_changed()

    def _modem_changed(self) -> None:
        """The engine can take a text, or cannot."""
        body, line = self.body, self._line
        if body is not None and line is not None:
            free = line.engine.ready
            self._note("modem", free)
            self._act(body.modem, free)

    def _came(self, index: int, _sender: str, text: str) -> None:
        body, now_ms = self.body, self.uptime_ms
        if body is None:
            return
        self._note("sms", text, now_ms)
        self._act(body.sms, text, now_ms)
        if self._line is not None:  # it goes from the SIM only when the button has lived through it
            self._line.stored(index)

    def _arrived(self) -> None:
        if self.on:
            self.loop.after(0, self.process, self._read_texts)

    def _read_texts(self) -> None:
        assert self.card is not None
        for index in sorted(self.card.messages):
            body, now_ms = self.body, self.uptime_ms
            if body is None:
                return
            text = self.card.messages[index].text
            self._note("sms", text, now_ms)
            self._act(body.sms, text, now_ms)
            if self.body is not None:  # it goes from the SIM only when the button has lived through it
                del self.card.messages[index]

    # --- turns --------------------------------------------------------------------------------

    def _turn(self) -> None:
        body, now_ms = self.body, self.uptime_ms
        assert body is not None
        self._turn_handle = None
        if self.log is not None:
            self._note("turn", now_ms)
        self._act(body.turn, now_ms)

    def _act(self, act: Callable[..., object], *values: object, plan: bool = True) -> None:
        """One input of the cores, and everything that follows from it."""
        files = self._files
        before, files.flash = files.flash, self.flash
        try:
            try:
                act(*values)
            finally:
                files.flash = before
        except PowerCutError:
            self._tell()
            self._note("cut")
            self.power_off()
            self.loop.after(self._draw.randint(50, 3_000), self.loop.nature, self.power_on)
            return
        self._tell()
        if plan:
            self._plan()

    def _tell(self) -> None:
        body = self.body
        if body is None:
            return
        self._noticed = bool(body.said or body.out)
        if not self._noticed:
            return
        said, body.said = body.said, []
        out, body.out = body.out, []
        if self.log is not None:
            self.log.append(("=", [_plain(one) for one in said], [(lane, raw.hex()) for lane, raw in out]))
        for what in said:
            self._watcher.happened(self, what)
        for lane, raw in out:
            if lane == TEXT:
                self._watcher.sent(self, lane, raw)
                self._text(*raw.decode().split(" ", 1))
            else:
                self._send(lane, raw)

    def _plan(self) -> None:
        body, now_ms = self.body, self.uptime_ms
        if body is None:
            return
        wait_ms = body.next_ms(now_ms) - now_ms
        if self._turn_handle is not None:
            self._turn_handle.cancel()
        self._turn_handle = self.loop.timer(wait_ms, self.process, self._turn)

    def _note(self, *what: object) -> None:
        if self.log is not None:
            self.log.append(what)


def _plain(what: tuple[object, ...]) -> list[object]:
    """As JSON has it."""
    return [one.hex() if isinstance(one, bytes) else [_one.hex() if isinstance(_one, bytes) else _one for _one in one]
            if isinstance(one, tuple) else one for one in what]  # fmt: skip
