"""What all tests share: Hypothesis prints what replays a failure."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A failing example prints the line that replays it (`@reproduce_failure`).
# Deadlines are off: figures are measured by the bench, never by a timed unit test.
settings.register_profile(
    "kentongan",
    print_blob=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", parent=settings.get_profile("kentongan"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "kentongan"))
