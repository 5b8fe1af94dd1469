from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from kentongan_host import log


def written(**values: object) -> dict[str, object]:
    stream = io.StringIO()
    log.configure(json=True, stream=stream)
    structlog.get_logger("kentongan.test").info("something", **values)
    line: dict[str, object] = json.loads(stream.getvalue())
    return line


def test_a_line_is_one_json_object_with_level_time_and_name():
    line = written(alarm_id="a")
    assert line["event"] == "something"
    assert (line["level"], line["logger"], line["alarm_id"]) == ("info", "kentongan.test", "a")
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize(
    "name", ["psk", "hop", "secret", "root_secret", "password", "key", "up_link_key", "token", "cookie", "hop_hex"]
)
def test_a_secret_is_hidden_by_its_name(name: str):
    assert written(**{name: "abc"})[name] == "[redacted]"


def test_a_secret_inside_a_value_is_hidden():
    assert written(kit={"psk": "abc", "site": "x"})["kit"] == {"psk": "[redacted]", "site": "x"}


@pytest.mark.parametrize("name", ["key_id", "key_file", "hops", "secretary"])
def test_what_only_sounds_like_a_secret_is_shown(name: str):
    assert written(**{name: "abc"})[name] == "abc"


def test_bytes_are_never_shown():
    assert written(frame=b"12345")["frame"] == "[5 bytes]"


def test_libraries_write_the_same_lines():
    stream = io.StringIO()
    log.configure(json=True, stream=stream)
    logging.getLogger("some.library").warning("hello %s", "you")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"], line["logger"]) == ("hello you", "warning", "some.library")


def test_less_important_lines_are_left_out():
    stream = io.StringIO()
    log.configure(json=True, stream=stream, level="warning")
    structlog.get_logger().info("no")
    assert stream.getvalue() == ""


def test_an_exception_is_part_of_its_line():
    stream = io.StringIO()
    log.configure(json=True, stream=stream)
    try:
        int("oops")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "ValueError: invalid literal" in json.loads(stream.getvalue())["exception"]
