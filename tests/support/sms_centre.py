"""The centre's application with modems that a test speaks through: what was texted is kept, nothing waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kentongan_server.adapters.register import SqlRegister
from kentongan_server.application.intake import Intake
from kentongan_server.application.ports import Enrolled
from kentongan_server.application.sms_answers import SmsAnswers
from kentongan_server.application.sms_intake import SmsIntake
from kentongan_server.application.sms_out import SmsOut
from kentongan_server.domain.sms_queue import Outcome
from kentongan_wire.armour_dense import sms_frame, sms_text
from kentongan_wire.custody import ENVELOPE_IN_CUSTODY, Envelope
from kentongan_wire.frame import Frame, parse, seal
from kentongan_wire.path_report import PathReport
from kentongan_wire.receipts import Receipt
from tests.support.direct_centre import DirectCentre


class Line:
    """A modem that takes everything."""

    name, operator, works = "one", "Telkomsel", True

    async def send(self, number: str, text: str) -> Outcome:
        return Outcome.SENT


@dataclass(frozen=True)
class Texted:
    """A receipt that left by SMS."""

    number: str
    frame: Frame

    @property
    def receipt(self) -> Receipt:
        assert isinstance(self.frame.payload, Receipt)
        return self.frame.payload


class Reports:
    """Path reports, kept."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, int]] = []
        self.error: Exception | None = None

    async def path_report(self, device: Enrolled, report: PathReport) -> bool:
        if self.error is not None:
            raise self.error
        self.heard.append((device.device, report.counter))
        return True


class SmsCentre(DirectCentre):
    """A centre whose modem `one` hears what a test says."""

    def __init__(self, *, restored_at_ms: int | None = None) -> None:
        super().__init__()
        self.out = SmsOut([Line()], self.clock)
        self.reports = Reports()
        self.intake = Intake(
            self.ring, self.store, self.answers, self.clock, self.roll, self.rejections,
            lambda identity, taken: self.standings.put(identity, taken.standing),
            SmsAnswers(self.answers, self.out), restored_at_ms,
        )  # fmt: skip
        self.sms = SmsIntake(self.intake, self.reports, self.rejections, self.clock)

    def enrol(self, device: int, role: str, site: str = "a") -> Enrolled:
        enrolled = super().enrol(device, role, site)
        self.store.run(lambda register: number_of(register, device))
        return enrolled

    def hear(self, raw: bytes | str, *, sender: str = "+6289999999999", sent_at_ms: int | None = None) -> bool:
        """One SMS arrives; whether it may go from its SIM."""
        text = raw if isinstance(raw, str) else sms_text(raw)
        return bool(self.run(self.sms.take("one", sender, text, sent_at_ms)))

    def envelope(self, gateway: int, inner: bytes, held_ms: int = 0, flags: int = ENVELOPE_IN_CUSTODY) -> bytes:
        return seal(Envelope(held_ms, flags, inner), gateway, 1, self.found(gateway).keys.up_link)

    def texted(self) -> list[Texted]:
        """What waits to be texted, taken from the queue as a modem does."""
        found: list[Texted] = []
        while (
            job := self.out.queue.next("test", f"operator {len(found)}", {"any"}, self.clock.monotonic_ms())
        ) is not None:
            frame = parse(sms_frame(job.text), (Receipt,))
            assert frame.verify(self.found(frame.device).keys.down_link)
            found.append(Texted(job.number, frame))
        return found

    def alarm(self, columns: str) -> tuple[Any, ...]:
        """Columns of the only alarm."""
        (row,) = self.rows(f"SELECT {columns} FROM alarm")
        return row


def the_number(device: int) -> str:
    """What every device of these tests has."""
    return f"+62811{device:08d}"


def number_of(register: SqlRegister, device: int) -> None:
    register.set_number(device, the_number(device))
