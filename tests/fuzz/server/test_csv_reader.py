"""Whatever a file holds, reading it ends in rows or a list of mistakes, never in another error."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from kentongan_server.application.importing import KINDS, columns_of, read_table
from kentongan_server.domain.csv_table import escape, unescape, write

ODD = ['"', '""', ",", ";", "\r", "\n", "'=1", "-7,75", "NaN", "1e9", "0812", "Sen 08:00-09:00", "\ufeff"]
cells = st.one_of(st.text(max_size=30), st.sampled_from(ODD))


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, bytes]:
    """A table with a right header more often than not, and anything below it."""
    kind = draw(st.sampled_from(KINDS))
    names = [column.name for column in columns_of(kind)]
    header = draw(st.one_of(st.just(names), st.permutations(names), st.lists(cells, max_size=8)))
    separator, end = draw(st.sampled_from(",;")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    rows = draw(st.lists(st.lists(cells, max_size=len(names) + 1), max_size=6))
    text = end.join(separator.join(row) for row in [header, *rows])
    return kind, draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + text.encode("utf-8", "surrogatepass")


def check(kind: str, data: bytes) -> None:
    reading = read_table(kind, data)
    known = {column.name for column in columns_of(kind)}
    for line in reading.lines:
        assert line.number >= 2
        assert set(line.values) <= known
    for mistake in reading.mistakes:
        assert mistake.line >= 1
        assert mistake.what
        assert "expected" in str(mistake)


@given(tables())
def test_any_table_is_rows_or_mistakes(table):
    check(*table)


@given(st.sampled_from(KINDS), st.binary(max_size=400))
@example("sites", b'code,name\r\nbank,"' + b"x" * 140_000 + b'"')
def test_any_bytes_are_rows_or_mistakes(kind, data):
    check(kind, data)


lines = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")) | st.sampled_from("'=+-@\",;"), max_size=40
).map(str.strip)


@given(lines)
def test_what_is_written_is_never_run_and_comes_back(cell):
    assert escape(cell)[:1] not in ("=", "+", "@")
    assert unescape(escape(cell)) == cell


@given(st.lists(st.tuples(st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True), lines), max_size=5))
def test_a_table_comes_back_as_it_was(rows):
    """Texts that are no name are told by line; all others are what they were."""
    reading = read_table("sites", write(["code", "name"], rows).encode())
    told = {mistake.line for mistake in reading.mistakes}
    found = {line.number: line.values for line in reading.lines}
    for number, (code, name) in enumerate(rows, 2):
        if number not in told:
            assert (found[number]["code"], found[number]["name"]) == (code, name)
        else:
            assert not name or not all(one.isprintable() for one in name)
