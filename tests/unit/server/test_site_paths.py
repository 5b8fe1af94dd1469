"""Sites that lose paths, with time as a number: who is accused, when, and who never is."""

from __future__ import annotations

import pytest

from kentongan_server.domain.site_paths import (
    GRACE_MS,
    LOST_AFTER_MS,
    OUTAGE_SITES_MIN,
    OUTAGE_WINDOW_MS,
    QUIET_AFTER_MS,
    SECOND_PATH_GOOD_FOR_MS,
    STAYED_AWAY_MS,
    TRANSITIONS,
    Event,
    Finding,
    SitePaths,
    Sites,
    State,
)

LONG_AGO_MS = -10_000_000  # since when the centre has been hearing


class Town:
    """Sites that report every five seconds unless they are cut; looked at every second."""

    def __init__(self, count: int) -> None:
        self.sites = Sites()
        self.names = [f"s{number}" for number in range(count)]
        self.now_ms = 0
        self.hearing_since_ms = LONG_AGO_MS
        self.cut: set[str] = set()
        self.found: list[tuple[int, Finding, tuple[str, ...]]] = []
        for name in self.names:
            self.sites.word(name, 0)

    def run(self, ms: int) -> list[tuple[int, Finding, tuple[str, ...]]]:
        """What was found in this time: (when, what, about whom)."""
        before = len(self.found)
        for _ in range(ms // 1_000):
            self.now_ms += 1_000
            if self.now_ms % 5_000 == 0:
                for name in self.names:
                    if name not in self.cut:
                        self.note(self.sites.word(name, self.now_ms))
            self.note(self.sites.tick(self.now_ms, self.hearing_since_ms))
        return self.found[before:]

    def note(self, found):
        self.found += [(self.now_ms, one.finding, one.sites) for one in found]

    def text(self, site: str, *, ago_ms: int = 0) -> None:
        self.note(self.sites.text(site, self.now_ms - ago_ms))

    def findings(self) -> list[Finding]:
        return [finding for _, finding, _ in self.found]


@pytest.fixture
def town() -> Town:
    made = Town(10)
    made.run(60_000)
    assert made.found == []
    return made


@pytest.mark.parametrize("after_report_ms", [1_000, 2_000, 3_000, 4_000])
def test_one_site_without_any_path_is_accused_within_20_s_of_the_cut(town, after_report_ms):
    town.run(after_report_ms)
    town.cut, cut_ms = {"s3"}, town.now_ms
    ((at_ms, finding, sites),) = town.run(30_000)
    assert (finding, sites) == (Finding.ATTACK, ("s3",))
    assert at_ms - cut_ms <= 19_000, "a second is left for tick and commit"


def test_a_site_that_misses_a_report_or_two_is_left_alone(town):
    town.cut = {"s3"}
    assert town.run(14_000) == []
    town.cut = set()
    assert town.run(60_000) == []


def test_a_word_over_the_second_path_makes_it_a_trouble_and_no_alarm(town):
    town.cut = {"s3"}
    town.run(15_000)
    town.text("s3", ago_ms=4_000)
    ((at_ms, finding, sites),) = town.run(60_000)
    assert (at_ms, finding, sites) == (60_000 + LOST_AFTER_MS, Finding.PATH_LOST, ("s3",))


def test_a_text_from_before_the_loss_proves_nothing(town):
    town.cut = {"s3"}
    town.run(13_000)
    town.text("s3", ago_ms=13_000 - 4_000)  # made before the next report was due: the cut may have come after it
    assert [finding for _, finding, _ in town.run(10_000)] == [Finding.ATTACK]


def test_a_text_that_comes_too_late_for_the_alarm_says_what_is_left(town):
    town.cut = {"s3"}
    town.run(20_000)
    assert town.findings() == [Finding.ATTACK]
    town.text("s3")
    assert town.findings() == [Finding.ATTACK, Finding.PATH_LOST]
    assert town.sites.state("s3") is State.SECOND


def test_a_site_on_its_second_path_is_accused_when_that_falls_silent_too(town):
    town.cut = {"s3"}
    town.run(15_000)
    town.text("s3")
    texted_ms = town.now_ms
    town.run(30_000)
    assert town.findings() == [Finding.PATH_LOST]
    ((at_ms, finding, _),) = town.run(SECOND_PATH_GOOD_FOR_MS)
    assert (at_ms, finding) == (texted_ms + SECOND_PATH_GOOD_FOR_MS, Finding.ATTACK)


def test_an_hourly_text_keeps_a_site_on_its_second_path_for_a_day(town):
    town.cut = {"s3"}
    town.run(10_000)
    for _ in range(24):
        town.text("s3")
        town.run(3_600_000)
    assert town.findings() == [Finding.PATH_LOST]


def test_it_comes_back_and_may_be_accused_again(town):
    town.cut = {"s3"}
    town.run(30_000)
    town.cut = set()
    town.run(10_000)
    town.cut = {"s3"}
    town.run(30_000)
    assert town.findings() == [Finding.ATTACK, Finding.BACK, Finding.ATTACK]


def test_many_sites_at_once_are_one_outage_with_one_alarm(town):
    town.cut = {"s1", "s2", "s3", "s4"}
    found = town.run(120_000)
    assert [finding for _, finding, _ in found] == [Finding.OUTAGE, Finding.OUTAGE_ALARM]
    assert found[0][2] == found[1][2] == ("s1", "s2", "s3", "s4")
    assert found[1][0] - 60_000 <= 20_000


def test_two_sites_are_two_attacks_however_small_the_town():
    town = Town(4)
    town.run(60_000)
    town.cut = {"s1", "s2"}
    assert [finding for _, finding, _ in town.run(30_000)] == [Finding.ATTACK, Finding.ATTACK]


def test_three_sites_of_many_are_three_attacks():
    town = Town(16)
    town.run(60_000)
    town.cut = {"s1", "s2", "s3"}
    assert [finding for _, finding, _ in town.run(30_000)] == [Finding.ATTACK] * 3


def test_an_outage_of_main_paths_only_is_a_trouble_and_rings_nobody(town):
    town.cut = {f"s{number}" for number in range(5)}
    town.run(12_000)
    for name in sorted(town.cut):
        town.text(name)
    assert [finding for _, finding, _ in town.run(60_000)] == [Finding.OUTAGE]


def test_sites_that_follow_join_the_outage_and_a_later_one_does_not(town):
    town.cut = {"s1", "s2", "s3"}
    town.run(15_000)
    town.cut |= {"s4"}
    town.run(40_000)
    assert town.findings() == [Finding.OUTAGE, Finding.OUTAGE_ALARM, Finding.OUTAGE]
    assert town.found[-1][2] == ("s4",)
    town.run(60_000)
    town.cut |= {"s9"}
    town.run(30_000)
    assert town.found[-1][1:] == (Finding.ATTACK, ("s9",)), "nobody hides behind an outage"


def test_a_slow_outage_takes_in_whom_it_had_accused(town):
    for name in ("s1", "s2", "s3"):
        town.cut |= {name}
        town.run(10_000)
    town.run(30_000)
    assert Finding.OUTAGE in town.findings()
    joined = next(sites for _, finding, sites in town.found if finding is Finding.OUTAGE)
    assert joined == ("s1", "s2", "s3")
    assert town.findings().count(Finding.ATTACK) < OUTAGE_SITES_MIN


def test_cuts_that_are_further_apart_are_attacks(town):
    for name in ("s1", "s2", "s3"):
        town.cut |= {name}
        town.run(OUTAGE_WINDOW_MS + 10_000)
    assert town.findings() == [Finding.ATTACK] * 3


def test_who_stays_away_when_the_others_are_back_is_accused_alone(town):
    town.cut = {"s1", "s2", "s3", "s4", "s5"}
    town.run(300_000)
    town.cut, back_ms = {"s4"}, town.now_ms
    town.run(STAYED_AWAY_MS + 10_000)
    over = town.found[-2:]
    assert [one[1] for one in over] == [Finding.OUTAGE_OVER, Finding.ATTACK]
    assert over[1][2] == ("s4",)
    assert over[1][0] - back_ms <= STAYED_AWAY_MS + 6_000


def test_while_many_stay_away_it_remains_one_outage(town):
    town.cut = {"s1", "s2", "s3", "s4", "s5"}
    town.run(60_000)
    town.cut = {"s1", "s2", "s3"}
    town.run(3_600_000)
    assert town.findings() == [Finding.OUTAGE, Finding.OUTAGE_ALARM, Finding.BACK, Finding.BACK]


def test_when_all_are_back_the_outage_is_over(town):
    town.cut = {"s1", "s2", "s3"}
    town.run(60_000)
    town.cut = set()
    town.run(10_000)
    assert town.findings()[-1] is Finding.OUTAGE_OVER
    assert town.sites.outage is None


def test_nobody_is_accused_while_the_centre_cannot_hear(town):
    town.cut = set(town.names)
    for _ in range(120):
        town.hearing_since_ms = town.now_ms
        assert town.run(1_000) == []
    town.cut = set()
    assert town.run(60_000) == []


def test_who_does_not_come_back_to_a_centre_that_hears_again_is_accused(town):
    town.cut = set(town.names)
    for _ in range(60):
        town.hearing_since_ms = town.now_ms
        town.run(1_000)
    heard_from_ms = town.hearing_since_ms
    town.cut = {"s3"}
    ((at_ms, finding, sites),) = town.run(60_000)
    assert (finding, sites) == (Finding.ATTACK, ("s3",))
    assert at_ms == heard_from_ms + GRACE_MS


@pytest.mark.parametrize("after_ms", [1_000, 10_000, 35_000])
def test_a_site_that_was_heard_since_the_centre_hears_again_has_no_grace_left(town, after_ms):
    """A centre that can be made to stumble must not give who cuts a site next twice the time."""
    town.hearing_since_ms = town.now_ms
    town.run(5_000 + after_ms)
    town.cut, cut_ms = {"s3"}, town.now_ms
    ((at_ms, finding, sites),) = town.run(60_000)
    assert (finding, sites) == (Finding.ATTACK, ("s3",))
    assert at_ms - cut_ms <= 19_000


def test_a_word_of_before_the_gap_leaves_the_grace(town):
    town.run(4_000)
    town.hearing_since_ms = town.now_ms
    town.note(town.sites.word("s3", town.now_ms - 2_000))  # made before, read now
    town.cut = {"s3"}
    ((at_ms, finding, _),) = town.run(60_000)
    assert (at_ms, finding) == (town.hearing_since_ms + GRACE_MS, Finding.ATTACK)


def test_what_a_process_before_knew_is_no_word_of_now(town):
    town.hearing_since_ms = town.now_ms - 1
    town.sites.paths["s3"] = SitePaths(town.now_ms, taken_over=True)
    town.cut = {"s3"}
    ((at_ms, finding, _),) = town.run(60_000)
    assert (at_ms, finding) == (60_000 + GRACE_MS, Finding.ATTACK)  # the first tick after it was due


def test_sites_heard_and_not_yet_heard_after_a_gap_are_one_outage(town):
    """Some had connected again, others had not, when all were lost."""
    town.cut = {"s1", "s2"}
    town.hearing_since_ms = town.now_ms
    town.run(20_000)
    town.cut = {"s1", "s2", "s3", "s4"}
    town.run(60_000)
    assert town.findings().count(Finding.OUTAGE_ALARM) == 1
    assert {town.sites.state(name) for name in town.cut} == {State.OUTAGE}
    assert town.findings().count(Finding.ATTACK) < OUTAGE_SITES_MIN


def test_a_site_that_was_never_heard_or_known_to_be_gone_is_not_accused(town):
    town.sites.paths["s3"].state = State.DOWN
    town.cut = {"s3"}
    assert town.run(600_000) == []
    assert town.sites.state("nowhere") is State.DOWN
    town.cut = set()
    town.run(10_000)
    assert town.findings() == [Finding.BACK]


def test_the_table_leads_from_every_state_back_to_up():
    for state in State:
        if state is not State.UP:
            assert TRANSITIONS[state, Event.WORD] is State.UP


def test_the_thresholds_leave_time_for_the_others_to_be_seen():
    assert QUIET_AFTER_MS + 5_000 <= LOST_AFTER_MS
