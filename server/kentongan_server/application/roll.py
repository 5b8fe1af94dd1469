"""The roll of everyone who should give signs of life, in memory; heartbeats never become rows one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kentongan_server.application.ports import Clock, Enrolled, SavedWatch
from kentongan_server.domain import supervision
from kentongan_server.domain.supervision import Watch
from kentongan_wire.keys import ROLE_GATEWAY
from kentongan_wire.supervision import SITE_MAINS_LOST

PROVEN_FOR_MS = 20_000  # docs/architecture.md: without an answer for longer a button takes its path for unproven


@dataclass(slots=True)
class Vitals:
    """What a device last said about itself; `heard_at_ms` in Unix ms.

    Attributes:
        shown: (sequence, nonce, level, revision) of its newest press as last written down; None before.
        undelivered: presses that wait in a button's journal or a gateway's custody.
    """

    heard_at_ms: int = 0
    battery_mv: int | None = None
    signal_dbm: int | None = None
    firmware: int | None = None
    uptime_ms: int = 0
    undelivered: int = 0
    via: int | None = None
    shown: tuple[int, bytes, int, int] | None = None


@dataclass(slots=True)
class Member:
    """One device on the roll."""

    watch: Watch
    vitals: Vitals


class Roll:
    """Every device that was heard at least once and is in service."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._members: dict[int, Member] = {}
        self._sites: dict[str, dict[int, Member]] = {}
        self._dirty: set[int] = set()

    def load(self, saved: Iterable[SavedWatch]) -> None:
        """Takes over what an earlier process saved; nobody's silence is counted before now."""
        wall_ms, now_ms = self._clock.wall_ms(), self._clock.monotonic_ms()
        for one in saved:
            started_ms = one.boot_started_ms - wall_ms + now_ms
            watch = Watch(
                one.device, one.site, one.is_gateway, now_ms, one.key_id, one.counter, one.boot_id, started_ms
            )
            watch.flags = one.flags
            vitals = Vitals(
                one.heard_at_ms,
                one.battery_mv,
                one.signal_dbm,
                one.firmware,
                one.uptime_ms,
                one.undelivered,
                one.via,
            )
            self._add(Member(watch, vitals))

    def keep_only(self, devices: set[int]) -> None:
        """Takes everyone else off the roll: retired, or their keys compromised."""
        for device in set(self._members) - devices:
            member = self._members.pop(device)
            del self._sites[member.watch.site][device]
            self._dirty.discard(device)

    def get(self, device: int) -> Member | None:
        return self._members.get(device)

    def of(self, enrolled: Enrolled) -> Member:
        """The device's entry, made when it is heard for the first time."""
        member = self._members.get(enrolled.device)
        if member is None:
            is_gateway = enrolled.role == ROLE_GATEWAY
            now_ms = self._clock.monotonic_ms()
            member = Member(Watch(enrolled.device, enrolled.site, is_gateway, now_ms), Vitals())
            self._add(member)
        elif member.watch.site != enrolled.site:
            del self._sites[member.watch.site][enrolled.device]
            member.watch.site = enrolled.site
            self._add(member)
        return member

    def _add(self, member: Member) -> None:
        self._members[member.watch.device] = member
        self._sites.setdefault(member.watch.site, {})[member.watch.device] = member

    def watches(self) -> Iterator[Watch]:
        return (member.watch for member in self._members.values())

    def watches_of(self, site: str) -> Iterator[Watch]:
        """Of one site: so that what happens there costs nothing elsewhere."""
        return (member.watch for member in self._sites.get(site, {}).values())

    def gateways_of(self, site: str) -> list[int]:
        return [watch.device for watch in self.watches_of(site) if watch.is_gateway]

    def site_without_mains(self, site: str) -> bool:
        """Whether a gateway of the site runs on its battery, as it last said."""
        return any(watch.is_gateway and watch.flags & SITE_MAINS_LOST for watch in self.watches_of(site))

    def boot_started_ms(self, device: int, boot_id: int) -> int | None:
        """Unix ms at which that boot's uptime was 0, as the centre's clock stands now."""
        member = self._members.get(device)
        started_ms = supervision.boot_started(member.watch if member else None, boot_id)
        if started_ms is None:
            return None
        return started_ms - self._clock.monotonic_ms() + self._clock.wall_ms()

    def via(self, device: int) -> int | None:
        """The gateway of the device's last heartbeat."""
        member = self._members.get(device)
        return member.vitals.via if member else None

    def is_proven(self, device: int) -> bool:
        """Whether its path works now: it gave a sign of life not longer ago than buttons trust an answer."""
        member = self._members.get(device)
        return member is not None and self._clock.monotonic_ms() - member.watch.heard_ms <= PROVEN_FOR_MS

    def changed(self, member: Member) -> None:
        """Marks it to be saved."""
        self._dirty.add(member.watch.device)

    def take_dirty(self) -> list[SavedWatch]:
        """What changed since the last call, for saving."""
        dirty, self._dirty = self._dirty, set()
        return [self._saved(self._members[device]) for device in sorted(dirty)]

    def put_back(self, saved: Iterable[SavedWatch]) -> None:
        """Marks again what could not be saved."""
        self._dirty.update(one.device for one in saved if one.device in self._members)

    def _saved(self, member: Member) -> SavedWatch:
        watch, vitals = member.watch, member.vitals
        started_ms = watch.boot_started_ms - self._clock.monotonic_ms() + self._clock.wall_ms()
        return SavedWatch(
            device=watch.device,
            site=watch.site,
            is_gateway=watch.is_gateway,
            key_id=watch.key_id,
            counter=watch.counter,
            boot_id=watch.boot_id,
            boot_started_ms=started_ms,
            heard_at_ms=vitals.heard_at_ms,
            flags=watch.flags,
            battery_mv=vitals.battery_mv,
            signal_dbm=vitals.signal_dbm,
            firmware=vitals.firmware,
            uptime_ms=vitals.uptime_ms,
            undelivered=vitals.undelivered,
            via=vitals.via,
        )
