"""Where the store is: told apart, never shown with a password, never taken with one from a command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kentongan_host.errors import HostError
from kentongan_server.adapters.database import Database
from kentongan_server.cli import audit
from kentongan_server.cli_enrol import enrol
from kentongan_server.settings import load_settings


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://sari:s3cret@db.example:5433/city", "postgresql://sari@db.example:5433/city"),
        ("postgres://:s3cret@/city?host=/run/postgresql", "postgres://@/city?host=/run/postgresql"),
        ("postgresql://sari@db/city?password=s3cret", "postgresql://sari@db/city"),
        ("postgresql://db/city?sslmode=require&p%61ssword=s3cret", "postgresql://db/city?sslmode=require"),
        ("postgresql:///city?service=centre", "postgresql:///city?service=centre"),
    ],
)
def test_a_password_is_never_shown(url: str, shown: str) -> None:
    database = Database.of(url)
    assert (str(database), repr(database)) == (shown, f"Database({shown})")
    assert database.has_password is ("s3cret" in url)
    assert database.is_postgres


def test_a_path_is_a_path() -> None:
    database = Database.of("city/kentongan.db")
    assert (database.file, database.is_postgres, database.has_password) == (Path("city/kentongan.db"), False, False)


@pytest.mark.parametrize(("command", "words"), [(audit, ["verify"]), (enrol, ["init"])])
def test_a_password_on_a_command_line_is_refused_and_not_repeated(
    command, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command([*words, "--state", str(tmp_path), "--database", "postgresql://sari:s3cret@db/city"])
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert "PGPASSFILE" in told
    assert "s3cret" not in told


def test_settings_take_a_path_beside_them_or_a_url(tmp_path: Path) -> None:
    (tmp_path / "centre.toml").write_text("")
    assert load_settings(tmp_path).store.database == Database(path=tmp_path / "kentongan.db")
    (tmp_path / "centre.toml").write_text('[store]\ndatabase = "postgresql://sari@db/city"\n')
    assert load_settings(tmp_path).store.database == Database(url="postgresql://sari@db/city")
    other = Database.of(tmp_path / "other.db")
    assert load_settings(tmp_path, other).store.database == other


def test_settings_with_another_kind_of_url_are_told(tmp_path: Path) -> None:
    (tmp_path / "centre.toml").write_text('[store]\ndatabase = "mysql://db/city"\n')
    with pytest.raises(HostError, match="expected a path, or postgresql"):
        load_settings(tmp_path)
