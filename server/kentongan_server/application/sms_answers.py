"""Receipts by SMS: level *received* only, to the enrolled number only, as many as were granted.

What was granted is counted in the transaction that took the press (`take.py`), so no replay, no
restart and no second modem makes it more.
"""

from __future__ import annotations

from collections.abc import Sequence

from kentongan_server.application.answers import Answers
from kentongan_server.application.ports import Enrolled
from kentongan_server.application.sms_out import SmsOut
from kentongan_server.domain.receipt_level import RECEIVED
from kentongan_server.domain.sms_queue import Priority
from kentongan_wire.armour_dense import sms_text
from kentongan_wire.press import PressIdentity


class SmsAnswers:
    """Implements `application.intake.ReceiptTexts`."""

    def __init__(self, answers: Answers, out: SmsOut) -> None:
        self._answers = answers
        self._out = out

    def text(self, identity: PressIdentity, repeats: int, number: str, addressees: Sequence[Enrolled]) -> None:
        """Queues one text for each addressee.

        Whatever has been answered since, the text says *received*: that stays true, ends the texting,
        and everything higher is told by the main path as soon as it works.
        """
        for addressee in addressees:
            receipt = self._answers.receipt(identity, RECEIVED, repeats, addressee)
            self._out.put([number], sms_text(receipt), Priority.RECEIPT)
