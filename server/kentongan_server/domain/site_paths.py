"""Has a site lost one path, all of its paths, or do many sites share an outage? One table; time is handed in.

A site's gateway reports every 5 s over the main path. From its last word on:

- 12 s: the site is *quiet*; nothing is said yet, but it counts when the others are looked at;
- 18 s: with a word over the second path that was made since then, the main path alone is lost (a
  trouble); without one all paths are, which is a suspected attack (an alarm);
- unless many sites went quiet within 20 s of each other: those are one outage.

After the centre itself could not hear (`hearing_since_ms`), a site gets the time to connect again, until
it is heard: from then on it has none to spare. A site that was known to be gone is not accused. One that
is still gone when the others of its outage are back is accused on its own.

All times are ms on one clock that never jumps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

REPORT_EVERY_MS = 5_000  # the longest pause between two reports of a gateway that is well
QUIET_AFTER_MS = 12_000  # two reports missed, and 2 s for the way
# From the last word; the cut came up to 0 s after it at the earliest, so the alarm is there 18 s after the
# cut plus a second's tick and a commit: within the 20 s of NUMBERS. The gateway's own SMS leaves after 10 s.
LOST_AFTER_MS = 18_000
# After the centre began to hear (its start, its broker back, its process awake again) a gateway needs at most:
# 22.5 s to notice a half-open connection, 5 s of back-off, 5 s to connect, 5 s to its next report. Our broker
# keeps no reports for us, so one that is heard has connected.
GRACE_MS = 40_000
SECOND_PATH_GOOD_FOR_MS = 5_400_000  # 1.5 times the hour between two reports of a gateway by SMS

OUTAGE_WINDOW_MS = 20_000  # sites that go quiet within this of each other may share a cause
OUTAGE_SITES_MIN = 3  # two shops in a street can be two robberies, or one gang
OUTAGE_SHARE = 5  # one in five of the sites that were well: what a provider loses, not what a gang cuts
STAYED_AWAY_MS = 120_000  # how long a site may stay gone after the others of its outage are back


class State(StrEnum):
    """Where a site stands."""

    UP = "up"
    QUIET = "quiet"
    SECOND = "second"  # lives on its second path
    LOST = "lost"  # accused: all its paths are gone
    OUTAGE = "outage"
    DOWN = "down"  # gone since before this process began; nobody is accused again


class Event(StrEnum):
    """What can happen to a site."""

    WORD = "word"  # it was heard over its main path
    SILENCE = "silence"
    SPEAKS = "speaks"  # its second path proves that the site lives
    CUT = "cut"  # neither path says anything
    MANY = "many"  # it shares an outage


# The one table; what is not in it changes nothing.
TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.UP, Event.SILENCE): State.QUIET,
    (State.QUIET, Event.WORD): State.UP,
    (State.QUIET, Event.SPEAKS): State.SECOND,
    (State.QUIET, Event.CUT): State.LOST,
    (State.QUIET, Event.MANY): State.OUTAGE,
    (State.SECOND, Event.WORD): State.UP,
    (State.SECOND, Event.CUT): State.LOST,
    (State.SECOND, Event.MANY): State.OUTAGE,
    (State.LOST, Event.WORD): State.UP,
    (State.LOST, Event.SPEAKS): State.SECOND,
    (State.LOST, Event.MANY): State.OUTAGE,
    (State.OUTAGE, Event.WORD): State.UP,
    (State.OUTAGE, Event.SPEAKS): State.SECOND,
    (State.OUTAGE, Event.CUT): State.LOST,
    (State.DOWN, Event.WORD): State.UP,
    (State.DOWN, Event.SPEAKS): State.SECOND,
}


class Finding(StrEnum):
    """What the centre has to do about it."""

    ATTACK = "attack"  # raise the alarm for this site
    PATH_LOST = "path-lost"  # raise the trouble for this site
    BACK = "back"  # its main path is back
    OUTAGE = "outage"  # these sites are in the outage, or have joined it
    OUTAGE_ALARM = "outage-alarm"  # one of them has lost all its paths: raise the alarm of the outage
    OUTAGE_OVER = "outage-over"


@dataclass(frozen=True, slots=True)
class Found:
    """One finding; `since_ms` is the last word of the (first) site before it."""

    finding: Finding
    sites: tuple[str, ...]
    since_ms: int


@dataclass(slots=True)
class SitePaths:
    """What is known of one site's paths; mutable, one per site.

    Attributes:
        heard_ms: last word over the main path.
        texted_ms: when the newest word over the second path was made.
        taken_over: `heard_ms` is from a process before, or a guess; this one has not heard the site yet.
    """

    heard_ms: int
    state: State = State.UP
    texted_ms: int | None = None
    taken_over: bool = False


@dataclass(slots=True)
class Outage:
    """The outage that lasts now.

    Attributes:
        newest_ms: the last loss that joined it.
        few_since_ms: since when so few are left that they cannot be one outage any more; None while they are many.
        alarmed: `OUTAGE_ALARM` was said.
    """

    newest_ms: int
    few_since_ms: int | None = None
    alarmed: bool = False


@dataclass(slots=True)
class Sites:
    """All sites of the centre."""

    paths: dict[str, SitePaths] = field(default_factory=dict)
    outage: Outage | None = None

    def state(self, site: str) -> State:
        """Where a site stands; one that was never heard is waited for by nobody."""
        known = self.paths.get(site)
        return known.state if known else State.DOWN

    def keep_only(self, sites: set[str]) -> None:
        """Forgets every other site: nobody of it is in service."""
        for site in set(self.paths) - sites:
            del self.paths[site]

    def word(self, site: str, at_ms: int) -> list[Found]:
        """The site was heard over its main path."""
        known = self.paths.get(site)
        if known is None:
            self.paths[site] = SitePaths(at_ms)
            return []
        since_ms, known.heard_ms = known.heard_ms, max(known.heard_ms, at_ms)
        known.taken_over = known.taken_over and at_ms <= since_ms
        before = known.state
        if not _step(known, Event.WORD) or before is State.QUIET:
            return []
        return [Found(Finding.BACK, (site,), since_ms)]

    def text(self, site: str, made_ms: int) -> list[Found]:
        """The site was heard over its second path; that word was made at `made_ms`, whenever it arrived."""
        known = self.paths.get(site)
        if known is None:
            return []
        known.texted_ms = max(made_ms, known.texted_ms or made_ms)
        if known.state in {State.LOST, State.DOWN} and _made_since_loss(known):
            return _become(site, known, Event.SPEAKS, Finding.PATH_LOST)
        return []

    def tick(self, now_ms: int, hearing_since_ms: int) -> list[Found]:
        """Call it every second: what time alone has brought to light.

        Args:
            now_ms: now.
            hearing_since_ms: since when the centre has been able to hear without a gap.
        """
        due: set[str] = set()
        for site, known in self.paths.items():
            silence_ms = now_ms - _counts_from(known, hearing_since_ms)
            if silence_ms < QUIET_AFTER_MS:
                continue
            _step(known, Event.SILENCE)
            if known.state is State.QUIET and silence_ms >= LOST_AFTER_MS:
                due.add(site)
        found = self._join_outage(due, hearing_since_ms) if due else []
        for site, known in self.paths.items():
            if known.state is State.QUIET and site in due:
                found += self._accuse(site, known, now_ms)
            elif known.state is State.SECOND and not _speaks(known, now_ms):
                found += _become(site, known, Event.CUT, Finding.ATTACK)
        return found + self._look_at_outage(now_ms)

    def _join_outage(self, due: set[str], hearing_since_ms: int) -> list[Found]:
        """Those who went quiet together with one that is due, when they are many, or more of the same outage."""
        quiet = {
            site: _counts_from(one, hearing_since_ms) for site, one in self.paths.items() if one.state is State.QUIET
        }
        newest_ms = max(quiet.values())
        if self.outage is not None:
            until_ms = self.outage.newest_ms + OUTAGE_WINDOW_MS
            joining = [site for site, heard_ms in quiet.items() if heard_ms <= until_ms]
            newest_ms = max((quiet[site] for site in joining), default=0)
        else:
            accused = {
                site: one.heard_ms for site, one in self.paths.items() if one.state in {State.LOST, State.SECOND}
            }
            since_ms = newest_ms - OUTAGE_WINDOW_MS
            joining = [site for site, heard_ms in (accused | quiet).items() if heard_ms >= since_ms]
            if not self._are_many(joining) or not due & set(joining):
                return []
        if not joining:
            return []
        self.outage = self.outage or Outage(newest_ms)
        self.outage.newest_ms = max(self.outage.newest_ms, newest_ms)
        for site in joining:
            _step(self.paths[site], Event.MANY)
        return [Found(Finding.OUTAGE, tuple(sorted(joining)), min(self.paths[site].heard_ms for site in joining))]

    def _accuse(self, site: str, known: SitePaths, now_ms: int) -> list[Found]:
        if _speaks(known, now_ms):
            return _become(site, known, Event.SPEAKS, Finding.PATH_LOST)
        return _become(site, known, Event.CUT, Finding.ATTACK)

    def _look_at_outage(self, now_ms: int) -> list[Found]:
        outage = self.outage
        if outage is None:
            return []
        rest = {site: one for site, one in self.paths.items() if one.state is State.OUTAGE}
        found = []
        cut = [
            site for site, one in rest.items() if now_ms - one.heard_ms >= LOST_AFTER_MS and not _speaks(one, now_ms)
        ]
        if cut and not outage.alarmed:
            outage.alarmed = True
            found.append(Found(Finding.OUTAGE_ALARM, tuple(sorted(rest)), min(one.heard_ms for one in rest.values())))
        if self._are_many(rest):
            outage.few_since_ms = None
            return found
        if outage.few_since_ms is None:
            outage.few_since_ms = now_ms
        if rest and now_ms - outage.few_since_ms < STAYED_AWAY_MS:
            return found
        self.outage = None
        found.append(Found(Finding.OUTAGE_OVER, (), outage.newest_ms))
        for site, one in rest.items():
            found += self._accuse(site, one, now_ms)
        return found

    def _are_many(self, sites: Iterable[str]) -> bool:
        """Whether so many of all that were well are too many for a gang."""
        lost = len(set(sites))
        well = sum(one.state in {State.UP, State.QUIET, State.OUTAGE} for one in self.paths.values())
        others = sum(self.paths[site].state in {State.LOST, State.SECOND} for site in set(sites))
        return lost >= OUTAGE_SITES_MIN and lost * OUTAGE_SHARE >= well + others


def _counts_from(known: SitePaths, hearing_since_ms: int) -> int:
    """From when a site's silence counts: its last word, or later when it may still be connecting again."""
    if known.heard_ms > hearing_since_ms and not known.taken_over:
        return known.heard_ms
    return max(known.heard_ms, hearing_since_ms + GRACE_MS - LOST_AFTER_MS)


def _step(known: SitePaths, event: Event) -> bool:
    after = TRANSITIONS.get((known.state, event))
    if after is None:
        return False
    known.state = after
    return True


def _become(site: str, known: SitePaths, event: Event, finding: Finding) -> list[Found]:
    return [Found(finding, (site,), known.heard_ms)] if _step(known, event) else []


def _made_since_loss(known: SitePaths) -> bool:
    """Whether the newest text was made when the main path had already failed: a report was due before it."""
    return known.texted_ms is not None and known.texted_ms >= known.heard_ms + REPORT_EVERY_MS


def _speaks(known: SitePaths, now_ms: int) -> bool:
    """Whether the second path proves, as of now, that the site lives."""
    texted_ms = known.texted_ms
    return _made_since_loss(known) and texted_ms is not None and now_ms - texted_ms < SECOND_PATH_GOOD_FOR_MS
