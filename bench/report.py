"""Rows of figures, the numbers they are held to, and the page that tells both."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

NOT_SHOWN = """\
What these figures do not show: everything ran on one machine over loopback, with the interpreter of
the buttons as a Unix process. An ESP32 is slower at cryptography and flash, and Wi-Fi adds its own
delays. Compare ratios within the run.
"""


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


def cell(value: float | None) -> str:
    """A number as people read it."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.1f}"


def limit_text(limits: dict[str, float]) -> str:
    """The limits of a row in words."""
    return ", ".join(
        f"{'≥' if name.startswith('>') else '≤'} {cell(limit)}"
        + ("" if name.lstrip(">") == "value" else f" ({name.lstrip('>')})")
        for name, limit in limits.items()
    )


def value_text(values: dict[str, float | int | None]) -> str:
    """The values of a row in words."""
    if "value" in values:
        return cell(values["value"])
    return " · ".join(f"{name} {cell(value)}" for name, value in values.items())


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | measured | unit | number to reach | |", "|---|---|---|---|---|"]
    for row in rows:
        verdict = "" if not row.limits else "reached" if row.meets else "**missed**"
        lines.append(f"| {row.name} | {value_text(row.values)} | {row.unit} | {limit_text(row.limits)} | {verdict} |")
    return "\n".join(lines)


def page(date: str, machine: dict[str, object], rows: list[Row], file: str) -> str:
    """bench/results/README.md for one run."""
    notes = "\n".join(f"- **{row.name}**: {row.note}" for row in rows if row.note)
    about = (
        f"One run of `make bench` on {date}; nothing here comes from elsewhere: [{file}]({file}).\n"
        f"Machine: {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB,\n"
        f"{machine['system']}, Linux {machine['kernel']}, Python {machine['python']}, {machine['mosquitto']}.\n"
    )
    return f"# Figures\n\n{about}\n{table(rows)}\n\n{NOT_SHOWN}\n{notes}\n"
