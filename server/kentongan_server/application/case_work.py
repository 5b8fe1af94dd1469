"""What an operator does while an incident lasts: steps of its plan, calls back, the pass-phrase."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from kentongan_server.application import acts, plans
from kentongan_server.application.acts import Act
from kentongan_server.application.plans import PlanBook
from kentongan_server.application.ports import Clock, Store
from kentongan_server.domain import incident as rules
from kentongan_server.domain import pass_phrase, plan
from kentongan_server.domain.category import FIRST, Category
from kentongan_server.domain.contact import Contact, Result
from kentongan_server.domain.errors import InvalidError, NotFoundError
from kentongan_server.domain.incident import Event, Incident, State, TransitionError
from kentongan_server.domain.pass_phrase import Answer, NoPhraseError

Found = TypeVar("Found")

PHRASE, DURESS = "pass-phrase", "duress-phrase"  # what a sealed text is about, beside its site


class TextSealer(Protocol):
    """Seals words for the store, each bound to what it is about."""

    def seal_text(self, text: str, about: str) -> bytes: ...
    def open_text(self, sealed: bytes, about: str) -> str: ...


class CaseBook(PlanBook, Protocol):
    """What this needs of the store; its transactions can do this as well."""

    def contact_of(self, incident: int, contact: int) -> Contact | None:
        """A contact of the incident's site."""

    def phrases(self, site: str) -> tuple[bytes, bytes | None] | None:
        """The site's sealed pass-phrase and that of duress."""


class CaseWork:
    """Acts that need no version: they add to an incident, and two at once do no harm.

    All of them raise:
        InvalidError: something given cannot be taken.
        NotFoundError: there is no such incident, step, contact or phrase.
        TransitionError: the incident is closed.
        StoreError: nothing was committed.
    """

    def __init__(self, store: Store, clock: Clock, sealer: TextSealer) -> None:
        self._store = store
        self._clock = clock
        self._sealer = sealer

    async def step(self, incident: int, who: str, key: str, left_out: str | None) -> None:
        """A step was done, or left out with a reason; the last word counts, every word is remembered."""
        reason = plan.check_reason(left_out)
        await self._do(partial(_step, act=self._act(incident, who), key=key, reason=reason))

    async def called(self, incident: int, who: str, contact: int, result: Result, words: str) -> None:
        """Somebody was called back; also on a closed incident, for it changes nothing of it."""
        rules.check_text("text", words)
        await self._do(partial(_called, act=self._act(incident, who), contact=contact, result=result, words=words))

    async def pass_phrase(self, incident: int, who: str, said: str) -> Answer:
        """Compares what was said; duress makes the incident one of duress, which rings.

        What was said is not kept anywhere: it may be the phrase with one letter wrong.
        """
        act = self._act(incident, who)
        return await self._do(partial(_pass_phrase, act=act, said=said, sealer=self._sealer))

    def _act(self, incident: int, who: str) -> Act:
        return Act(incident, 0, who, self._clock.wall_ms())

    async def _do(self, work: Callable[[CaseBook], Found]) -> Found:
        return await self._store.submit(work)  # type: ignore[arg-type]  # the store's transactions can do this as well


def _step(book: CaseBook, act: Act, key: str, reason: str | None) -> None:
    _open(book, act)
    fixed = book.fixed_plan(act.incident)
    if fixed is None:
        raise NotFoundError("this incident has no plan.", "It gets one when it is acknowledged first.")
    if all(step.key != key for step in fixed.steps):
        raise NotFoundError(f"the plan of this incident has no step {key[:40]!r}.")
    before = book.steps_done(act.incident).get(key)
    if before is not None and before.left_out == reason:
        return
    book.set_step(act.incident, key, plan.Done(act.who, act.at_ms, reason))
    book.change(act.incident, {})
    facts = {"plan": fixed.number, "step": key, "left_out": reason is not None}
    acts.remember(book, act, "step", facts, reason or "")


def _called(book: CaseBook, act: Act, contact: int, result: Result, words: str) -> None:
    acts.find(book, act.incident)
    found = book.contact_of(act.incident, contact)
    if found is None:
        raise NotFoundError(f"the site of this incident has no contact {contact}.")
    book.change(act.incident, {})
    facts = {"contact": contact, "result": str(result)}
    acts.remember(book, act, "called", facts, words, {"name": found.name, "number": found.number})


def _pass_phrase(book: CaseBook, act: Act, said: str, sealer: TextSealer) -> Answer:
    if len(said) > rules.NOTE_MAX:
        raise InvalidError(f"said: expected at most {rules.NOTE_MAX} characters, got {len(said)}.")
    found = _open(book, act)
    sealed = book.phrases(found.site) if found.site is not None else None
    if sealed is None or found.site is None:
        raise NoPhraseError("this site has agreed on no pass-phrase.", "An admin sets it on the site's page.")
    phrase = sealer.open_text(sealed[0], f"{PHRASE}|{found.site}")
    duress = sealer.open_text(sealed[1], f"{DURESS}|{found.site}") if sealed[1] is not None else None
    answer = pass_phrase.check(said, phrase, duress)
    book.change(act.incident, _under_duress(book, found, act.at_ms) if answer is Answer.DURESS else {})
    acts.remember(book, act, "pass-phrase", {"result": str(answer)})
    return answer


def _under_duress(book: CaseBook, found: Incident, at_ms: int) -> dict[str, object]:
    """What becomes of the incident: it goes first, and rings until somebody has answered that."""
    changes: dict[str, object] = {"category": str(Category.DURESS), "priority": FIRST, "reminded_at_ms": at_ms}
    if found.owner is not None:
        changes |= plans.fixed_for(book, found, Category.DURESS)
    if found.state is State.PARKED:
        changes |= {"state": str(rules.step(found.state, Event.UNPARK)), "parked_until_ms": None}
    return changes


def _open(book: CaseBook, act: Act) -> Incident:
    found = acts.find(book, act.incident)
    if found.state is State.CLOSED:
        raise TransitionError("this incident is closed.", "Reopen it first.")
    return found
