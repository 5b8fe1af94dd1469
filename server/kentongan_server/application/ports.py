"""What the application needs of the world; the adapters implement it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from kentongan_host.errors import HostError
from kentongan_server.domain.category import Category
from kentongan_server.domain.correlation import Candidate
from kentongan_server.domain.feed import Entry
from kentongan_server.domain.incident import Incident, State
from kentongan_server.domain.merging import Side
from kentongan_server.domain.receipt_level import Standing
from kentongan_server.domain.sequence import Neighbours
from kentongan_server.domain.trouble import Detail, Trouble, TroubleKind
from kentongan_server.domain.verdict import Rejected
from kentongan_wire.keys import DeviceKeys
from kentongan_wire.press import PATH_MQTT, PressIdentity

Result = TypeVar("Result")


class StoreError(HostError):
    """The store could not commit; nothing of the work is on disk, and nobody may be told that it is."""


class Clock(Protocol):
    """Time, handed in."""

    def wall_ms(self) -> int:
        """Unix time in ms."""

    def monotonic_ms(self) -> int:
        """Milliseconds that never jump; their zero means nothing."""


class KeyState(StrEnum):
    """What a key epoch of a device is worth."""

    ACTIVE = "active"
    RETIRED = "retired"  # still rings, flagged
    COMPROMISED = "compromised"  # refused, and the refusal is shown


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A device with one of its key epochs.

    Attributes:
        role: `kentongan_wire.keys.ROLE_BUTTON` or `ROLE_GATEWAY`.
        site: code of the site where it is enrolled.
        retired: the device, or this epoch, was taken out of service.
    """

    device: int
    key_id: int
    role: str
    site: str
    state: KeyState
    retired: bool
    keys: DeviceKeys


class KeyRing(Protocol):
    """The keys of every enrolled device; never shows a root secret."""

    def find(self, device: int, key_id: int) -> Enrolled | None:
        """The device with this key epoch; None when that was never enrolled."""


class Outbox(Protocol):
    """Frames on their way to gateways; never waits, never raises: what is lost is asked for again."""

    def send(self, gateway: int, lane: str, frames: Sequence[bytes]) -> None:
        """Queues frames for a gateway's lane (`topics.ALARM` or `topics.REPORT`)."""


@dataclass(frozen=True, slots=True)
class AlarmRef:
    """What answering one alarm needs.

    Attributes:
        key_id: the key epoch that signed the press, which its button surely has.
        gateway: through which it came last; None when by another path.
        answered: somebody has acknowledged it.
        recovered: its incident is one for review after a restore.
        path: by which it came first.
    """

    id: int
    incident: int
    incident_state: State
    identity: PressIdentity
    key_id: int
    standing: Standing
    repeats: int
    gateway: int | None
    answered: bool
    recovered: bool = False
    path: int = PATH_MQTT

    @property
    def drilled(self) -> bool:
        """Whether nobody pressed, because it belongs to a drill: no button is told anything."""
        return self.identity.sequence < 0


@dataclass(frozen=True, slots=True)
class NewIncident:
    """An incident as it begins; times in Unix ms.

    Attributes:
        source: button, call, centre, phone or system.
        device: the button that opened it, or the gateway of what the centre found; None for a call.
        recovered: for review after a restore.
        drill: number of its drill; 0: it is real.
    """

    source: str
    category: Category
    at_ms: int
    device: int | None = None
    site: str | None = None
    recovered: bool = False
    drill: int = 0


@dataclass(frozen=True, slots=True)
class NewAlarm:
    """A press as it is stored; times in Unix ms, uptimes in ms of `boot_id`.

    Attributes:
        rung_version: the incident's version with this alarm.
        path: by which it really came first, whatever the frame says.
        modem: the centre's modem that heard it; None when it came by another path.
    """

    incident: int
    rung_version: int
    identity: PressIdentity
    key_id: int
    kind: int
    contacts: int
    boot_id: int
    uptime_ms: int
    wall_ms: int
    clock: int
    pressed_at_ms: int | None
    dated: str
    received_at_ms: int
    standing: Standing
    repeats: int
    gateway: int | None
    path: int
    held_ms: int | None
    attempt: int
    flags: int
    modem: str | None


