"""What receipts say now, kept in memory so that a heartbeat costs no query."""

from __future__ import annotations

from collections import OrderedDict

from kentongan_server.domain.receipt_level import Standing
from kentongan_wire.press import PressIdentity

KEPT_MAX = 100_000  # presses: some 30 MB; one that is not kept is asked from the store


class Standings:
    """The newest presses' answers bounded, least recently used goes first."""

    def __init__(self, kept_max: int = KEPT_MAX) -> None:
        self._kept: OrderedDict[PressIdentity, Standing] = OrderedDict()
        self._kept_max = kept_max

    def put(self, identity: PressIdentity, standing: Standing) -> None:
        """Remembers what was committed; an older revision of the same press changes nothing."""
        kept = self._kept.get(identity)
        if kept is not None and kept.revision > standing.revision:
            return
        self._kept[identity] = standing
        self._kept.move_to_end(identity)
        if len(self._kept) > self._kept_max:
            self._kept.popitem(last=False)

    def get(self, identity: PressIdentity) -> Standing | None:
        """What the centre says about the press; None when it is not kept."""
        standing = self._kept.get(identity)
        if standing is not None:
            self._kept.move_to_end(identity)
        return standing
