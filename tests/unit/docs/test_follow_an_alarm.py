"""docs/follow-an-alarm.md names files and tests that are there, and leaves out no room on the road."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = (ROOT / "docs" / "follow-an-alarm.md").read_text()


def named() -> list[tuple[str, Path]]:
    """Every path in backticks, as (heading's folder, path)."""
    found: list[tuple[str, Path]] = []
    folder = ""
    for line in DOCUMENT.splitlines():
        heading = re.match(r"## .*\(`([^`]+)`\)", line)
        if heading:
            folder = heading[1]
        elif line.startswith("## "):
            folder = ""
        found += [(folder, Path(name)) for name in re.findall(r"`([\w./-]+(?:\.py|/))`", line)]
    return found


def places(folder: str, path: Path) -> list[Path]:
    """Where a name may point: from the root, from its heading's folder or, on the way back, from a room."""
    rooms = [folder] if folder else ["gateway/kentongan_gateway", "firmware/kentongan_button"]
    return [ROOT / path, *(ROOT / room / path for room in rooms), ROOT / Path(folder).parent / path]


def test_every_named_file_is_there() -> None:
    paths = named()
    assert len(paths) > 50
    missing = [str(path) for folder, path in paths if not any(place.exists() for place in places(folder, path))]
    assert missing == []


def test_every_step_names_a_file_and_a_test() -> None:
    steps = re.split(r"^\d+\. ", DOCUMENT, flags=re.MULTILINE)[1:]
    assert len(steps) == 25
    for step in steps:
        assert "test_" in step, step
