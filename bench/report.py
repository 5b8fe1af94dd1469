"""Rows of figures, the numbers they are held to, and how both are written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One measured thing.

    Attributes:
        name: what was measured.
        unit: of all values.
        values: by name: p50, p99, max, n; or `value`.
        limits: by the same names: at most this; a name with a leading `>` means at least.
        note: what the figure does not show, or what lay in its path.
    """

    name: str
    unit: str
    values: dict[str, float | int | None]
    limits: dict[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def meets(self) -> bool:
        """Whether every limit is kept; a value that is missing keeps none."""
        for name, limit in self.limits.items():
            value = self.values.get(name.lstrip(">"))
            if value is None or (value < limit if name.startswith(">") else value > limit):
                return False
        return True

    def as_json(self) -> dict[str, object]:
        """For the result file."""
        return {**asdict(self), "meets": self.meets if self.limits else None}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Row:
        """What `as_json` wrote; whether limits are kept is judged anew."""
        return cls(kept["name"], kept["unit"], kept["values"], kept["limits"], kept["note"])


@dataclass(frozen=True)
class Section:
    """Rows that were measured together.

    Attributes:
        title: on the page.
        rows: in the order of the page.
        about: below the table: what these figures are, and what they do not show.
    """

    title: str
    rows: tuple[Row, ...]
    about: str = ""

    def as_json(self) -> dict[str, object]:
        """For the result file."""
        return {"title": self.title, "about": self.about, "rows": [row.as_json() for row in self.rows]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Section:
        """What `as_json` wrote."""
        return cls(kept["title"], tuple(Row.from_json(row) for row in kept["rows"]), kept["about"])


def cell(value: float | None) -> str:
    """A number as people read it."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.1f}"


def limit_text(limits: Mapping[str, float]) -> str:
    """The limits of a row in words."""
    return ", ".join(
        f"{'≥' if name.startswith('>') else '≤'} {cell(limit)}"
        + ("" if name.lstrip(">") == "value" else f" ({name.lstrip('>')})")
        for name, limit in limits.items()
    )


def value_text(values: Mapping[str, float | int | None]) -> str:
    """The values of a row in words."""
    if "value" in values:
        return cell(values["value"])
    return " · ".join(f"{name} {cell(value)}" for name, value in values.items())


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | measured | unit | number to reach | |", "|---|---|---|---|---|"]
    for row in rows:
        verdict = "" if not row.limits else "reached" if row.meets else "**missed**"
        lines.append(f"| {row.name} | {value_text(row.values)} | {row.unit} | {limit_text(row.limits)} | {verdict} |")
    return "\n".join(lines)


def told(section: Section) -> str:
    """A section of the page: heading, table, what it does not show, notes on rows."""
    notes = "\n".join(f"- **{row.name}**: {row.note}" for row in section.rows if row.note)
    return "\n\n".join(part for part in (f"## {section.title}", table(section.rows), section.about, notes) if part)
