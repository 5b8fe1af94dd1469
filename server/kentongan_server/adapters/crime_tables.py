"""Crimes as the city counts them: the plain SQL behind bringing them in."""

from __future__ import annotations

from kentongan_server.adapters.statements import Statements
from kentongan_server.domain.crimes import Count


class CrimeTables(Statements):
    """Implements `application.crime_import.CrimeBook` beside the transaction."""

    def crime_number(self, year: int, month: int, category: str) -> tuple[int, str] | None:
        row = self._one("crime_number", year, month, category)
        return (row[0], row[1]) if row else None

    def save_crime(self, count: Count) -> None:
        self._do("save_crime", count.year, count.month, count.category, count.count, count.source)
