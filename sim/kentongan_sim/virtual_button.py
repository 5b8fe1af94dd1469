"""One button of the city: the real firmware on the real interpreter, with a panel, a hand and a cable around it."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from kentongan_sim import hand
from kentongan_sim.board_link import BoardLink
from kentongan_sim.errors import SimError
from kentongan_sim.evidence import now_ms
from kentongan_sim.flash_image import find_tool
from kentongan_sim.link_proxy import LinkProxy
from kentongan_sim.panel import Change, Contact, Panel, wiring
from kentongan_sim.processes import Child, Death, ProcessManager, Program

HEAP = "160k"  # on the 64-bit interpreter; stands for about 100 kB on the device (FACTS)
BOARD_PROGRAM = Path(__file__).parent / "board" / "run.py"
START_S = 90.0  # bounds interpreter, littlefs mount and import on a loaded machine
RESTARTS_MAX = 5  # restarts of a board of its own accord within RESTARTS_MS that make it a broken one
RESTARTS_MS = 30_000
SINCE_PRESS_MAX = 256  # traces kept for who asks after the fact: minutes of them
WATCHDOG_MS = 8_000  # what a board that does not tell its watchdog's timeout is given


@dataclass(frozen=True)
class Trace:
    """Something the firmware or a pin did: a trace's name and values, or `pin`, `hello`, `panel`, `power`."""

    name: str
    values: dict[str, Any]
    at_ms: float


@dataclass(frozen=True)
class BoardFiles:
    """What makes a board itself: flash image and NVS. Both survive power cuts."""

    flash: Path
    nvs: Path


class Modem(Protocol):
    """The modem beside a board: the board's UART reaches it at an address, its power key is one of the board's pins."""

    @property
    def address(self) -> str:
        """host:port, where it listens."""

    def power_key(self, held_ms: int) -> None:
        """The power key was held that long."""

    def power_off(self) -> None:
        """The supply is gone, with that of the board."""


@dataclass
class View:
    """What a person sees, feels and knows of the thing now; the bench page draws it.

    Attributes:
        powered: the board's start has run.
        awake: its firmware looks at its inputs, since `awake_ms`.
        vibration_ms: how long the newest pulse lasted.
        milestones: of the newest press: name of a trace (with the level of a receipt or lamp) → when.
    """

    powered: bool = False
    awake: bool = False
    awake_ms: float = 0.0
    lamp: bool = False
    vibration: bool = False
    vibration_ms: float = 0.0
    linked: bool = False
    boots: int = 0
    shown_level: int = 0
    press: dict[str, Any] | None = None
    milestones: dict[str, float] = field(default_factory=dict)


