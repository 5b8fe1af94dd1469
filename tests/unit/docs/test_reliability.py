"""docs/reliability.md names tests and commands that are there, and leaves out no promise."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
PROMISED = ["1", "2", "3", "4", "5", "6", "8"]  # the invariants of docs/architecture.md that the page is about


def sections() -> dict[str, str]:
    """The text under each numbered heading."""
    parts = re.split(r"^## (?:(\d)\. )?(.*)$", DOCUMENT, flags=re.MULTILINE)
    return {number: text for number, _, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True) if number}


def rows(text: str) -> list[list[str]]:
    """The cells of each row of the tables in it, without the heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[0] not in {"promise", "what"} and set(row[0]) != {"-"}]


def proofs(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def is_there(proof: str) -> bool:
    """A file or folder of this repository, a target of its Makefile or a sub-command of its command."""
    match proof.split():
        case ["make", target, *_]:
            return re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE) is not None
        case ["kentongan", command, *_]:
            project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
            return command in project["entry-points"]["kentongan.commands"]
        case [path]:
            return (ROOT / path).exists()
    return False


def test_every_promise_has_a_section_and_every_line_of_it_a_proof():
    assert list(sections()) == PROMISED
    for number, text in sections().items():
        lines = rows(text)
        assert lines, f"{number} promises nothing"
        for promise, proof in lines:
            assert proofs(proof), f"{number}: {promise}: nothing proves it"


def test_every_named_file_target_and_command_is_there():
    named = set(re.findall(r"`((?:make|kentongan) [^`]+|[\w./-]+(?:\.\w+|/))`", DOCUMENT))
    assert len(named) > 50
    assert sorted(name for name in named if not is_there(name)) == []


def test_proofs_are_tests_or_commands():
    for text in sections().values():
        for _, proof in rows(text):
            for name in proofs(proof):
                assert name.startswith(("tests/", "make ", "kentongan ")), name


def test_links_lead_to_pages():
    for target in re.findall(r"\]\(([^)#]+)\)", DOCUMENT):
        assert (ROOT / "docs" / target).exists(), target


def test_figures_are_only_in_the_results():
    """A number with its measured value on this page would be old tomorrow."""
    numbers = DOCUMENT.partition("## The numbers")[2].partition("\n## ")[0]
    assert rows(numbers)
    figures = {row[3] for row in rows(numbers)}
    assert {figure for figure in figures if not figure.startswith("`bench/results/")} <= {"\N{EN DASH}"}
