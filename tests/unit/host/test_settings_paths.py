"""A path in the settings is relative to their file, also when the file says nothing about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kentongan_host.settings import FilePath, Section, Settings, load


class Store(Section):
    database: FilePath = Path("city.db")
    """where alarms are"""


class CitySettings(Settings):
    store: Store = Store()
    """the store"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", "city.db"), ("[store]\n", "city.db"), ('[store]\ndatabase = "other.db"\n', "other.db")],
)
def test_paths_are_relative_to_the_file(text, expected, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    (tmp_path / "city.toml").write_text(text)
    assert load(CitySettings, tmp_path / "city.toml").store.database == tmp_path / expected
