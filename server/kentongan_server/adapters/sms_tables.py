"""What the second path keeps: numbers of devices, and how many receipts were texted for a press."""

from __future__ import annotations

from kentongan_server.adapters.statements import Statements
from kentongan_server.application.ports import SmsReceipts


class SmsTables(Statements):
    """Part of `application.ports.Transaction`."""

    def number_of(self, device: int) -> str | None:
        row = self._one("number_of", device)
        return row[0] if row else None

    def sms_receipts(self, alarm: int) -> dict[int, SmsReceipts]:
        return {device: SmsReceipts(count, at_ms) for device, count, at_ms in self._all("sms_receipts", alarm)}

    def count_sms_receipt(self, alarm: int, device: int, at_ms: int) -> None:
        self._do("count_sms_receipt", alarm, device, at_ms)

    def also_came_by(self, alarm: int, path: int) -> bool:
        bit = 1 << path
        return self._do("also_came_by", bit, alarm, path, bit).rowcount > 0

    def ringing_since(self) -> int | None:
        row = self._one("ringing_since")
        return row[0] if row else None
