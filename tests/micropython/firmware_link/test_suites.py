"""Which cipher suites a button offers: pre-shared key only, with forward secrecy wherever the interpreter has it."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.support.interpreter import FIRMWARE_PATH, ROOT, micropython

pytestmark = pytest.mark.micropython

CERTIFICATES = ["TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384", "TLS-RSA-WITH-AES-128-GCM-SHA256"]
PLAIN = ["TLS-PSK-WITH-AES-256-GCM-SHA384", "TLS-PSK-WITH-AES-128-CBC-SHA"]
SECRET = ["TLS-ECDHE-PSK-WITH-AES-128-CBC-SHA256", "TLS-ECDHE-PSK-WITH-CHACHA20-POLY1305-SHA256"]
OPEN = ["TLS-ECDHE-PSK-WITH-NULL-SHA256", "TLS-PSK-WITH-NULL-SHA", "TLS-ECDHE-PSK-WITH-3DES-EDE-CBC-SHA"]


def chosen(*offers):
    done = subprocess.run(
        [micropython(), "tests/support/on_device/suites.py", ":".join(FIRMWARE_PATH)],
        cwd=ROOT,
        env={**os.environ, "OFFERS": json.dumps(offers)},
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_suites_without_forward_secrecy_are_offered_only_where_there_is_no_other():
    esp32, unix = chosen([*CERTIFICATES, *PLAIN, *SECRET], [*CERTIFICATES, *PLAIN])
    assert esp32 == [SECRET[1], SECRET[0]]
    assert unix == PLAIN


def test_suites_that_hide_nothing_are_never_offered():
    (told,) = chosen([*OPEN, *PLAIN])
    assert told == PLAIN


def test_without_any_psk_suite_it_says_what_is_missing():
    (told,) = chosen(CERTIFICATES)
    assert told.startswith("handshake")
    assert "MicroPython 1.29" in told
