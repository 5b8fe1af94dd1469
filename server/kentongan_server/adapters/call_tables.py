"""Phone calls and who has called before: plain SQL behind the 112 desk."""

from __future__ import annotations

from kentongan_server.adapters.statements import Statements
from kentongan_server.domain.call import Said


class CallTables(Statements):
    """Implements `application.calls.CallBook` beside the transaction."""

    def has_site(self, code: str) -> bool:
        return self._one("has_site", code) is not None

    def insert_call(self, incident: int, at_ms: int, who: str, caller: bytes | None, said: Said) -> int:
        return self._insert("insert_call", incident, incident, at_ms, who, caller, said.number, said.name, said.words)

    def calls_of(self, incident: int) -> int:
        row = self._one("calls_of", incident)
        return int(row[0]) if row else 0

    def move_calls(self, source: int, target: int) -> int:
        return self._do("move_calls", target, source).rowcount

    def calls_back(self, origin: int) -> list[tuple[int, int]]:
        left = [(incident, count) for incident, count in self._all("where_calls_are", origin)]
        self._do("calls_back", origin)
        return left

    def has_called(self, caller: bytes) -> bool:
        return self._one("has_called", caller) is not None

    def mark_caller(self, caller: bytes, by: int, who: str, at_ms: int) -> int:
        row = self._one("pranks_of", caller)
        pranks = max(0, (row[0] if row else 0) + by)
        self._do("mark_caller", caller, pranks, who, at_ms)
        return pranks