@dataclass(frozen=True, slots=True)
class SmsReceipts:
    """How many receipts for one press were texted to one device, and when the last one (Unix ms)."""

    count: int
    last_at_ms: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """How to tell a refused message from a repetition of itself.

    Attributes:
        digest: of the bytes that a repetition has in common.
        at_ms: when they arrived first, as far as this message tells (Unix ms).
        tolerance_ms: two arrivals of the same digest closer than this are one.
    """

    digest: bytes
    at_ms: int
    tolerance_ms: int


@dataclass(frozen=True, slots=True)
class SavedWatch:
    """What outlives a restart of a device's supervision; `heard_at_ms` in Unix ms."""

    device: int
    site: str
    is_gateway: bool
    key_id: int
    counter: int
    boot_id: int
    boot_started_ms: int
    heard_at_ms: int
    flags: int
    battery_mv: int | None
    signal_dbm: int | None
    firmware: int | None
    uptime_ms: int
    undelivered: int
    via: int | None


@dataclass(frozen=True, slots=True)
class OpenTrouble:
    """A trouble that has not ended; `device` 0 is the centre itself."""

    id: int
    device: int
    kind: TroubleKind
    subject: str = ""


@dataclass(frozen=True, slots=True)
class SavedPath:
    """What is known of a device's second path; times in Unix ms.

    Attributes:
        since_ms: when it was first expected to be proven.
        heard_at_ms: when its newest report arrived; None before the first.
    """

    device: int
    key_id: int
    counter: int
    since_ms: int
    heard_at_ms: int | None
    signal_dbm: int | None


@dataclass(frozen=True, slots=True)
class Bell:
    """How an incident rings (`domain.ringing`); times in Unix ms.

    Attributes:
        unanswered: the newest alarm of it that waits for an answer; None when none does. Not counted: a
            chattering button's incident has a day's alarms, and each press asks.
        again: how often it rang again after everything was answered.
        rang_at_ms: since when it rings, or rang last.
        quiet_until_ms: when it will ring; None when it need not wait.
    """

    unanswered: int | None
    again: int
    rang_at_ms: int
    quiet_until_ms: int | None


@dataclass(frozen=True, slots=True)
class OpenOutage:
    """The outage that lasts; `alarm` None while every site of it lives on its second path."""

    id: int
    alarm: int | None
    sites: tuple[str, ...]


