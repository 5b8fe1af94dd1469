"""Erasing what has expired: plain SQL behind the rules of retention."""

from __future__ import annotations

from kentongan_server.adapters.statements import Statements
from kentongan_server.domain.retention import coarse


class RetentionTables(Statements):
    """Implements `application.retention.RetentionBook` beside the transaction."""

    def erase_calls(self, before_ms: int, at_ms: int, most: int) -> int:
        calls = self._all("old_calls", before_ms, most)
        for call, origin in calls:
            self._do("erase_call", at_ms, call)
            self._do("erase_caller_lines", str(origin), before_ms)
        lines = [position for (position,) in self._all("old_mark_lines", before_ms, most)]
        return max(len(calls), self.erase_lines(lines))

    def coarsen_places(self, before_ms: int, most: int) -> int:
        places = self._all("old_places", before_ms, most)
        for incident, latitude, longitude in places:
            left = (None, None) if latitude is None else (coarse(latitude), coarse(longitude))
            self._do("coarsen_place", *left, incident)
        return len(places)

    def forget_callers(self, before_ms: int, most: int) -> int:
        calls = self._do("forget_calls", before_ms, most).rowcount
        return max(calls, self._do("forget_marks", before_ms, most).rowcount)

    def erase_lines(self, positions: list[int]) -> int:
        return sum(self._do("erase_line", position).rowcount for position in positions)
