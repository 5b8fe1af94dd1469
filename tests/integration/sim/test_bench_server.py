"""The bench page over real HTTP: its files, its live stream, what it may do and what it refuses."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from kentongan_sim.bench_server import FILES, PAGE, BenchPage, BenchSite
from kentongan_sim.errors import SimError
from kentongan_sim.evidence import Identity
from kentongan_sim.link_proxy import LinkCondition, LinkProxy, LinkState
from kentongan_sim.panel import Contact
from kentongan_sim.plan import DUTY_NUMBERS, SITES
from kentongan_sim.ports import free_port
from kentongan_sim.processes import ProcessManager
from kentongan_sim.sse import EventReader
from kentongan_sim.telephones import OPERATORS, Telephones
from kentongan_sim.virtual_button import BoardFiles, Trace, VirtualButton

DEVICE = 0x0000A1B2
SOON_S = 60.0  # bounds a hang on a loaded machine; all of it takes milliseconds
CONSOLE = "http://127.0.0.1:8112/"


class Bench:
    """A page with one guard post that has no power."""

    def __init__(self, folder: Path) -> None:
        self.link = LinkProxy("127.0.0.1", 1)
        self.uplink = LinkProxy("127.0.0.1", 1)
        self.button = VirtualButton(
            name="Pos Satpam",
            device=DEVICE,
            variant="guard-post",
            files=BoardFiles(folder / "flash.img", folder / "nvs"),
            link=self.link,
            manager=ProcessManager(folder, print),
            seed=1,
            on_trace=self.note,
            on_fault=print,
        )
        self.telephones = Telephones(folder, SITES, seed=1)
        self.paths: dict[Identity, int] = {}
        sites = [BenchSite("bank", "Bank Contoh", [self.button], self.uplink)]
        self.page = BenchPage(sites, CONSOLE, self.telephones, self.paths.get)
        self.port = free_port()
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", trust_env=False, timeout=SOON_S)

    def note(self, button, trace) -> None:
        self.page.note(button, trace)

    async def act(self, **body) -> httpx.Response:
        return await self.http.post(f"/buttons/{DEVICE:08x}", json=body)


@pytest.fixture
async def bench(tmp_path):
    bench = Bench(tmp_path)
    await bench.link.start()
    await bench.uplink.start()
    ready = asyncio.Event()
    serving = asyncio.create_task(bench.page.serve(bench.port, ready))
    await asyncio.wait_for(ready.wait(), SOON_S)
    yield bench
    await bench.http.aclose()
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    await bench.link.stop()
    await bench.uplink.stop()


@contextlib.asynccontextmanager
async def events(bench):
    """A function that gives the next event of the live stream."""
    async with bench.http.stream("GET", "/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        reader = EventReader()
        lines = answer.aiter_lines()

        async def following():
            async with asyncio.timeout(SOON_S):
                async for line in lines:
                    if event := reader.feed(line):
                        return event.event, json.loads(event.data)
            raise AssertionError("the stream ended")

        yield following


@pytest.mark.parametrize("path", FILES)
async def test_serves_its_files_under_a_strict_policy(bench, path):
    answer = await bench.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(FILES[path][1])
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_needs_nothing_inline_and_nothing_from_elsewhere():
    html = (PAGE / "index.html").read_text()
    assert not re.search(r"\son\w+=|<style|style=|https?://", html)
    assert re.findall(r"<script[^>]*>", html) == [
        '<script src="/words.js" defer>',
        '<script src="/bench.js" defer>',
    ]


def test_says_everything_in_both_languages():
    words = (PAGE / "words.js").read_text()
    indonesian, english = re.split(r"^  en: \{$", words, flags=re.MULTILINE)
    names = re.compile(r'^    "?([\w-]+)"?:', re.MULTILINE)
    assert names.findall(indonesian) == names.findall(english)
    used = set(re.findall(r'data-word="(\w+)"', (PAGE / "index.html").read_text()))
    used |= set(re.findall(r'word\("(\w+)"', (PAGE / "bench.js").read_text()))
    assert used <= set(names.findall(english))


async def test_a_page_gets_the_city_then_each_change(bench):
    async with events(bench) as following:
        name, city = await following()
        assert name == "city"
        assert city["console_url"] == CONSOLE
        (site,) = city["sites"]
        assert site["name"] == "Bank Contoh"
        (button,) = site["buttons"]
        assert (button["device"], button["contacts"], button["powered"]) == ("0000a1b2", ["rest", "rest"], False)
        assert (await bench.act(action="lid", opened=True)).status_code == 200
        name, changed = await following()
        assert name == "button"
        assert changed == {**button, "lid_open": True}


async def test_a_hand_moves_one_contact(bench):
    await bench.act(action="contact", index=1, closed=True)
    assert bench.button.panel.contacts == [Contact.REST, Contact.PRESSED]
    await bench.act(action="contact", index=1, closed=False)
    assert bench.button.panel.contacts == [Contact.REST, Contact.REST]


async def test_a_push_closes_both_contacts_and_lets_go(bench):
    async with events(bench) as following:
        await following()
        pushing = asyncio.create_task(bench.act(action="push"))
        seen: list[list[str]] = []
        while ["rest", "rest"] not in seen or ["pressed", "pressed"] not in seen:
            seen.append((await following())[1]["contacts"])
        assert (await pushing).status_code == 200
    assert bench.button.panel.contacts == [Contact.REST, Contact.REST]


async def test_the_key_is_turned_and_let_go(bench):
    async with events(bench) as following:
        await following()
        turning = asyncio.create_task(bench.act(action="key"))
        assert (await following())[1]["key_turned"] is True
        assert (await following())[1]["key_turned"] is False
        await turning


async def test_wifi_and_cable_change_the_link(bench):
    await bench.act(action="wifi", up=False)
    assert bench.link.condition.state is LinkState.SILENT
    refused = await bench.act(action="cable", condition="slow")
    assert refused.status_code == 400
    assert "give it back first" in refused.json()["error"]["message"]
    await bench.act(action="wifi", up=True)
    assert bench.link.condition == LinkCondition()
    await bench.act(action="cable", condition="torn")
    assert bench.link.condition.torn


async def test_the_gateways_internet_can_be_cut_and_every_page_sees_it(bench):
    async with events(bench) as following:
        _, city = await following()
        assert city["sites"][0]["internet_up"] is True
        for up in (False, True):
            assert (await bench.http.post("/sites/bank", json={"action": "internet", "up": up})).status_code == 200
            assert await following() == ("site", {"code": "bank", "name": "Bank Contoh", "internet_up": up})
            assert (bench.uplink.condition == LinkCondition()) is up
    assert (await bench.http.post("/sites/bank", json={"action": "explode"})).status_code == 400
    assert (await bench.http.post("/sites/elsewhere", json={"action": "internet", "up": True})).status_code == 404


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"action": "explode"}, "there is no action 'explode'"),
        ({}, "there is no action None"),
        ({"action": "contact", "index": 2, "closed": True}, "index: expected 0…1, got 2"),
        ({"action": "contact", "index": "0", "closed": True}, "index: expected 0…1, got '0'"),
        ({"action": "lid", "opened": "yes"}, "opened: expected true or false, got 'yes'"),
        ({"action": "cable", "condition": "on fire"}, "condition: expected one of normal"),
    ],
)
async def test_refuses_what_it_does_not_know_and_says_why(bench, body, message):
    answer = await bench.act(**body)
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]


async def test_refuses_bodies_that_are_no_json_or_too_long(bench):
    path = f"/buttons/{DEVICE:08x}"
    headers = {"Content-Type": "application/json"}
    assert (await bench.http.post(path, content=b"{", headers=headers)).status_code == 400
    too_long = await bench.http.post(path, content=b" " * 2000, headers=headers)
    assert "expected at most 1000 bytes" in too_long.json()["error"]["message"]
    assert (await bench.http.post("/buttons/ffffffff", json={})).status_code == 404


async def test_a_foreign_page_cannot_press(bench):
    path = f"/buttons/{DEVICE:08x}"
    form = await bench.http.post(
        path, content=b'{"action":"lid","opened":true}', headers={"Content-Type": "text/plain"}
    )
    assert form.status_code == 415
    rebound = await bench.http.post(path, json={"action": "lid", "opened": True}, headers={"Host": "evil.example"})
    assert rebound.status_code == 400
    assert not bench.button.panel.lid_open


async def test_an_operator_goes_out_of_service_and_every_page_hears_of_it(bench):
    async with events(bench) as following:
        _, city = await following()
        assert [one["name"] for one in city["sms"]["operators"]] == list(OPERATORS)
        assert all(one["up"] for one in city["sms"]["operators"])
        answer = await bench.http.post("/operators/1", json={"action": "outage", "out": True})
        assert answer.status_code == 200
        name, sms = await following()
        assert name == "sms"
        assert [one["up"] for one in sms["operators"]] == [True, False]
    assert not bench.telephones.network.in_service(OPERATORS[1])
    await bench.http.post("/operators/1", json={"action": "outage", "out": False})
    assert bench.telephones.network.in_service(OPERATORS[1])


@pytest.mark.parametrize(
    ("number", "body", "status"),
    [(0, {"action": "outage"}, 400), (0, {"action": "explode"}, 400), (0, [], 400), (9, {"action": "outage"}, 404)],
)
async def test_refuses_what_no_operator_can_do(bench, number, body, status):
    assert (await bench.http.post(f"/operators/{number}", json=body)).status_code == status


async def test_a_text_on_its_way_and_one_that_arrived_are_shown(bench):
    duty = DUTY_NUMBERS[0]
    async with bench.telephones.bank, events(bench) as following:
        await following()
        bench.telephones.bank.text(DUTY_NUMBERS[1], duty, "ALARM dari Bank Contoh")
        seen: list[dict[str, Any]] = []
        while not seen or not seen[-1]["phones"][0]["texts"]:
            name, sms = await following()
            assert name == "sms"
            seen.append(sms)
    assert seen[0]["way"] == [{"from": "Telepon piket 2", "to": "Telepon piket 1"}]
    assert seen[-1]["way"] == []
    assert seen[-1]["phones"][0]["texts"] == ["ALARM dari Bank Contoh"]
    assert seen[-1]["counts"]["sms_to_people"] == 1


async def test_says_which_way_a_press_came(bench):
    press = {"sequence": 7, "nonce": "ab" * 8}
    async with events(bench) as following:
        _, city = await following()
        assert city["sites"][0]["buttons"][0]["way"] is None
        for way, path in (("sms", 2), ("mqtt", 1)):
            bench.paths[DEVICE, 7, "ab" * 8] = path
            bench.note(bench.button, Trace("pressed", press, 0.0))
            assert (await following())[1]["way"] is None
            bench.note(bench.button, Trace("lamp", {**press, "level": 1}, 1.0))
            assert (await following())[1]["way"] == way


async def test_a_port_in_use_is_told_with_the_remedy(bench):
    with pytest.raises(SimError, match=r"port \d+ is in use.*--bench-port"):
        await BenchPage([], CONSOLE, bench.telephones, bench.paths.get).serve(bench.port, asyncio.Event())


async def test_ends_although_pages_are_open(bench):
    async with events(bench) as following:
        await following()
        page = BenchPage([], CONSOLE, bench.telephones, bench.paths.get)
        ready = asyncio.Event()
        port = free_port()
        serving = asyncio.create_task(page.serve(port, ready))
        await asyncio.wait_for(ready.wait(), SOON_S)
        async with (
            httpx.AsyncClient(trust_env=False, timeout=SOON_S) as http,
            http.stream("GET", f"http://127.0.0.1:{port}/events"),
        ):
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait_for(serving, SOON_S)
            assert serving.done()
