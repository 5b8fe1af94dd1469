"""The choice of a plan against all plans there are; hours against every minute of a week in every zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from kentongan_server.domain.contact import Window, hours_from_words, hours_to_words, is_now
from kentongan_server.domain.plan import ANY, Plan, Step, choose

SITES, CATEGORIES = (None, "a", "b"), (ANY, "fire", "medical")
STEP = Step("s", "s", "s")
plans = st.lists(
    st.builds(
        Plan,
        st.integers(1, 99),
        st.sampled_from(SITES),
        st.sampled_from(CATEGORIES),
        st.integers(1, 5),
        st.sampled_from([(), (STEP,)]),
    ),
    max_size=20,
    unique_by=lambda one: (one.site, one.category, one.version),
)


@given(plans, st.sampled_from(SITES), st.sampled_from(CATEGORIES[1:]))
def test_the_plan_is_the_newest_of_the_nearest(every, site, category):
    def newest(place: str | None, kind: str) -> Plan | None:
        versions = [one for one in every if (one.site, one.category) == (place, kind)]
        found = max(versions, key=lambda one: one.version, default=None)
        return found if found is not None and found.steps else None

    order = [(site, category), (site, ANY), (None, category), (None, ANY)]
    wanted = next((found for place, kind in order if (found := newest(place, kind)) is not None), None)
    assert choose(every, site, category) == wanted
    assert choose(list(reversed(every)), site, category) == wanted


windows = st.builds(Window, st.integers(1, 7), st.integers(0, 1_439), st.integers(0, 1_440)).filter(
    lambda one: one.begins != one.ends
)
zones = st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "UTC", "Asia/Kathmandu", "Pacific/Apia"])
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(windows, zones, moments)
def test_a_window_is_open_from_its_begin_to_its_end(window, zone, moment):
    """Walked back from the moment to the window's last begin, on the site's own clock."""
    local = moment.astimezone(ZoneInfo(zone))
    days_back = (local.isoweekday() - window.weekday) % 7
    begin = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days_back)
    begin += timedelta(minutes=window.begins)
    if begin > local:
        begin -= timedelta(days=7)
    length = (window.ends - window.begins) if window.ends > window.begins else window.ends + 1_440 - window.begins
    wanted = local < begin + timedelta(minutes=length)
    assert is_now((window,), int(moment.timestamp() * 1000), ZoneInfo(zone)) is wanted


@given(st.lists(windows, min_size=1, max_size=20).map(tuple))
def test_hours_come_back_from_a_table_as_they_were(hours):
    assert hours_from_words(hours_to_words(hours)) == hours
