"""The command line of the demo: what it refuses, and what it tells."""

from __future__ import annotations

import socket

import pytest

from kentongan_sim.cli import demo, summary
from kentongan_sim.errors import SimError
from kentongan_sim.ports import check_port, free_port


@pytest.mark.parametrize("arguments", [["--presses", "3"], ["--json", "x.json"], ["--forged", "0"]])
def test_options_of_a_headless_run_need_headless(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        demo(arguments)
    assert ended.value.code == 2
    assert "need --headless" in capsys.readouterr().err


def test_a_negative_number_of_presses_is_refused(capsys):
    with pytest.raises(SystemExit):
        demo(["--headless", "--presses", "-1"])
    assert "expected 0 or more, got -1" in capsys.readouterr().err


def test_a_folder_with_something_in_it_is_left_alone(tmp_path, capsys):
    (tmp_path / "letter.txt").write_text("precious")
    assert demo(["--state", str(tmp_path)]) == 1
    assert "expected a new or empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("option", ["--http-port", "--bench-port"])
def test_a_port_in_use_is_named_with_the_remedy(option, tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert demo([option, str(port), "--state", str(tmp_path / "new")]) == 1
    said = capsys.readouterr().err
    assert f"port {port} cannot be had (address already in use)" in said
    assert f"choose another with {option}" in said


def test_a_machine_without_the_interpreter_is_told(monkeypatch, capsys):
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert demo([]) == 1
    assert "it needs x86-64 Linux, found aarch64 linux" in capsys.readouterr().err


def test_an_impossible_port_is_refused():
    with pytest.raises(SimError, match="port 70000 cannot be had"):
        check_port(70_000, "--http-port")


def test_any_port_will_do_when_none_is_asked_for():
    assert check_port(0, "--http-port") > 0
    assert free_port() > 0


def test_the_summary_says_whether_all_was_right():
    result = {
        "seed": 7,
        "ok": False,
        "presses": 2,
        "alarms": 1,
        "incidents": 1,
        "lost": 1,
        "duplicates": 0,
        "forged_injected": 3,
        "rejected_frames": 3,
        "replayed_injected": 1,
        "lamp_transitions": 4,
        "blinks_checked": 9,
        "lamp_lies": 0,
        "press_to_stored": {"n": 1, "p50": 5.0, "p99": 5.0, "max": 5.0},
        "press_to_console": {"n": 0, "p50": None, "p99": None, "max": None},
    }
    lines = "\n".join(summary(result))
    assert "2 presses, 1 alarms, 1 incidents; lost 1, doubled 0" in lines
    assert "press_to_stored" in lines
    assert "seed 7: SOMETHING IS WRONG" in lines
