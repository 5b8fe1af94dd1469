from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from kentongan_host.settings import FilePath, Section, Settings, SettingsError, document, load


class Http(Section):
    """Where it listens."""

    host: str = "127.0.0.1"
    """Address."""
    port: Annotated[int, Field(ge=1, le=65535)]
    """Port of the console."""
    key_file: FilePath = Path("key")
    """Where the key is."""
    web_dir: FilePath | None = None
    """Where pages are."""
    device: Annotated[int, Field(json_schema_extra={"kind": "text"})] = 1
    """Who it is."""


class Example(Settings):
    http: Http
    """Where it listens."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "example.toml"


def refused(file: Path, text: str) -> str:
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(Example, file)
    return str(caught.value)


def test_a_good_file_is_read_and_frozen(file: Path):
    file.write_text("[http]\nport = 80\n")
    settings = load(Example, file)
    assert settings.http.port == 80
    with pytest.raises(ValueError, match="frozen"):
        settings.http.port = 81


def test_relative_paths_are_relative_to_the_file(file: Path):
    file.write_text('[http]\nport = 80\nkey_file = "keys/a"\n')
    assert load(Example, file).http.key_file == file.parent / "keys" / "a"


def test_a_default_path_is_relative_to_the_file_as_well(file: Path):
    file.write_text("[http]\nport = 80\n")
    assert load(Example, file).http.key_file == file.parent / "key"


def test_the_environment_overrides_the_file(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KENTONGAN_HTTP__PORT", "8080")
    file.write_text("[http]\nport = 80\n")
    assert load(Example, file).http.port == 8080


def test_a_typo_names_file_key_and_the_nearest_valid_key(file: Path):
    message = refused(file, "[http]\nprot = 80\nport = 81\n")
    assert str(file) in message
    assert "[http] prot: unknown key; did you mean 'port'?" in message


def test_an_unknown_section_is_refused(file: Path):
    assert "[htttp]: unknown section; did you mean 'http'?" in refused(file, "[htttp]\n[http]\nport = 80\n")


def test_a_key_unlike_any_other_lists_them(file: Path):
    assert "there are: host, port, key_file, web_dir, device" in refused(file, "[http]\nport = 80\nzzzzzz = 1\n")


def test_a_wrong_value_says_expected_and_found(file: Path):
    message = refused(file, '[http]\nport = "eighty"\n')
    assert "[http] port: expected a valid integer" in message
    assert "(Port of the console); found 'eighty'" in message


def test_a_value_out_of_range_says_the_range(file: Path):
    assert "[http] port: expected less than or equal to 65535" in refused(file, "[http]\nport = 70000\n")


def test_a_missing_key_says_what_it_is(file: Path):
    assert "[http] port: missing; expected a value (Port of the console)." in refused(file, "[http]\n")


def test_all_mistakes_are_told_at_once(file: Path):
    message = refused(file, "[http]\nhosst = 1\n")
    assert "hosst" in message
    assert "port: missing" in message


def test_a_mistake_in_a_variable_names_the_variable(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KENTONGAN_HTTP__PORT", "x")
    message = refused(file, "[http]\nport = 80\n")
    assert "environment variable KENTONGAN_HTTP__PORT ([http] port): expected a valid integer" in message
    assert "found 'x'" in message


def test_an_unknown_key_in_a_variable_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KENTONGAN_HTTP__PROT", "1")
    assert "KENTONGAN_HTTP__PROT ([http] prot): unknown key; did you mean 'port'?" in refused(
        file, "[http]\nport = 1\n"
    )


def test_a_misspelt_section_in_a_variable_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KENTONGAN_HTPT__PORT", "1")
    assert "KENTONGAN_HTPT__PORT: no section [htpt]. Meant: KENTONGAN_HTTP__PORT?" in refused(
        file, "[http]\nport = 1\n"
    )


def test_variables_of_other_programs_are_left_alone(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KENTONGAN_BROKER__MOSQUITTO", "/x")
    monkeypatch.setenv("KENTONGAN_FAILPOINT", "x")
    file.write_text("[http]\nport = 80\n")
    assert load(Example, file).http.port == 80


def test_a_missing_file_is_named(file: Path):
    with pytest.raises(SettingsError, match=r"cannot read the settings file .*example.toml: No such file"):
        load(Example, file)


def test_no_toml_is_told_with_its_line(file: Path):
    assert "line 2" in refused(file, "[http]\nport 80\n")


def test_the_table_of_settings_holds_kind_default_and_meaning():
    assert document(Example).splitlines()[2:] == [
        "| `[http] host` | text | `127.0.0.1` | Address. |",
        "| `[http] port` | number | required | Port of the console. |",
        "| `[http] key_file` | path | `key` | Where the key is. |",
        "| `[http] web_dir` | path | none | Where pages are. |",
        "| `[http] device` | text | `1` | Who it is. |",
    ]


def test_a_setting_without_description_is_an_error():
    class Bare(Section):
        port: int = 1

    class File(Settings):
        http: Bare = Bare()

    with pytest.raises(TypeError, match=r"\[http\] port has no description"):
        document(File)
