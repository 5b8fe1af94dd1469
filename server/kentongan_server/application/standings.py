"""What receipts say now, kept in memory so that a heartbeat costs no query."""

from __future__ import annotations

from collections import OrderedDict

from kentongan_server.domain.receipt_level import Standing
from kentongan_wire.press import PressIdentity

KEPT_MAX = 100_000  # presses: some 30 MB; one that is not kept is asked from the store


class Standings:
    """The newest presses' answers by (device, sequence); bounded, least recently used goes first."""

    def __init__(self, kept_max: int = KEPT_MAX) -> None:
        self._kept: OrderedDict[tuple[int, int], tuple[PressIdentity, Standing]] = OrderedDict()
        self._kept_max = kept_max

    def put(self, identity: PressIdentity, standing: Standing) -> None:
        """Remembers what was committed; an older revision of the same press changes nothing."""
        key = (identity.device, identity.sequence)
        kept = self._kept.get(key)
        if kept is not None and kept[0] == identity and kept[1].revision > standing.revision:
            return
        self._kept[key] = (identity, standing)
        self._kept.move_to_end(key)
        if len(self._kept) > self._kept_max:
            self._kept.popitem(last=False)

    def get(self, device: int, sequence: int) -> Standing | None:
        """What the centre says about the newest press with this sequence; None when it is not kept."""
        kept = self._kept.get((device, sequence))
        if kept is None:
            return None
        self._kept.move_to_end((device, sequence))
        return kept[1]
