"""What all tests share: Hypothesis prints what replays a failure, and no test leaves its log to the next one."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
import structlog
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


@pytest.fixture(autouse=True)
def log_as_it_was() -> Iterator[None]:
    """Undoes what a command that runs in this process does to the log: its stream is closed when the test is over."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
