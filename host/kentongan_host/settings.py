"""Settings from one TOML file and `KENTONGAN_<SECTION>__<KEY>` variables, typed and frozen.

Mistakes are told by file, key, what was expected and what was found.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from kentongan_host.errors import HostError

PREFIX = "KENTONGAN_"
DELIMITER = "__"

_directory: ContextVar[Path] = ContextVar("directory of the settings file")


class SettingsError(HostError):
    """The settings are not what the program understands; `what` has one line a mistake."""


def resolved(path: Path) -> Path:
    """The path as the settings file means it; only while one is loaded."""
    return _directory.get(Path()) / path.expanduser()


FilePath = Annotated[Path, AfterValidator(resolved)]
"""A path; relative ones are relative to the folder of the settings file."""


class Section(BaseModel):
    """One `[section]` of a settings file. Every field has a `description`, which is its documentation."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_default=True,  # a path left at its default is relative to the file as well
        revalidate_instances="always",  # … also in a section that the file leaves out
    )


class Settings(BaseSettings):
    """A whole settings file: one field a section."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_default=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic names the arguments
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment overrides the file, which `load` hands in."""
        return env_settings, init_settings


Loaded = TypeVar("Loaded", bound=Settings)


def load(kind: type[Loaded], path: Path) -> Loaded:
    """Reads a settings file.

    Raises:
        SettingsError: no such file, no TOML, or a key that is unknown, missing or of the wrong kind.
    """
    content = _read(path)
    _refuse_misspelt_variables(kind)
    token = _directory.set(path.absolute().parent)
    try:
        return kind(**content)
    except ValidationError as error:
        lines = [_explain(kind, path, content, mistake) for mistake in error.errors(include_url=False)]
        raise SettingsError("\n".join(lines), "docs/settings.md lists every setting.") from None
    finally:
        _directory.reset(token)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"cannot read the settings file {path}: {error.strerror}.", "Name it with --config."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is no TOML file: {error}.", "Lines look like: port = 8883") from error


def _refuse_misspelt_variables(kind: type[Settings]) -> None:
    """A variable of another program's section is none of our business; one that almost names ours is."""
    sections = list(kind.model_fields)
    for variable in sorted(os.environ):
        name = variable.removeprefix(PREFIX).lower()
        section, delimiter, key = name.partition(DELIMITER)
        if not variable.startswith(PREFIX) or not delimiter or section in sections:
            continue
        nearest = difflib.get_close_matches(section, sections, n=1, cutoff=0.75)
        if nearest:
            meant = f"{PREFIX}{nearest[0]}{DELIMITER}{key}".upper()
            raise SettingsError(f"environment variable {variable}: no section [{section}].", f"Meant: {meant}?")


def _explain(kind: type[Settings], path: Path, content: dict[str, Any], mistake: ErrorDetails) -> str:
    section, index, key = _place(mistake["loc"])
    name = f"{_heading(kind, section)} {key}".rstrip()
    where = f"{path}: {name}" if index is None else f"{path}: {name} (the {index + 1}. of them)"
    given = content.get(section, {})
    if index is not None and isinstance(given, list) and index < len(given):
        given = given[index]
    in_file = given if isinstance(given, dict) else {}
    variable = f"{PREFIX}{section}{DELIMITER}{key}".upper()
    if key and variable in {name.upper() for name in os.environ}:
        where, in_file = f"environment variable {variable} ({name})", {}
    if mistake["type"] == "extra_forbidden":
        return _explain_unknown(kind, where, section, key)
    field = _field(kind, section, key)
    expected = f"expected {_expectation(mistake)}"
    if field is not None and field.description:
        expected += f" ({field.description.rstrip('.')})"
    if mistake["type"] == "missing":
        return f"{where}: missing; {expected}."
    found = in_file.get(key, os.environ.get(variable, content.get(section)))
    return f"{where}: {expected}; found {found!r}."


def _place(location: tuple[int | str, ...]) -> tuple[str, int | None, str]:
    """Section, which one of a list of sections, and key of a mistake."""
    section, *rest = location
    index = rest.pop(0) if rest and isinstance(rest[0], int) else None
    return str(section), index if isinstance(index, int) else None, str(rest[0]) if rest else ""


def _heading(kind: type[Settings], section: str) -> str:
    """`[section]`, or `[[section]]` for one that may be there many times."""
    field = kind.model_fields.get(section)
    many = field is not None and get_origin(field.annotation) in (list, tuple)
    return f"[[{section}]]" if many else f"[{section}]"


def _explain_unknown(kind: type[Settings], where: str, section: str, key: str) -> str:
    valid = list(kind.model_fields) if not key else list(_section(kind, section).model_fields)
    unknown = key or section
    nearest = difflib.get_close_matches(unknown, valid, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are: {', '.join(valid)}."
    return f"{where}: unknown {'key' if key else 'section'}; {hint}"


def _expectation(mistake: ErrorDetails) -> str:
    """What pydantic expected, in words that follow 'expected'."""
    if mistake["type"] == "missing":
        return "a value"
    if mistake["type"] == "tuple_type":
        return "a list"
    for start in ("Input should be ", "Value error, expected "):
        if mistake["msg"].startswith(start):
            return mistake["msg"].removeprefix(start)
    return mistake["msg"].removeprefix("Value error, ")


def _section(kind: type[Settings], section: str) -> type[BaseModel]:
    annotation = kind.model_fields[section].annotation
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    raise TypeError(f"{kind.__name__}.{section} is no Section")


def _field(kind: type[Settings], section: str, key: str) -> FieldInfo | None:
    if section not in kind.model_fields:
        return None
    return _section(kind, section).model_fields.get(key) if key else kind.model_fields[section]


def document(kind: type[Settings]) -> str:
    """The settings as a Markdown table, for docs/settings.md.

    Raises:
        TypeError: a setting has no description.
    """
    lines = ["| key | kind | default | what it is |", "|---|---|---|---|"]
    for section, key, field in _all_fields(kind):
        if not field.description:
            raise TypeError(f"{kind.__name__}: [{section}] {key} has no description")
        lines.append(
            f"| `{_heading(kind, section)} {key}` | {_kind(field)} | {_default(field)} | {field.description} |"
        )
    return "\n".join(lines) + "\n"


def _all_fields(kind: type[Settings]) -> Iterator[tuple[str, str, FieldInfo]]:
    for section in kind.model_fields:
        for key, field in _section(kind, section).model_fields.items():
            yield section, key, field


def _kind(field: FieldInfo) -> str:
    if isinstance(field.json_schema_extra, dict) and "kind" in field.json_schema_extra:
        return str(field.json_schema_extra["kind"])
    annotation = field.annotation
    options = [option for option in get_args(annotation) if option is not type(None)]
    if options and all(isinstance(option, str) for option in options):
        return " or ".join(f"`{option}`" for option in options)
    if get_origin(annotation) in (list, tuple):
        return "list of texts"
    names = {Path: "path", str: "text", int: "number", bool: "true or false", float: "number"}
    shown = options[0] if options else annotation
    if get_origin(shown) is Annotated:
        shown = get_args(shown)[0]
    return names.get(shown, getattr(shown, "__name__", str(shown))) if isinstance(shown, type) else str(shown)


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if field.default is None or field.default == ():
        return "none"
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"
