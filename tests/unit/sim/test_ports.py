"""Ports that are handed out: to nobody else soon, whoever asks, and never one that is in use."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from kentongan_sim import ports

ASKS = "from kentongan_sim.ports import free_port; print(*[free_port() for _ in range(50)])"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """A memory of its own for each test, of processes that it starts as well."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_no_two_processes_get_the_same_port_soon():
    asking = [subprocess.Popen([sys.executable, "-c", ASKS], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    given = [port for process in asking for port in process.communicate()[0].split()]
    assert len(given) == len(set(given)) == 150


def test_a_port_in_use_is_passed_over():
    port = ports.free_port()
    with socket.socket() as taken:
        taken.bind((ports.HOST, port))
        ports._last_given().write_text(str(port - 1))
        assert ports.free_port() != port


@pytest.mark.parametrize("said", ["", "x", "0", str(ports.LAST), "9" * 30])
def test_whatever_stands_in_the_file_a_port_is_given(said):
    ports._last_given().write_text(said)
    assert ports.FIRST <= ports.free_port() <= ports.LAST


def test_a_file_that_somebody_else_put_there_is_not_followed(folder):
    elsewhere = folder / "elsewhere"
    elsewhere.write_text("keep")
    ports._last_given().symlink_to(elsewhere)
    assert ports.FIRST <= ports.free_port() <= ports.LAST
    assert elsewhere.read_text() == "keep"
