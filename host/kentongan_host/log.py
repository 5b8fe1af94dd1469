"""One log for people and machines: JSON lines in production, readable on a terminal, never a secret."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import TextIO, cast

import structlog

Logger = structlog.stdlib.BoundLogger
_Event = MutableMapping[str, object]

# Names whose values never reach a log. `key_id` and `key_file` are no secrets and do not match.
_SECRET_NAME = re.compile(
    r"(^|_)(secret|password|passphrase|psk|hop|token|cookie|authorization|csrf|seal|root|key)(_(hex|bytes|value))?$",
    re.IGNORECASE,
)
REDACTED = "[redacted]"


def configure(*, json: bool | None = None, level: str = "info", stream: TextIO | None = None) -> None:
    """Sets up the log of this process, of our code and of the libraries alike.

    Args:
        json: one JSON object a line; by default unless the stream is a terminal.
        level: `debug`, `info`, `warning` or `error`.
        stream: standard error by default.
    """
    stream = stream or sys.stderr
    as_json = not stream.isatty() if json is None else json
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _redact,
    ]
    renderers: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=stream.isatty())]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def logger(name: str) -> Logger:
    """The log of one module; bind what holds for several lines with `.bind(…)`."""
    return cast("Logger", structlog.get_logger(name))


def _redact(_logger: object, _method: str, event: _Event) -> _Event:
    """Hides secrets by their names, and bytes altogether: whoever wants them logged names a digest."""
    for name, value in event.items():
        if name.startswith("_"):
            continue  # structlog's own
        event[name] = _redacted(name, value)
    return event


def _redacted(name: str, value: object) -> object:
    if _SECRET_NAME.search(name):
        return REDACTED
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    if isinstance(value, dict):
        return {inner: _redacted(str(inner), content) for inner, content in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(name, content) for content in value]
    return value
