"""Percentiles of measured times, the same for the demo's JSON and for the bench."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

DECIMALS = 3  # a microsecond: finer than any clock in the path


@dataclass(frozen=True)
class Figure:
    """What is told of one kind of measurement.

    Attributes:
        n: number of samples; with 0 the others are None.
        p50: median, ms.
        p99: 99th percentile by nearest rank, ms (with less than 100 samples that is the maximum).
        max: largest sample, ms.
    """

    n: int
    p50: float | None
    p99: float | None
    max: float | None

    def as_json(self) -> dict[str, float | int | None]:
        """The four values by name."""
        return asdict(self)


def figure(samples_ms: Sequence[float]) -> Figure:
    """Summarise samples in ms, in any order."""
    if not samples_ms:
        return Figure(0, None, None, None)
    ordered = sorted(samples_ms)
    return Figure(
        len(ordered),
        round(percentile(ordered, 50), DECIMALS),
        round(percentile(ordered, 99), DECIMALS),
        round(ordered[-1], DECIMALS),
    )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of ascending samples: always a value that was measured.

    Raises:
        ValueError: no samples, or a percentage outside 0…100.
    """
    if not ordered or not 0 <= percent <= 100:
        raise ValueError(f"expected samples and 0…100 percent, got {len(ordered)} samples and {percent}")
    rank = max(1, math.ceil(percent / 100 * len(ordered)))
    return ordered[rank - 1]
