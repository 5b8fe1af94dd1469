"""How often a second path must prove itself, and when a text about it was made."""

from __future__ import annotations

from kentongan_server.domain.supervision import Watch, boot_started
from kentongan_wire.path_report import PathReport
from kentongan_wire.press import CLOCK_UNSET

# docs/architecture.md, "The second path": gateways text hourly, buttons daily; 1.5 times that is a fault.
GATEWAY_UNPROVEN_MS = 5_400_000
BUTTON_UNPROVEN_MS = 129_600_000
START_GRACE_MS = 600_000  # texts that waited while the centre was away are read from the SIMs within minutes


def unproven_after_ms(*, is_gateway: bool) -> int:
    """How long after its last text a device's second path counts as unproven."""
    return GATEWAY_UNPROVEN_MS if is_gateway else BUTTON_UNPROVEN_MS


def is_fresh(known_key: int | None, known_counter: int, key_id: int, counter: int) -> bool:
    """Whether a path report is news: its counter rises, or its key epoch is another. Never seen: None."""
    return known_key is None or key_id != known_key or counter > known_counter


def made_ms(report: PathReport, watch: Watch, wall_ms: int, now_ms: int) -> int:
    """When the report was made (monotonic ms of the centre): an SMS may have been on its way for hours.

    By the boot's uptime where heartbeats told of that boot, else by the device's clock, else now.
    """
    started_ms = boot_started(watch, report.boot_id)
    if started_ms is not None:
        return min(started_ms + report.uptime_ms, now_ms)
    if report.clock != CLOCK_UNSET and report.wall_ms:
        return min(now_ms - (wall_ms - report.wall_ms), now_ms)
    return now_ms
