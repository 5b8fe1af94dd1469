"""Every SMS that a modem of the centre hears: a frame goes to the same intake as on a lane, the rest is counted.

A message may be deleted from its SIM when `take` has returned True, and not before: then what it
carried is committed, or it carried nothing.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from kentongan_host.log import logger
from kentongan_server.application.intake import Intake
from kentongan_server.application.ports import Clock, Enrolled
from kentongan_server.application.rejections import Rejections, sent_once
from kentongan_server.application.verify import VerifiedPathReport, sms_source
from kentongan_server.domain.number import masked
from kentongan_server.domain.second_reading import SecondReading
from kentongan_server.domain.verdict import Part, Reason, Rejected, Why, because
from kentongan_wire.armour import MARK
from kentongan_wire.armour_dense import DENSE_MARK, sms_frame
from kentongan_wire.errors import FrameError
from kentongan_wire.path_report import PathReport
from kentongan_wire.topics import device_name

TEXT_MAX = 1_600  # characters looked at: ten joined messages; every frame of ours is one of 160

_log = logger("kentongan.sms")


class PathReports(Protocol):
    """Supervision of second paths."""

    async def path_report(self, device: Enrolled, report: PathReport) -> bool:
        """Takes a device's verified word that its second path works; False when it is not news.

        Raises:
            StoreError: nothing was committed; the SMS must stay on its SIM.
        """


class SmsIntake:
    """Takes messages one by one; what a message costs is bounded, whatever is in it."""

    def __init__(self, intake: Intake, reports: PathReports, rejections: Rejections, clock: Clock) -> None:
        self._intake = intake
        self._reports = reports
        self._rejections = rejections
        self._clock = clock
        self._second_reading = SecondReading()

    async def take(self, modem: str, sender: str, text: str, sent_at_ms: int | None = None) -> bool:
        """Handles one SMS to its end; False leaves it on its SIM, to be read once more.

        Args:
            modem: the centre's modem that heard it.
            sender: what the network says; it proves nothing and is only hinted at where a message is refused.
            text: the message.
            sent_at_ms: Unix ms at which the network says that it took it.

        Raises:
            StoreError: nothing was committed; the SMS must stay on its SIM.
        """
        try:
            raw = sms_frame(text[:TEXT_MAX])
        except FrameError:
            return await self._give_up(modem, sender, text)
        taken = await self._intake.take_sms(raw, modem, sent_at_ms)
        if isinstance(taken, VerifiedPathReport):
            news = await self._reports.path_report(taken.device, taken.report)  # both numbers get every one
            _log.info("path report", device=device_name(taken.device.device), modem=modem, news=news)
        return True

    async def _give_up(self, modem: str, sender: str, text: str) -> bool:
        """Lists what is no frame; one with our mark only when it reads the same a second time.

        People's words and numbers are nobody's business: kept are a digest, the length, and a hint.
        """
        digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16]
        marked = "".join(text[:TEXT_MAX].split())[: len(MARK)].upper() in (MARK, DENSE_MARK)
        if marked and self._second_reading.is_due(digest + modem.encode(), self._clock.monotonic_ms()):
            _log.warning("misread or torn, left on the SIM to be read again", modem=modem, size=len(text))
            return False
        detail = because(Why.NO_FRAME, characters=len(text), sender=masked(sender))
        rejected = Rejected(Reason.MALFORMED, Part.SMS, detail, sms_source(modem), None, digest)
        now_ms = self._clock.wall_ms()
        await self._rejections.list(rejected, sent_once(digest, now_ms), now_ms)
        return True
