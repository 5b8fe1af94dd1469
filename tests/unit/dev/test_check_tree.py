"""The check of the tracked files finds what it is there to find, and this repository is clean."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dev import check_tree

INDEX = check_tree.REGISTRIES[0]


def findings(tmp_path: Path, name: str, text: str) -> list[str]:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return list(check_tree.check_file(path, Path(name)))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.md", f"see {INDEX}\n", "expected no registry's host"),
        ("a.py", "path = '/" + "home/ani/kentongan'\n", "expected no path of one machine"),
        ("locks/dev.txt", "x==1 --find-links y\n", "expected a lock without addresses"),
        ("web/package-lock.json", '"resolved": "somewhere"\n', "expected a lock without addresses"),
        ("long.py", "pass\n" * 401, "expected at most 400 lines, found 401"),
        ("run.sh", "#!/usr/bin/env bash\nset -e\n", "expected a line 'set -euo pipefail'"),
    ],
)
def test_finds(tmp_path, name, text, message):
    (finding,) = findings(tmp_path, name, text)
    assert finding.startswith(name)
    assert message in finding


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.sh", '#!/usr/bin/env bash\nset -euo pipefail\ncp x "$chroot/root/.npmrc"\n'),
        ("package-lock.json", '"funding": {\n"url": "https://example.org/give"\n'),
        ("long.md", "line\n" * 900),
    ],
)
def test_lets_pass(tmp_path, name, text):
    assert findings(tmp_path, name, text) == []


def test_a_binary_file_is_left_alone(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"\xff\xfe" + INDEX.encode())
    assert list(check_tree.check_file(tmp_path / "a.bin", Path("a.bin"))) == []


def test_a_dependency_that_is_not_locked_is_named():
    pyproject = """
        [project]
        name = "kentongan"
        [project.optional-dependencies]
        sim = ["kentongan[server]", "Paho.MQTT>=2", "structlog[dev]>=25; python_version > '3'"]
    """
    (finding,) = check_tree.check_lock(pyproject, "paho-mqtt==2.1.0 \\\n    --hash=sha256:00\n")
    assert "structlog of the extra sim is not locked" in finding


def test_deleted_files_and_ignored_ones_are_not_looked_at(tmp_path):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("*.log\n")
    (tmp_path / "new.md").write_text("new\n")
    (tmp_path / "run.log").write_text("log\n")
    assert {path.name for path in check_tree.tracked_files(tmp_path)} == {".gitignore", "new.md"}
