"""Every operation of the OpenAPI document, called as an admin with what it allows: no 5xx, and answers as it says.

The seed is fixed and printed; KENTONGAN_FUZZ_SEED and KENTONGAN_FUZZ_EXAMPLES choose others, as `make fuzz-api` does.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance

from kentongan_server.api.access import COOKIE, CSRF_HEADER
from kentongan_server.api.permissions import PERMISSIONS
from kentongan_server.service import CentreService
from tests.support.centre_http import http_of
from tests.support.centre_rig import PATIENCE_S, CentreRig
from tests.support.people import add_agency, add_incident, enrol, token_of

SEED = int(os.environ.get("KENTONGAN_FUZZ_SEED", "1"))
EXAMPLES = int(os.environ.get("KENTONGAN_FUZZ_EXAMPLES", "4"))
# They end the session they are called with, or wait for another server.
APART = {"/api/logout", "/api/oidc/begin", "/api/oidc/callback"}
LANGUAGES = {"id", "en"}


class Admin:
    """An admin's browser, logged in anew for each operation: some end sessions."""

    def __init__(self, rig: CentreRig, address: str, user: int) -> None:
        self._rig, self._address, self._user = rig, address, user

    def session(self) -> requests.Session:
        made = requests.Session()
        made.trust_env = False
        made.headers["Connection"] = "close"
        made.cookies.set(COOKIE, token_of(self._rig, self._user))
        told = made.get(f"{self._address}/api/me", timeout=PATIENCE_S)
        made.headers[CSRF_HEADER] = told.json()["csrf"]
        return made


def operations(document: dict[str, Any]) -> Iterator[Any]:
    """All that may be called here, in the order of the document."""
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok), found  # else the document describes what cannot be called
        operation = found.ok()
        if operation.path not in APART:
            yield operation


def call(operation: Any, admin: Admin, address: str, known: dict[str, list[Any]]) -> int:
    """Some examples of one operation; how many were no 4xx."""
    browser, understood = admin.session(), []

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(), st.randoms(use_true_random=False))
    def run(case: Any, draw: random.Random) -> None:
        for name in case.path_parameters or {}:
            if name in known and draw.random() < 0.7:
                case.path_parameters[name] = draw.choice(known[name])
        response = case.call(base_url=address, session=browser, timeout=PATIENCE_S)
        case.validate_response(response, checks=[not_a_server_error, response_schema_conformance])
        understood.append(response.status_code < 400)

    run()
    return sum(understood)


@pytest.mark.slow
@pytest.mark.both_engines
async def test_every_operation_answers_as_the_document_says(centre: CentreService, rig: CentreRig) -> None:
    print(f"seed {SEED}, {EXAMPLES} examples of each operation")
    add_agency(rig, "polres")
    incidents = [add_incident(rig, "bank", state="acknowledged", device=rig.sites["bank"].buttons[0].device)]
    incidents.append(add_incident(rig, None, state="closed", source="call", outcome="real", cause="theft"))
    other = enrol(rig, "sari", "operator")
    known: dict[str, list[Any]] = {
        "incident": incidents,
        "code": ["bank"],
        "agency": ["polres"],
        "user": [other],
        "device": [rig.sites["bank"].buttons[0].name],
    }
    async with http_of(centre) as address:
        admin = Admin(rig, address, enrol(rig, "budi", "admin"))
        document = await asyncio.to_thread(lambda: admin.session().get(f"{address}/api/openapi.json").json())
        understood = {
            f"{one.method.upper()} {one.path}": await asyncio.to_thread(call, one, admin, address, known)
            for one in operations(document)
        }
    assert all(tuple(name.split(" ", 1)) in PERMISSIONS for name in understood)
    # A test in which everything is refused would prove little: what only reads must have been read.
    unread = [name for name, count in understood.items() if name.startswith("GET ") and not count and "{" not in name]
    assert set(unread) <= {"GET /api/reports/summary", "GET /api/reports/summary.csv", "GET /api/reports/summary.pdf"}
