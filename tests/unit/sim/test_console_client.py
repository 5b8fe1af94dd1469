"""The console's client of a run: a centre that is away is told apart from one that says no."""

from __future__ import annotations

import httpx
import pytest

from kentongan_sim.console_client import ConsoleClient, ConsoleError, UnreachableError

ASKED = {
    "look": lambda console: console.incident(9),
    "acknowledge": lambda console: console.acknowledge(9, 10),
    "close": lambda console: console.close(9, 10, "real", "robbery"),
}


def a_console(answer: httpx.Response | httpx.TransportError) -> ConsoleClient:
    def handle(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer

    console = ConsoleClient("http://centre", "operator", "secret")
    console._http = httpx.AsyncClient(base_url="http://centre", transport=httpx.MockTransport(handle))
    return console


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("answer", [httpx.ReadError(""), httpx.ConnectError("refused"), httpx.Response(503)])
async def test_a_centre_that_is_away_can_be_asked_again(asked, answer):
    with pytest.raises(UnreachableError):
        await ASKED[asked](a_console(answer))


@pytest.mark.parametrize("asked", ASKED)
async def test_a_refusal_is_told_with_its_status(asked):
    with pytest.raises(ConsoleError, match="closed") as refusal:
        await ASKED[asked](a_console(httpx.Response(409, text="closed")))
    assert refusal.value.status == 409


@pytest.mark.parametrize("asked", ASKED)
async def test_an_answer_is_the_incident(asked):
    assert await ASKED[asked](a_console(httpx.Response(200, json={"id": 9}))) == {"id": 9}
