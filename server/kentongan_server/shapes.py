"""What the HTTP interface and the live stream say: docs/architecture.md, "HTTP". Times are Unix ms."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # pydantic needs this one on Python 3.11

# Not `from __future__`-lazy names for pydantic: every class below is defined before it is used.


class Site(TypedDict):
    """A partner's premises, in short."""

    code: str
    name: str


class SiteWithAddress(Site):
    """A partner's premises, for whoever drives there."""

    address: str


class Post(TypedDict):
    """Where a button is fixed."""

    name: str
    variant: str


class Seen(TypedDict):
    """The newest receipt that the button itself says it has seen."""

    level: str
    revision: int
    at_ms: int


class Alarm(TypedDict):
    """One press, or what the centre itself found: then nobody's sequence and nonce, and the `sites` it is about."""

    id: int
    device: str | None
    post: Post | None
    kind: str
    sequence: int | None
    nonce: str | None
    pressed_at_ms: int | None
    pressed_at: Literal["exact", "estimated", "unknown"]
    received_at_ms: int
    level: str
    revision: int
    repeats: int
    acknowledged_by: str | None
    gateway: str | None
    path: str
    modem: str | None
    also: list[str]
    held_ms: int | None
    seen: Seen | None
    flags: list[str]
    sites: list[Site] | None


class Place(TypedDict):
    """Where it is: of a call what the caller said, else the site's own."""

    latitude: float | None
    longitude: float | None
    address: str


class Call(TypedDict):
    """A phone call that tells of an incident; what identifies the caller is null once it has expired."""

    id: int
    taken_at_ms: int
    taken_by: str
    number: str | None
    name: str | None
    words: str | None
    pranks: int


class Incident(TypedDict):
    """What an operator handles, as it was at a feed `position`; `alarms`: the newest ones.

    `version` is what an act on it names: what the operator saw. `site` is null for a call from elsewhere,
    `newest_alarm` where nobody pressed; `priority` 1 goes first; `drill` 0 is real.
    """

    id: int
    position: int
    version: int
    source: Literal["button", "call", "centre", "phone", "system"]
    category: str
    priority: int
    agency: str | None
    drill: int
    site: SiteWithAddress | None
    place: Place | None
    state: Literal["new", "acknowledged", "dispatched", "on-scene", "parked", "reopened", "closed"]
    ringing: bool
    reminding: bool
    opened_at_ms: int
    last_alarm_at_ms: int
    owner: str | None
    acknowledged_at_ms: int | None
    dispatched_at_ms: int | None
    dispatched_to: str | None
    arrived_at_ms: int | None
    parked_until_ms: int | None
    closed_at_ms: int | None
    outcome: str | None
    cause: str | None
    note: str | None
    merged_into: int | None
    split_from: int | None
    count: int
    newest_alarm: int | None
    recovered: bool
    alarms: list[Alarm]
    calls: list[Call]


class TimelineEntry(TypedDict):
    """One line of an incident's history."""

    position: int
    at_ms: int
    what: str
    who: str | None
    detail: str | None
    facts: dict[str, Any]
    words: str | None


class CaseStep(TypedDict):
    """A step of an incident's plan; `left_out` is the reason for not doing it, null when it was done."""

    key: str
    id: str
    en: str
    mandatory: bool
    done_by: str | None
    done_at_ms: int | None
    left_out: str | None


class CasePlan(TypedDict):
    """The version of a plan that was fixed for an incident when it was acknowledged first."""

    id: int
    version: int
    steps: list[CaseStep]


class CaseContact(TypedDict):
    """Somebody to call; `now`: they can be called at this moment, `hours` as of a site's contact."""

    id: int
    name: str
    role: str
    number: str
    now: bool
    hours: list[list[int]] | None


class LeftOff(TypedDict):
    """How many older ones there are than those that are told."""

    alarms: int
    timeline: int


class IncidentWithTimeline(Incident):
    """An incident with its newest alarms and lines of its history, its plan, and whom to call."""

    timeline: list[TimelineEntry]
    left_off: LeftOff
    plan: CasePlan | None
    contacts: list[CaseContact]


class PassPhraseChecked(IncidentWithTimeline):
    """An incident after somebody was asked for the pass-phrase; `said`: right, wrong or duress."""

    said: str


class Trouble(TypedDict):
    """A fault that wants a technician; `subject` says which of several, `detail` is a code and its facts."""

    id: int
    kind: str
    subject: str | None
    device: str | None
    site: Site | None
    post: Post | None
    opened_at_ms: int
    closed_at_ms: int | None
    count: int
    detail: dict[str, Any] | None
    owner: str | None
    taken_at_ms: int | None
    deadline_at_ms: int


class Rejection(TypedDict):
    """Refused messages of one cause from one claimed sender; `detail` of the newest is a code and its facts."""

    id: int
    reason: str
    part: str
    claimed_device: str | None
    source: str
    count: int
    first_at_ms: int
    last_at_ms: int
    detail: dict[str, Any] | None


class Device(TypedDict):
    """An enrolled device and how it does."""

    device: str
    role: Literal["button", "gateway"]
    site: Site
    post: Post | None
    state: Literal["alive", "silent", "never-heard", "retired", "compromised"]
    last_heard_at_ms: int | None
    texted_at_ms: int | None
    battery_mv: int | None
    signal_dbm: int | None
    firmware: int | None
    undelivered: int | None


class Incidents(TypedDict):
    """Incidents, true for this feed position; `left_off`: so many more are open than one list carries."""

    position: int
    incidents: list[Incident]
    left_off: NotRequired[int]


class Troubles(TypedDict):
    """Troubles, true for this feed position; open ones first."""

    position: int
    troubles: list[Trouble]


class Rejections(TypedDict):
    """Rejections, true for this feed position; newest first."""

    position: int
    rejections: list[Rejection]


class Devices(TypedDict):
    """Devices, true for this feed position."""

    position: int
    devices: list[Device]


class Modem(TypedDict):
    """One of the centre's modems; `balance` in rupiah, `valid_until` as YYYY-MM-DD."""

    name: str
    operator: str
    state: str
    signal_dbm: int | None
    balance: int | None
    valid_until: str | None
    sent_last_minute: int
    received_last_minute: int


class CentreState(TypedDict):
    """How the centre itself does; `ok` is what /healthz says."""

    modems: list[Modem]
    disk_free_bytes: int | None
    store_ms: int
    ok: bool
