"""When whoever is on duty is texted because the centre cannot say it on its own console, and in which words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why the console is not enough."""

    UNHEARD = "unheard"  # an alarm rings and no console is open where it can be answered
    STORE = "store"
    BROKER = "broker"
    STUCK = "stuck"
    HTTP = "http"
    HISTORY = "history"  # what is committed reaches no console


MINUTE_MS = 60_000
# For how long something must last before somebody is texted. An alarm's time began with its arrival;
# the others mend themselves within seconds after a restart.
AFTER_MS = {
    Reason.UNHEARD: 0,
    Reason.STORE: 20_000,
    Reason.BROKER: 30_000,
    Reason.STUCK: 0,  # 10 s without any movement are behind it
    Reason.HTTP: 30_000,
    Reason.HISTORY: 10_000,  # 3 s without any movement are behind it
}
UNHEARD_AFTER_MS = 30_000  # an alarm that rings while no console is open: three times the 10 s in which one is answered
# How often the same is told again while it lasts.
AGAIN_MS = {Reason.UNHEARD: 10 * MINUTE_MS}
AGAIN_OTHERS_MS = 30 * MINUTE_MS
RECOVERED_AFTER_MS = MINUTE_MS  # well for so long before that is told
# Between two beginnings of the same: what comes and goes costs at most 12 messages an hour and phone.
PAUSE_MS = 10 * MINUTE_MS

_WORDS = {
    Reason.UNHEARD: "Ada alarm berbunyi dan tidak ada konsol yang terbuka di pusat. Buka konsol sekarang.",
    Reason.STORE: "Pusat tidak dapat menyimpan alarm. Periksa server pusat sekarang.",
    Reason.BROKER: "Pusat tidak menerima alarm lewat internet. Periksa server pusat sekarang.",
    Reason.STUCK: "Program pusat macet. Periksa server pusat sekarang.",
    Reason.HTTP: "Konsol pusat tidak dapat dibuka. Periksa server pusat sekarang.",
    Reason.HISTORY: "Alarm baru tidak tampil di konsol pusat. Periksa server pusat sekarang.",
}
_OVER = {
    Reason.UNHEARD: "Pulih: alarm sudah dilihat atau konsol sudah terbuka.",
    Reason.STORE: "Pulih: pusat dapat menyimpan alarm lagi.",
    Reason.BROKER: "Pulih: pusat menerima alarm lewat internet lagi.",
    Reason.STUCK: "Pulih: program pusat berjalan lagi.",
    Reason.HTTP: "Pulih: konsol pusat dapat dibuka lagi.",
    Reason.HISTORY: "Pulih: alarm baru tampil di konsol pusat lagi.",
}
NAME = "KENTONGAN: "  # who texts


@dataclass(slots=True)
class _State:
    since_ms: int | None = None
    told_at_ms: int | None = None
    well_since_ms: int | None = None
    may_begin_ms: int = 0


class DutyTexts:
    """Turns what lasts into a bounded number of texts. All times are monotonic ms."""

    def __init__(self) -> None:
        self._states = {reason: _State() for reason in Reason}

    def look(self, present: set[Reason], now_ms: int) -> list[str]:
        """What is to be texted now; call it every few seconds."""
        texts = []
        for reason, state in self._states.items():
            text = self._begins(reason, state, now_ms) if reason in present else self._ends(reason, state, now_ms)
            if text is not None:
                texts.append(NAME + text)
        return texts

    @staticmethod
    def _begins(reason: Reason, state: _State, now_ms: int) -> str | None:
        state.well_since_ms = None
        if state.since_ms is None:
            state.since_ms = now_ms
        if state.told_at_ms is None:
            due = now_ms - state.since_ms >= AFTER_MS[reason] and now_ms >= state.may_begin_ms
        else:
            due = now_ms - state.told_at_ms >= AGAIN_MS.get(reason, AGAIN_OTHERS_MS)
        if not due:
            return None
        state.told_at_ms, state.may_begin_ms = now_ms, now_ms + PAUSE_MS
        return _WORDS[reason]

    @staticmethod
    def _ends(reason: Reason, state: _State, now_ms: int) -> str | None:
        state.since_ms = None
        if state.told_at_ms is None:
            return None
        if state.well_since_ms is None:
            state.well_since_ms = now_ms
        if now_ms - state.well_since_ms < RECOVERED_AFTER_MS:
            return None
        state.told_at_ms = state.well_since_ms = None
        return _OVER[reason]