class VirtualButton:
    """A button. `on_trace(button, trace)` is called for everything that it does."""

    def __init__(
        self,
        *,
        name: str,
        device: int,
        variant: str,
        files: BoardFiles,
        link: LinkProxy,
        manager: ProcessManager,
        seed: int,
        on_trace: Callable[[VirtualButton, Trace], None],
        on_fault: Callable[[SimError], None],
        modem: Modem | None = None,
    ) -> None:
        self.name = name
        self.device = device
        self.variant = variant
        self.files = files
        self.link = link
        self.panel = Panel(wiring(variant))
        self.view = View()
        self._manager = manager
        self._fate = random.Random(f"{seed}/{device}")
        self._on_trace = on_trace
        self._on_fault = on_fault
        self._board = BoardLink(name, self.panel.snapshot, self._take, on_fault)
        self._child: Child | None = None
        self._modem = modem
        self._key_down_ms: int | None = None
        self._resetting = False
        self._vibrating_since_ms = 0.0
        self._restarts_ms: deque[float] = deque(maxlen=RESTARTS_MAX)
        self._waiters: list[tuple[Callable[[Trace], bool], asyncio.Future[Trace]]] = []
        self._since_press: deque[Trace] = deque(maxlen=SINCE_PRESS_MAX)
        self._watchdog: asyncio.TimerHandle | None = None
        self._watchdog_s = WATCHDOG_MS / 1000
        self._tasks: set[asyncio.Task[None]] = set()

    # --- power ---------------------------------------------------------------------------------

    async def power_on(self) -> None:
        """Give it power and wait until its firmware looks at its inputs.

        Raises:
            SimError: it ended or said nothing in time.
        """
        if self._child is not None and self._child.running:
            return
        if self._board.port == 0:
            await self._board.start()
        awake = self.expect(lambda trace: trace.name == "running")
        self._child = await self._manager.start(self._program())
        self._child.ended.add_done_callback(self._ended)
        ended = self._child.ended
        either: set[asyncio.Future[Any]] = {awake, ended}
        await asyncio.wait(either, timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            raise SimError(f"{self.name} did not start. {ended.result()}")
        if not awake.done():
            raise SimError(f"{self.name}: its firmware was not running within {START_S:g} s")

    async def cut_power(self) -> None:
        """Take the power away in the middle of whatever it does."""
        self.kill_now()
        if self._child is not None:
            await asyncio.wait({self._child.ended})

    def kill_now(self) -> None:
        """Take the power away without waiting for the end."""
        if self._child is not None:
            self._child.kill()
        if self._modem is not None:
            self._modem.power_off()

    def hang(self) -> None:
        """Let its interpreter stop dead; only its watchdog can help it now."""
        if self._child is not None:
            self._child.freeze()

    def thaw(self) -> None:
        """Let its interpreter go on; it looks at its inputs from now on, so a release in between is news to it."""
        self.view.awake_ms = now_ms()
        if self._child is not None:
            self._child.thaw()

    async def stop(self) -> None:
        """Cut the power and put the wires away."""
        for task in self._tasks:  # a restart under way
            task.cancel()
        await self.cut_power()
        await self._board.stop()

    def _program(self) -> Program:
        environment = {
            "KENTONGAN_BOARD": f"127.0.0.1:{self._board.port}",
            "KENTONGAN_FLASH": str(self.files.flash),
            "KENTONGAN_NVS": str(self.files.nvs),
        }
        if self._modem is not None:
            environment["KENTONGAN_MODEM"] = self._modem.address
        interpreter = (find_tool("micropython"), "-X", f"heapsize={HEAP}", str(BOARD_PROGRAM))
        return Program(self.name, interpreter, environment)

    def _ended(self, ended: asyncio.Future[Death]) -> None:
        self._dark()
        if self._resetting and not ended.cancelled():
            self._resetting = False
            self._note_restart(ended.result())
            self._later(self.power_on())

    def _note_restart(self, death: Death) -> None:
        """A board may reset itself; one that does nothing else is broken, and somebody must hear of it."""
        self._restarts_ms.append(now_ms())
        if len(self._restarts_ms) == RESTARTS_MAX and self._restarts_ms[-1] - self._restarts_ms[0] < RESTARTS_MS:
            self._on_fault(SimError(f"{self.name} keeps restarting. {death}"))

    def _dark(self) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None
        boots = self.view.boots
        self.view = View(boots=boots)
        self._tell(Trace("power", {"on": False}, now_ms()))

    # --- the hand ------------------------------------------------------------------------------

    async def push(self, indices: tuple[int, ...] | None = None, closure_ms: int | None = None) -> float:
        """Push these contacts together (all of them when not given) and let go, as a hand does.

        Returns:
            When all of them were closed for the first time (`now_ms`).
        """
        pushed = indices if indices is not None else tuple(range(len(self.panel.contacts)))
        clock = asyncio.get_running_loop().time
        began_s = moved_s = clock()
        contact_ms, moved_at_ms = 0.0, 0
        for move in hand.push(self._fate, pushed, closure_ms):
            if move.at_ms - moved_at_ms > hand.BOUNCE_MS[1]:
                # A hand that this machine held up: what it holds it holds as long as drawn; metal does not wait for it.
                began_s = max(began_s, moved_s - moved_at_ms / 1000)
            await asyncio.sleep(max(0.0, began_s + move.at_ms / 1000 - clock()))
            self.set_contact(move.index, Contact.PRESSED if move.closed else Contact.REST)
            moved_s, moved_at_ms = clock(), move.at_ms
            if not contact_ms and all(self.panel.contacts[index] is Contact.PRESSED for index in pushed):
                contact_ms = now_ms()
        return contact_ms

    async def turn_key(self) -> None:
        """Turn the reset key and let it go."""
        self._send(self.panel.set_key(turned=True))
        await asyncio.sleep(hand.key_turn_ms(self._fate) / 1000)
        self._send(self.panel.set_key(turned=False))

    def set_contact(self, index: int, contact: Contact) -> None:
        """Move one contact, or break its cable; the comparator follows after its filter's time."""
        self._send(self.panel.set_contact(index, contact))
        asyncio.get_running_loop().call_later(self.panel.wiring.contact_filter_ms / 1000, self._settle, index, contact)

    def _settle(self, index: int, contact: Contact) -> None:
        if self.panel.contacts[index] is contact:  # else it moved again: the filter has not settled
            self._send(self.panel.settle(index))

    def set_lid(self, *, opened: bool) -> None:
        """Open or close the housing."""
        self._send(self.panel.set_lid(opened=opened))

    def set_mains(self, *, lost: bool) -> None:
        """Take the mains away or give it back; the battery carries the board."""
        self._send(self.panel.set_mains(lost=lost))

    def set_battery(self, millivolts: int) -> None:
        """Set the cell's voltage."""
        self._send(self.panel.set_battery(millivolts))

    async def set_wifi(self, *, up: bool) -> None:
        """Take the radio away or give it back: the board hears no access point, and no packet passes."""
        if up:
            await self.link.restore()
        else:
            await self.link.silence()
        self._send(self.panel.set_wifi(up=up))

    def _send(self, change: Change | None) -> None:
        self._board.send(change)
        self._tell(Trace("panel", {}, now_ms()))

    # --- what it does --------------------------------------------------------------------------

    def expect(self, wanted: Callable[[Trace], bool]) -> asyncio.Future[Trace]:
        """A future of the next trace for which `wanted` is true."""
        future: asyncio.Future[Trace] = asyncio.get_running_loop().create_future()
        self._waiters.append((wanted, future))
        return future

    def since_press(self, wanted: Callable[[Trace], bool]) -> asyncio.Future[Trace]:
        """A future of the first trace since the newest press for which `wanted` is true, which may have been."""
        found = next((trace for trace in self._since_press if wanted(trace)), None)
        if found is None:
            return self.expect(wanted)
        future: asyncio.Future[Trace] = asyncio.get_running_loop().create_future()
        future.set_result(found)
        return future

    def _take(self, message: dict[str, Any], at_ms: float) -> None:
        if "trace" in message:
            values = {name: value for name, value in message.items() if name != "trace"}
            self._note(Trace(message["trace"], values, at_ms))
        elif "pin" in message:
            values = {"gpio": message["pin"], "value": message["value"], "board_ms": message["ms"]}
            self._note(Trace("pin", values, at_ms))
        elif "hello" in message:
            self._note(Trace("hello", message["hello"], at_ms))
        elif "watchdog" in message:
            self._feed(message)
        elif "reset" in message:
            self._resetting = True
            if self._child is not None:
                self._child.expected_to_end = True
        else:
            self._on_fault(SimError(f"{self.name}: no meaning is agreed for {message!r}"))

    def _note(self, trace: Trace) -> None:
        view, values = self.view, trace.values
        if trace.name == "hello":
            view.powered, view.boots = True, values["boot"]
        elif trace.name == "pin":
            if values["gpio"] == self.panel.wiring.lamp:
                view.lamp = bool(values["value"])
            elif values["gpio"] == self.panel.wiring.vibration:
                self._note_vibration(on=bool(values["value"]), at_ms=values["board_ms"])
            elif values["gpio"] == self.panel.wiring.modem_key:
                self._note_modem_key(down=bool(values["value"]), at_ms=values["board_ms"])
        elif trace.name == "running":
            view.awake, view.awake_ms = True, trace.at_ms
        elif trace.name == "link":
            view.linked = bool(values["up"])
        elif trace.name == "pressed":
            view.press, view.milestones = values, {"pressed": trace.at_ms}
            self._since_press.clear()
        elif view.press is not None and values.get("nonce") == view.press["nonce"]:
            self._note_milestone(trace)
        if trace.name == "lamp":
            view.shown_level = values["level"]
        self._tell(trace)

    def _note_vibration(self, *, on: bool, at_ms: float) -> None:
        if self.view.vibration and not on:
            self.view.vibration_ms = at_ms - self._vibrating_since_ms
        self._vibrating_since_ms = at_ms
        self.view.vibration = on

    def _note_modem_key(self, *, down: bool, at_ms: int) -> None:
        if down:
            self._key_down_ms = at_ms
        elif self._key_down_ms is not None and self._modem is not None:
            self._modem.power_key(at_ms - self._key_down_ms)
            self._key_down_ms = None

    def _note_milestone(self, trace: Trace) -> None:
        name = trace.name
        if name in {"receipt", "lamp"}:
            name = f"{name}-{trace.values['level']}"
        self.view.milestones.setdefault(name, trace.at_ms)

    def _tell(self, trace: Trace) -> None:
        if trace.name not in {"pin", "panel"}:
            self._since_press.append(trace)
        for waiter in list(self._waiters):
            wanted, future = waiter
            if future.done():
                self._waiters.remove(waiter)
            elif wanted(trace):
                self._waiters.remove(waiter)
                future.set_result(trace)
        self._on_trace(self, trace)

    def _feed(self, message: dict[str, Any]) -> None:
        if message["watchdog"] == "armed":
            self._watchdog_s = message.get("timeout_ms", WATCHDOG_MS) / 1000
        if self._watchdog is not None:
            self._watchdog.cancel()
        self._watchdog = asyncio.get_running_loop().call_later(self._watchdog_s, self._bite)

    def _bite(self) -> None:
        """The watchdog was not fed: it resets the board as hardware does, without asking."""
        self._note(Trace("watchdog-bite", {}, now_ms()))
        if self._child is not None and self._child.running:
            self._resetting = True
            self._child.kill()

    def _later(self, action: Any) -> None:  # noqa: ANN401 - a coroutine
        task = asyncio.get_running_loop().create_task(action)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_fault(error if isinstance(error, SimError) else SimError(f"{self.name}: {error!r}"))
