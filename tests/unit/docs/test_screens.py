"""docs/screens.md shows every picture that there is, and none that there is not; pictures stay small."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs"
PICTURES = DOCS / "img"
LIMIT, TOGETHER = 150_000, 3_000_000  # bytes: as tools/dev/screenshots.py has them


def shown(document: str) -> list[str]:
    """The pictures of a document, as they are named in it."""
    return re.findall(r"!\[[^\]]+\]\(img/([\w.-]+)\)", (DOCS / document).read_text())


def test_every_picture_is_shown_once_and_every_one_that_is_shown_is_there() -> None:
    there = sorted(picture.name for picture in PICTURES.iterdir())
    assert sorted(shown("screens.md")) == there


def test_pictures_load_over_a_slow_line() -> None:
    sizes = {picture.name: picture.stat().st_size for picture in PICTURES.iterdir()}
    assert {name for name, size in sizes.items() if size > LIMIT} == set()
    assert sum(sizes.values()) <= TOGETHER


def test_each_screen_is_named_in_both_languages() -> None:
    headings = re.findall(r"^## (.+)$", (DOCS / "screens.md").read_text(), re.MULTILINE)
    assert headings
    assert all(re.fullmatch(r"[^·]+ · [^·]+", heading) for heading in headings)
