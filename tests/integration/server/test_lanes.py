"""A lane that only seems to run: whoever looks after the centre has to hear of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from kentongan_server.adapters import lanes
from kentongan_wire import topics
from tests.support.centre_rig import PATIENCE_S, CentreRig


async def test_a_lane_whose_way_out_breaks_ends_the_centre(rig: CentreRig, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(frames: Sequence[bytes]) -> list[bytes]:
        raise ValueError(f"cannot pack {len(frames)}")

    async with rig.running() as centre:
        watching = asyncio.create_task(centre.lanes.by_kind[topics.ALARM].watch())
        monkeypatch.setattr(lanes, "bundles", broken)
        centre.lanes.send(1, topics.ALARM, [b"receipt"])
        with pytest.raises(ValueError, match="cannot pack 1"):
            async with asyncio.timeout(PATIENCE_S):
                await watching