class Transaction(Protocol):
    """One write transaction of the store, open while it is used; everything in it is committed together."""

    def append(self, entry: Entry) -> None:
        """Adds a row to the history; its position is nobody's business before the commit."""

    def prove_writable(self, at_ms: int) -> None:
        """Writes something that means nothing."""

    # --- the money path ---
    def alarm(self, identity: PressIdentity) -> AlarmRef | None: ...
    def neighbours(self, device: int, boot_id: int, sequence: int) -> Neighbours: ...
    def candidates(self, site: str, device: int, *, recovered: bool, drill: int) -> list[Candidate]:
        """The open incidents of the site (and of the button) that a signal could join."""

    def open_incident(self, device: int, *, recovered: bool = False, drill: int = 0) -> tuple[int, State] | None:
        """The open incident that stands under this device: there is one at most."""

    def newest_of(self, incident: int, device: int) -> AlarmRef:
        """The button's newest alarm in that incident, where it surely has one."""

    def state_of(self, incident: int) -> tuple[State, Category]:
        """Where an incident that is surely there stands, and what it is about."""

    def insert_incident(self, incident: NewIncident) -> int: ...
    def change(self, incident: int, changes: Mapping[str, object], once: Collection[str] = ()) -> int:
        """Sets columns of an incident (those of `once` only while empty), adds one to its version and returns it.

        A reminder (`reminded_at_ms`) is of the version that it comes with: who saw an older one has not heard it.
        """

    def insert_alarm(self, alarm: NewAlarm) -> int: ...
    def came_again(self, alarm: int, via: int | None, repeats: int) -> None: ...
    def rang(self, alarm: int, version: int) -> None:
        """It was pressed again: who saw the incident before this version has not seen that."""

    def has_answered(self, incident: int, device: int, kind: int) -> bool:
        """Whether an alarm of this button and kind was answered in the incident."""

    def also_came_by(self, alarm: int, path: int) -> bool: ...
    def unanswer(self, alarm: int, standing: Standing) -> None: ...

    # --- the second path ---
    def number_of(self, device: int) -> str | None: ...
    def sms_receipts(self, alarm: int) -> dict[int, SmsReceipts]: ...
    def count_sms_receipt(self, alarm: int, device: int, at_ms: int) -> None: ...
    def ringing_since(self) -> int | None: ...

    # --- operating ---
    def incident(self, incident: int) -> Incident | None: ...
    def alarms_of(self, incident: int) -> list[AlarmRef]: ...

    def answer(self, alarm: int, standing: Standing, who: str, at_ms: int) -> None: ...
    def set_standing(self, alarm: int, standing: Standing) -> None: ...
    def move_alarms(self, source: int, target: int, version: int, device: int | None = None) -> int:
        """Moves the alarms of an incident (of one button) to another, where the unanswered ring; their number."""

    def other_device(self, incident: int, device: int) -> int | None:
        """Another button of the incident, which may stand under it; None too when `device` has no alarms there."""

    def split_incident(self, incident: int, device: int, other: int | None, at_ms: int) -> int:
        """A new incident like this one, of `device`; this one is `other`'s from now on, None: only of its calls."""

    def side(self, incident: int) -> Side:
        """What merging must know of an incident that is surely there."""

    def drill_ended(self, drill: int) -> bool | None:
        """None: there is no such drill."""

    def calls_of(self, incident: int) -> int: ...
    def move_calls(self, source: int, target: int) -> int: ...
    def calls_back(self, origin: int) -> list[tuple[int, int]]:
        """Calls taken down in an incident go back there; where they were, and how many."""

    def merged_into(self, incident: int) -> int | None: ...

    def has_session(self, who: str, at_ms: int) -> bool:
        """Whether that person is logged in now."""

    def parks_over(self, at_ms: int) -> list[int]:
        """The parked incidents whose time has come."""

    # --- supervision ---
    def set_seen(self, alarm: int, level: int, revision: int, at_ms: int) -> bool: ...
    def watches(self) -> list[SavedWatch]: ...
    def in_service(self) -> set[int]: ...
    def save_watches(self, watches: Sequence[SavedWatch]) -> None: ...
    def next_command(self, device: int) -> int: ...
    def second_paths(self) -> list[SavedPath]: ...
    def save_second_path(self, path: SavedPath) -> None: ...
    def numbered(self) -> set[int]: ...

    # --- troubles ---
    def open_troubles(self) -> list[OpenTrouble]: ...
    def raise_trouble(
        self, device: int, kind: TroubleKind, subject: str, at_ms: int, detail: Detail | None, *, again: bool
    ) -> tuple[int, str | None]: ...
    def restore_trouble(self, trouble: int, at_ms: int) -> bool: ...
    def trouble(self, trouble: int) -> Trouble | None: ...
    def own_trouble(self, trouble: int, who: str, at_ms: int) -> None: ...
    def overdue_troubles(self, at_ms: int) -> int: ...

    # --- bells, and alarms that the centre makes ---
    def bell(self, incident: int) -> Bell | None: ...
    def set_bell(self, incident: int, again: int, rang_at_ms: int, quiet_until_ms: int | None) -> None: ...
    def waiting_bells(self) -> list[tuple[int, int]]: ...
    def gateway_of(self, site: str) -> int | None: ...
    def accused_sites(self) -> dict[str, int]: ...
    def unanswered_of_kind(self, incident: int, kind: int) -> tuple[int, int] | None: ...
    def incident_of(self, alarm: int) -> int | None: ...
    def insert_outage(self, at_ms: int) -> int: ...
    def join_outage(self, outage: int, site: str, lost_at_ms: int) -> None: ...
    def leave_outage(self, outage: int, site: str, at_ms: int) -> None: ...
    def sites_of_outage(self, outage: int) -> int: ...
    def outage_rings(self, outage: int, alarm: int) -> None: ...
    def count_sites(self, alarm: int, sites: int) -> None: ...
    def end_outage(self, outage: int, at_ms: int) -> None: ...
    def open_outage(self) -> OpenOutage | None: ...

    # --- rejections ---
    def is_repetition(self, source: str, arrival: Arrival, at_ms: int) -> bool: ...
    def count_rejections(self, rejected: Rejected, times: int, at_ms: int) -> tuple[int, int, bool]: ...


class Store(Protocol):
    """The one writer: work is done in a transaction of its own or together with others."""

    def submit(self, work: Callable[[Transaction], Result], *, urgent: bool = True) -> Awaitable[Result]:
        """Does the work and returns its result once it is on disk.

        Raises:
            StoreError: nothing of it is on disk.
        """
