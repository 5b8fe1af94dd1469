"""Tables that people edit in a spreadsheet, read with every mistake named and written so that nothing in them runs.

UTF-8 with or without its mark, `,` or `;` between cells, either kind of line end. What is written here
is read back as it was.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kentongan_server.domain.errors import InvalidError

BYTES_MAX = 8_000_000  # four times the largest table that can be taken
ROWS_MAX = 5_000  # a whole city's; on SQLite alarms wait for half a second while they are written
CELL_MAX = 4_000  # characters that are looked at; no column takes as many
MISTAKES_MAX = 10_000  # told of one file; whoever has more has another kind of file
SEPARATORS: Final = (",", ";")
MARK: Final = "\ufeff"  # of UTF-8, by which spreadsheets know it
# A spreadsheet runs what begins like this; an apostrophe before it makes it text.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"-\d+(\.\d+)?", re.ASCII)  # a plain negative number runs nothing
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """Something in a table that cannot be taken; line 1 is the header, `column` empty for a whole line."""

    line: int
    column: str
    what: str

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, how a cell is read (raising `InvalidError`), and whether it must be there and filled."""

    name: str
    read: Callable[[str], Any]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row as far as it could be read; a column whose cell is wrong, or that the table lacks, is not in it."""

    number: int
    values: Mapping[str, Any]


@dataclass(slots=True)
class Reading:
    """What a table came to."""

    lines: list[Line] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, line: int, column: str, what: str) -> None:
        """Notes a mistake."""
        if len(self.mistakes) < MISTAKES_MAX:
            self.mistakes.append(Mistake(line, column, what))


def read(data: bytes, columns: Sequence[Column]) -> Reading:
    """Reads a table; never raises: what is wrong with it is in `mistakes`."""
    reading = Reading()
    text = _text(data, reading)
    if text is None:
        return reading
    lines = _LINE.findall(text)
    separator = _separator(lines[0] if lines else "", columns)
    records = _records(lines, separator, reading)
    try:
        number, cells = next(records)
    except StopIteration:
        reading.wrong(1, "", f"expected a header with {_names(columns)}, got nothing.")
        return reading
    header = _header(number, cells, columns, reading)
    if header is not None:
        for number, cells in records:
            if len(reading.lines) >= ROWS_MAX:
                reading.wrong(number, "", f"expected at most {ROWS_MAX} rows, got more: divide the table.")
                break
            _row(number, cells, header, reading)
    reading.mistakes.sort()
    return reading


def write(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with these columns, as `read` takes it; the mark of UTF-8 goes before it."""
    lines = [_joined(names), *(_joined([escape(cell) for cell in row]) for row in rows)]
    return MARK + "".join(lines)


def escape(cell: str) -> str:
    """The cell so that no spreadsheet runs it."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def unescape(cell: str) -> str:
    """What `escape` was given."""
    return cell[1:] if _ESCAPED.match(cell) else cell


def _joined(cells: Sequence[str]) -> str:
    return ",".join(_quoted(cell) for cell in cells) + "\r\n"


def _quoted(cell: str) -> str:
    if any(one in cell for one in '",;\r\n') or cell != cell.strip() or not cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _text(data: bytes, reading: Reading) -> str | None:
    if len(data) > BYTES_MAX:
        reading.wrong(1, "", f"expected at most {BYTES_MAX} bytes, got {len(data)}.")
        return None
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        what = "expected text in UTF-8, got a NUL byte: is it a spreadsheet's own file? Save the table as 'CSV UTF-8'."
        reading.wrong(line, "", what)
        return None
    try:
        return data.decode("utf-8").removeprefix(MARK)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{data[error.start]:02X}"
        reading.wrong(line, "", f"expected UTF-8, got {found}: save the table as 'CSV UTF-8'.")
        return None


def _separator(first: str, columns: Sequence[Column]) -> str:
    """The one by which more of the known names come out."""
    known = {column.name for column in columns}

    def found(separator: str) -> int:
        return len(known & {cell.strip().strip('"').lower() for cell in first.split(separator)})

    return max(SEPARATORS, key=found)


def _records(lines: Sequence[str], separator: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """Number of the first line and cells of each record that is not empty."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reading.wrong(number, "", f'expected cells with quotes around them or none ("" inside): {error}.')
            continue
        if any(cell.strip() for cell in cells):
            yield number, cells


def _header(
    number: int, cells: Sequence[str], columns: Sequence[Column], reading: Reading
) -> list[Column | None] | None:
    """The columns in the order of the table, None where a name is unknown; None when nothing can be read by it."""
    known = {column.name: column for column in columns}
    header: list[Column | None] = []
    for cell in cells:
        name = cell.strip().lower()
        column = known.get(name)
        if column is None and name:
            reading.wrong(number, name[:40], f"expected one of {_names(columns)}, got a column of this name.")
        elif column is not None and column in header:
            reading.wrong(number, name, "expected each column once, got this one twice.")
            column = None
        header.append(column)
    for column in columns:
        if column.required and column not in header:
            reading.wrong(number, column.name, "expected this column, got a table without it.")
    return header if any(header) else None


def _row(number: int, cells: Sequence[str], header: Sequence[Column | None], reading: Reading) -> None:
    if any(cell.strip() for cell in cells[len(header) :]):
        reading.wrong(number, "", f"expected {len(header)} cells, got {len(cells)}: is a cell with a comma in quotes?")
        return
    values: dict[str, Any] = {}
    for place, column in enumerate(header):
        if column is None:
            continue
        cell = unescape(cells[place].strip()) if place < len(cells) else ""
        if column.required and not cell:
            reading.wrong(number, column.name, "expected something, got nothing.")
            continue
        if len(cell) > CELL_MAX:
            reading.wrong(number, column.name, f"expected at most {CELL_MAX} characters, got {len(cell)}.")
            continue
        try:
            values[column.name] = column.read(cell)
        except InvalidError as error:
            reading.wrong(number, column.name, str(error))
    reading.lines.append(Line(number, values))


def _names(columns: Sequence[Column]) -> str:
    return ", ".join(column.name for column in columns)
