"""Any phases of reports, cuts, texts and outages: within 20 s always, never for one who lives, one outage for many."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import assume, given

from kentongan_server.domain.site_paths import GRACE_MS, Finding, Sites, State

HEARING_MS = -1_000_000
CUT_MS = 60_000
PROMISE_MS = 20_000  # NUMBERS: one site loses all its paths


@st.composite
def towns(draw, *, least=1, most=20):
    """Phases of the sites' reports (ms) and which of them are cut."""
    phases = draw(st.lists(st.integers(0, 4_999), min_size=least, max_size=most))
    cut = draw(st.sets(st.integers(0, len(phases) - 1), min_size=1))
    return phases, cut


def run(phases, cuts, texts=(), until_ms=CUT_MS + 40_000, gaps=()):
    """What is found, when: (ms, finding, sites). `cuts`: site → ms; `texts`: (ms, site); `gaps`: lost reports."""
    sites, found = Sites(), []
    events = [(at_ms, "text", site) for at_ms, site in texts]
    for site, phase in enumerate(phases):
        due = range(phase, min(until_ms, cuts.get(site, until_ms)), 5_000)
        events += [(at_ms, "report", site) for at_ms in due if (site, at_ms // 5_000) not in gaps]
    events += [(at_ms, "tick", -1) for at_ms in range(1_000, until_ms, 1_000)]
    for at_ms, what, site in sorted(events):
        if what == "report":
            news = sites.word(str(site), at_ms)
        elif what == "text":
            news = sites.text(str(site), at_ms)
        else:
            news = sites.tick(at_ms, HEARING_MS)
        found += [(at_ms, one.finding, one.sites) for one in news]
    return sites, found


def many(count, of):
    return count >= 3 and count * 5 >= of


@given(towns(), st.integers(0, 4_999))
def test_who_loses_all_paths_is_in_the_alarm_queue_in_time(town, offset_ms):
    phases, cut = town
    cut_ms = CUT_MS + offset_ms
    _, found = run(phases, dict.fromkeys(cut, cut_ms))
    alarms = [(at_ms, sites) for at_ms, finding, sites in found if finding in {Finding.ATTACK, Finding.OUTAGE_ALARM}]
    assert {int(site) for _, sites in alarms for site in sites} == cut
    assert all(at_ms - cut_ms < PROMISE_MS for at_ms, _ in alarms)
    if many(len(cut), len(phases)):
        assert [finding for _, finding, _ in found] == [Finding.OUTAGE, Finding.OUTAGE_ALARM]
    else:
        assert [finding for _, finding, _ in found] == [Finding.ATTACK] * len(cut)


@given(
    st.lists(st.integers(500, GRACE_MS - 1_000), min_size=1, max_size=4),
    st.integers(0, 30_000),
    st.integers(0, 60_000),
)
def test_after_a_gap_who_connects_again_is_accused_of_nothing_and_who_has_connected_is_in_time(backs, gap_ms, lasts_ms):
    """`backs`: when each site is heard after the centre hears again; the first one is cut some time after that."""
    sites, since_ms = Sites(), CUT_MS + gap_ms
    cut_ms = since_ms + backs[0] + lasts_ms
    events = [(at_ms, site) for site in range(len(backs)) for at_ms in range(0, CUT_MS, 5_000)]
    events += [(at_ms, site) for site, back in enumerate(backs) for at_ms in range(since_ms + back, 300_000, 5_000)]
    events = [(at_ms, site) for at_ms, site in events if site or at_ms <= cut_ms]
    events += [(at_ms, -1) for at_ms in range(1_000, 300_000, 1_000)]
    found = []
    for at_ms, site in sorted(events):
        hearing_ms = HEARING_MS if at_ms < CUT_MS else min(at_ms, since_ms)
        news = sites.word(str(site), at_ms) if site >= 0 else sites.tick(at_ms, hearing_ms)
        found += [(at_ms, one.finding, one.sites) for one in news]
    ((at_ms, finding, about),) = found
    assert (finding, about) == (Finding.ATTACK, ("0",))
    assert at_ms - cut_ms < PROMISE_MS


@given(st.lists(st.integers(0, 4_999), min_size=1, max_size=20), st.data())
def test_one_or_two_lost_reports_are_nobodys_alarm(phases, data):
    gaps = set()
    for site in range(len(phases)):
        first = data.draw(st.integers(2, 15), label=f"first lost report of {site}")
        gaps |= {(site, first + number) for number in range(data.draw(st.integers(0, 2), label="how many"))}
    _, found = run(phases, {}, gaps=gaps)
    assert found == []


@given(towns(), st.data())
def test_who_texts_in_time_is_never_accused(town, data):
    phases, cut = town
    assume(not many(len(cut), len(phases)))
    texts = []
    for site in sorted(cut):
        heard_ms = max(at_ms for at_ms in range(phases[site], CUT_MS, 5_000))
        texts.append((heard_ms + data.draw(st.integers(5_000, 17_000), label=f"text of {site}"), site))
    sites, found = run(phases, dict.fromkeys(cut, CUT_MS), texts)
    assert {finding for _, finding, _ in found} == {Finding.PATH_LOST}
    assert all(sites.state(str(site)) is (State.SECOND if site in cut else State.UP) for site in range(len(phases)))


@given(towns(least=3), st.data())
def test_whatever_happens_nobody_is_told_to_be_lost_twice_without_coming_back(town, data):
    """And each site that is gone at the end has been told: as attacked, on its second path, or in the outage."""
    phases, cut = town
    cuts = {site: CUT_MS + data.draw(st.integers(0, 100_000), label=f"cut of {site}") for site in sorted(cut)}
    texts = [
        (cuts[site] + data.draw(st.integers(0, 60_000), label="texted"), site)
        for site in sorted(cut)
        if data.draw(st.booleans(), label=f"{site} texts")
    ]
    sites, found = run(phases, cuts, texts, until_ms=CUT_MS + 600_000)
    told: dict[str, list[Finding]] = {}
    for _, finding, about in found:
        for site in about if finding is not Finding.OUTAGE_ALARM else ():
            told.setdefault(site, []).append(finding)
    for one in told.values():
        assert one.count(Finding.ATTACK) <= 1
        assert one.count(Finding.OUTAGE) <= 1
    assert {int(site) for site in told} == cut
    gone = {State.LOST, State.SECOND, State.OUTAGE}
    assert {site for site in range(len(phases)) if sites.state(str(site)) in gone} == cut
