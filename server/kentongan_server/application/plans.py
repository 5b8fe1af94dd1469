"""Action plans inside the store's transaction: which one an incident gets, and whether it may be closed by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, cast

from kentongan_server.application.ports import Transaction
from kentongan_server.domain import plan as rules
from kentongan_server.domain.category import Category
from kentongan_server.domain.errors import InvalidError
from kentongan_server.domain.feed import Entry, Kind, canonical
from kentongan_server.domain.incident import Incident, StaleError
from kentongan_server.domain.plan import Done, Plan, Step
from kentongan_server.domain.shipped_plans import SHIPPED

SHIPPED_BY = ""  # who made the plans that came with the programme: nobody of this city


class PlanBook(Transaction, Protocol):
    """What plans need of the store; its transactions can do this as well."""

    def plans_for(self, site: str | None, category: str) -> list[Plan]:
        """All versions that could be chosen for such an incident."""

    def newest_plan(self, site: str | None, category: str) -> Plan | None:
        """The newest version of exactly this plan, also one that was withdrawn."""

    def insert_plan(self, plan: Plan, who: str, at_ms: int) -> int: ...
    def fixed_plan(self, incident: int) -> Plan | None:
        """The plan that was fixed for an incident."""

    def steps_done(self, incident: int) -> dict[str, Done]: ...
    def set_step(self, incident: int, step: str, done: Done) -> None: ...


def fixed_for(transaction: Transaction, incident: Incident, now: Category | None = None) -> Mapping[str, object]:
    """The column of an incident that somebody owns from now on, or that is about something else `now`: its plan.

    What was done of another plan stays done, by the key of its step.
    """
    book = cast("PlanBook", transaction)
    category = now or book.state_of(incident.id)[1]
    found = rules.choose(book.plans_for(incident.site, category), incident.site, category)
    return {"plan": found.number if found is not None else None}


def check_closing(transaction: Transaction, incident: int) -> None:
    """Raises `UnfinishedError` while a mandatory step of the incident's plan is open."""
    book = cast("PlanBook", transaction)
    plan = book.fixed_plan(incident)
    if plan is not None:
        rules.check_finished(plan.steps, book.steps_done(incident).keys())


def put(book: PlanBook, site: str | None, category: str, steps: Sequence[Step], seen: int, who: str, at_ms: int) -> int:
    """Makes the next version of a plan; its number. No steps: the plan is withdrawn.

    Args:
        book: the open transaction.
        site: whose it is; None is the city's own. It is surely there.
        category: the kind of incident; `plan.ANY` for every kind.
        steps: in their order.
        seen: the version that was on the screen, 0 for none.
        who: makes it.
        at_ms: now.

    Raises:
        InvalidError: category or steps cannot be taken, or it would withdraw the city's plan for every kind: the
            last in order, so that no incident is without one, whatever it becomes.
        StaleError: somebody made another version since.
    """
    rules.check_category(category)
    rules.check_steps(steps)
    if site is None and category == rules.ANY and not steps:
        raise InvalidError(
            "steps: expected at least one, for this is the plan of whatever has no other.", "Change it instead."
        )
    newest = book.newest_plan(site, category)
    version = newest.version if newest is not None else 0
    if seen != version:
        raise StaleError(
            f"this plan has version {version}, your screen showed {seen}.", "Load it again, then change it."
        )
    if newest is not None and newest.steps == tuple(steps):
        return newest.number
    number = book.insert_plan(Plan(0, site, category, version + 1, tuple(steps)), who, at_ms)
    facts = {"plan": number, "category": category, "version": version + 1, "steps": len(steps)}
    personal = canonical({"who": who}) if who else None
    book.append(Entry(at_ms, Kind.ENROLMENT, "plan", site or "", canonical(facts), personal))
    return number


def ship(transaction: Transaction, at_ms: int) -> None:
    """Gives a city that has none the plans that come with the programme; its own are never touched."""
    book = cast("PlanBook", transaction)
    for category, steps in SHIPPED.items():
        if book.newest_plan(None, category) is None:
            put(book, None, category, steps, 0, SHIPPED_BY, at_ms)
