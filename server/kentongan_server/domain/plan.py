"""Action plans: what is to be done in an incident, in which order, and what of it may not be forgotten.

A plan is never changed; a new version takes its place. An incident keeps the version that was fixed
when somebody answered it first, so that nobody's list changes under their hands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kentongan_server.domain.category import Category
from kentongan_server.domain.errors import CentreError, InvalidError
from kentongan_server.domain.line import check_line

STEPS_MAX = 30  # two screens; a longer list is not followed by anybody under stress
TEXT_MAX = 300  # characters of a step in one language: four lines on the operator's screen
REASON_MAX = 300  # characters of why a step was left out
ANY: Final = ""  # the category of a plan for every kind of incident
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)


class UnfinishedError(CentreError):
    """A mandatory step of the plan was neither done nor left out with a reason."""

    code = "unfinished"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do; `id` and `en` are the languages of its text."""

    key: str
    id: str
    en: str
    mandatory: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a plan.

    Attributes:
        number: of its row in the store.
        site: whose it is; None is the city's own.
        category: the kind of incident it is for; `ANY` for every kind.
        steps: in their order; none at all means that this plan was withdrawn.
    """

    number: int
    site: str | None
    category: str
    version: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a step; `left_out` is the reason for not doing it, None when it was done."""

    by: str
    at_ms: int
    left_out: str | None = None


def choose(plans: Iterable[Plan], site: str | None, category: str) -> Plan | None:
    """The plan for an incident: of the site before the city's, for its kind before any kind.

    Only the newest version counts, and one without steps stands back for the next in order.
    """
    newest: dict[tuple[str | None, str], Plan] = {}
    for plan in plans:
        known = newest.get((plan.site, plan.category))
        if known is None or plan.version > known.version:
            newest[plan.site, plan.category] = plan
    places = (site, None) if site is not None else (None,)
    for place in places:
        for kind in (category, ANY):
            found = newest.get((place, kind))
            if found is not None and found.steps:
                return found
    return None


def missing(steps: Sequence[Step], done: Collection[str]) -> list[Step]:
    """The mandatory steps that nobody has done or left out yet, in their order."""
    return [step for step in steps if step.mandatory and step.key not in done]


def check_finished(steps: Sequence[Step], done: Collection[str]) -> None:
    """Raises `UnfinishedError` while a mandatory step is open."""
    still = missing(steps, done)
    if still:
        named = "; ".join(step.id for step in still)
        raise UnfinishedError(
            f"{len(still)} mandatory step(s) of the plan are open: {named}",
            "Do them, or leave them out with a reason, then close.",
        )


def check_reason(reason: str | None) -> str | None:
    """The reason for leaving a step out; None when the step was done.

    Raises:
        InvalidError: it is empty, or longer than `REASON_MAX`.
    """
    if reason is not None and not 0 < len(reason.strip()) <= REASON_MAX:
        raise InvalidError(f"left_out: expected a reason of 1-{REASON_MAX} characters, got {len(reason.strip())}.")
    return reason.strip() if reason is not None else None


def check_category(category: str) -> str:
    """The category that a plan can be for: one of an incident, or `ANY`.

    Raises:
        InvalidError: it is none.
    """
    if category != ANY and category not in tuple(Category):
        raise InvalidError(f"category: expected one of {', '.join(Category)} or nothing, got {category[:40]!r}.")
    return category


def check_steps(steps: Sequence[Step]) -> None:
    """Whether these can be a plan's steps.

    Raises:
        InvalidError: too many, a key that is none or is there twice, a text that is missing or too long.
    """
    if len(steps) > STEPS_MAX:
        raise InvalidError(f"steps: expected at most {STEPS_MAX}, got {len(steps)}.")
    seen: set[str] = set()
    for place, step in enumerate(steps, 1):
        if not _KEY.fullmatch(step.key):
            raise InvalidError(f"step {place}: key: expected 1-40 of a-z, 0-9 and '-', got {step.key[:40]!r}.")
        if step.key in seen:
            raise InvalidError(f"step {place}: there is a step {step.key!r} already.")
        seen.add(step.key)
        check_line(f"step {place}: id", step.id, TEXT_MAX)
        check_line(f"step {place}: en", step.en, TEXT_MAX)


def to_json(steps: Sequence[Step]) -> str:
    """Steps as the store keeps them."""
    shapes = [{"key": one.key, "id": one.id, "en": one.en, "mandatory": one.mandatory} for one in steps]
    return json.dumps(shapes, ensure_ascii=False)


def from_json(text: str) -> tuple[Step, ...]:
    """What `to_json` made."""
    found: list[Mapping[str, Any]] = json.loads(text)
    return tuple(Step(one["key"], one["id"], one["en"], bool(one["mandatory"])) for one in found)
