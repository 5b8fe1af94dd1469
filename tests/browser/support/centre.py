"""The real centre for the browser: `kentongan serve` in a folder of its own, with sites, buttons and operators."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from kentongan_server import centre_state
from kentongan_server.adapters import kit, passwords, register
from kentongan_server.adapters.kit import Address
from kentongan_server.application import enrol
from kentongan_server.centre_state import now_ms
from kentongan_sim.ports import HOST, free_port
from tests.browser.support.air import Air
from tests.browser.support.field import Button, Gateway

ROOT = Path(__file__).resolve().parents[3]
DATABASE = "kentongan.db"
START_S = 180.0  # bounds the centre's start on a loaded machine; it takes some two seconds
STOP_S = 90.0  # bounds its end on a loaded machine
LOOK_S = 0.05  # how often a condition without an event of its own is looked at


@dataclass(frozen=True)
class Operator:
    """Somebody who may sign in."""

    name: str
    password: str
    role: str


class Site:
    """A partner's premises with its gateway."""

    def __init__(self, code: str, name: str, address: str, gateway_kit: Path) -> None:
        self.code, self.name, self.address = code, name, address
        self.gateway: Gateway | None = None
        self.gateway_kit = gateway_kit
        self.gateway_device = 0
        self.buttons: list[Button] = []

    def button(self, post: str) -> Button:
        return next(button for button in self.buttons if button.post == post)

    @property
    def gateway_root(self) -> bytes:
        """The gateway's root secret, for whoever steals it."""
        return bytes.fromhex((self.gateway_kit / "gateway.secret").read_text().strip())

    def press(self, post: str, **how: int) -> Button:
        """Somebody presses the button of this post; returns it once the broker has the frame."""
        button = self.button(post)
        self.carry(button.press(**how))
        return button

    def carry(self, frame: bytes) -> None:
        assert self.gateway is not None, "start the centre first"
        self.gateway.carry(frame)

    def report(self) -> None:
        """The gateway and all its buttons say that they live."""
        assert self.gateway is not None, "start the centre first"
        self.gateway.report()

    def falls_silent(self) -> None:
        """All paths of the site are cut."""
        assert self.gateway is not None, "start the centre first"
        self.gateway.falls_silent()

    def lives(self) -> None:
        assert self.gateway is not None, "start the centre first"
        self.gateway.lives()

    def publish(self, payload: bytes) -> None:
        assert self.gateway is not None, "start the centre first"
        self.gateway.publish(payload)


class Centre:
    """Enrol first, then enter: the centre runs until the exit."""

    def __init__(self, folder: Path, air: Air | None = None) -> None:
        self.state = folder / "centre"
        self._kits = folder / "kits"
        self._log = folder / "centre.log"
        self._backup = folder / "backup"
        self.http_port = free_port()
        self.broker_port = free_port()
        self.sites: dict[str, Site] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._state = centre_state.begin(self.state).state
        self._state.authority.ensure_server(HOST)
        if air is not None:
            with (self.state / "centre.toml").open("a") as settings:
                settings.write(air.settings)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.http_port}"

    # --- enrolment ------------------------------------------------------------------------------

    def add_operator(self, name: str, role: str = "operator") -> Operator:
        operator = Operator(name, secrets.token_urlsafe(12), role)
        with register.writing(self._state.database) as writing:
            enrol.add_user(writing, name, role, passwords.hashed(operator.password), now_ms())
        return operator

    def add_site(self, code: str, name: str, address: str, posts: dict[str, str]) -> Site:
        """A site with a gateway and one button a post (`posts` are variants by name)."""
        state, nowhere = self._state, Address(HOST, 1)  # no button and no gateway process will come
        site = self.sites[code] = Site(code, name, address, self._kits / f"{code}-gateway")
        with register.writing(state.database) as writing:
            enrol.add_site(writing, enrol.Site(code, name, address, "Asia/Jakarta"), now_ms())
            gateway = enrol.add_gateway(writing, state.sealer, code, now_ms())
            kit.write_gateway(kit.new_directory(site.gateway_kit), gateway, state.authority, [], nowhere, nowhere)
            site.gateway_device = gateway.device
            for number, (post, variant) in enumerate(posts.items()):
                button = enrol.add_post(writing, state.sealer, code, post, variant, now_ms())
                out = kit.new_directory(self._kits / f"{code}-{number}")
                kit.write_button(out, button, variant, nowhere, "kentongan")
                site.buttons.append(Button.from_kit(out, post))
        return site

    # --- running --------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        environment = os.environ | {
            "KENTONGAN_HTTP__HOST": HOST,
            "KENTONGAN_HTTP__PORT": str(self.http_port),
            "KENTONGAN_HTTP__SECURE_COOKIE": "false",
            "KENTONGAN_BROKER__HOST": HOST,
            "KENTONGAN_BROKER__PORT": str(self.broker_port),
            "KENTONGAN_BROKER__MOSQUITTO": str(ROOT / ".tools" / "bin" / "mosquitto"),
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "kentongan_tools", "serve", "--state", str(self.state)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait_until_it_answers()
        for site in self.sites.values():
            site.gateway = Gateway(
                site.gateway_kit, site.gateway_device, site.code, site.buttons, HOST, self.broker_port
            )

    def stop(self) -> None:
        for site in self.sites.values():
            if site.gateway is not None:
                site.gateway.close()
            site.gateway = None
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait(STOP_S)
        self._process = None

    def back_up(self) -> None:
        """Keeps what the store has now; the centre must be stopped."""
        shutil.copytree(self.state, self._backup, dirs_exist_ok=True)

    def restore(self) -> None:
        """Puts the store of `back_up` into the place of today's; the centre must be stopped."""
        for file in self.state.glob(f"{DATABASE}*"):
            file.unlink()
        for file in self._backup.glob(f"{DATABASE}*"):
            shutil.copy2(file, self.state)

    @contextlib.contextmanager
    def frozen(self) -> Any:
        """The process stands still, its sockets stay open: what a hung machine looks like from outside."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            assert self._process is not None
            assert self._process.poll() is None, f"the centre ended at its start: {self._log.read_text()[-2_000:]}"
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/healthz", trust_env=False).is_success:
                    return
            time.sleep(LOOK_S)
        raise AssertionError(f"the centre did not answer within {START_S} s: {self._log.read_text()[-2_000:]}")


# A kept connection may be closed by the centre, which waits 5 s for the next request, while that one is on its way.
ONE_REQUEST_EACH = httpx.Limits(max_keepalive_connections=0)


class Desk:
    """An operator's acts without a browser: what the centre knows, and calm between tests."""

    def __init__(self, centre: Centre, operator: Operator) -> None:
        self._http = httpx.Client(base_url=centre.url, trust_env=False, timeout=START_S, limits=ONE_REQUEST_EACH)
        answer = self._http.post("/api/login", json={"name": operator.name, "password": operator.password})
        answer.raise_for_status()
        self._http.headers["X-CSRF-Token"] = answer.json()["csrf"]
        self.cookies = [{"name": name, "value": value, "url": centre.url} for name, value in self._http.cookies.items()]

    def incidents(self, state: str = "open") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("incidents", state=state)["incidents"]
        return found

    def listing(self, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._get(name)[name]
        return rows

    def acknowledge(self, incident: dict[str, Any]) -> None:
        self._post(f"incidents/{incident['id']}/acknowledge", {"version": incident["version"]})

    def close(self, incident: dict[str, Any], outcome: str = "test", cause: str = "announced", note: str = "") -> None:
        body = {"version": incident["version"], "outcome": outcome, "cause": cause, "note": note}
        self._post(f"incidents/{incident['id']}/close", body)

    def place(self, code: str, place: dict[str, float] | None) -> None:
        """Says where a site is, or that nobody knows."""
        known = self._get(f"sites/{code}")
        body = {name: known[name] for name in ("name", "address", "zone")} | {"place": place}
        self._http.put(f"/api/sites/{code}", json=body).raise_for_status()

    def call(self, number: str, words: str = "Ada asap", category: str = "fire") -> dict[str, Any]:
        """A phone call that somebody took down; its incident."""
        answer = self._http.post("/api/calls", json={"category": category, "number": number, "words": words})
        made: dict[str, Any] = answer.raise_for_status().json()
        return made

    def dispatch(self, incident: dict[str, Any], to: str) -> None:
        self._post(f"incidents/{incident['id']}/dispatch", {"version": incident["version"], "to": to})

    def arrive(self, incident: dict[str, Any]) -> None:
        self._post(f"incidents/{incident['id']}/arrive", {"version": incident["version"]})

    def withdraw(self, incident: dict[str, Any], why: str) -> None:
        self._post(f"incidents/{incident['id']}/withdraw", {"version": incident["version"], "why": why})

    def merge(self, incident: dict[str, Any], into: dict[str, Any]) -> None:
        self._post(f"incidents/{incident['id']}/merge", {"version": incident["version"], "into": into["id"]})

    def hand_over(self, to: Operator, note: str) -> None:
        """Gives everything open to somebody, who signs with the password."""
        self._post("hand-over", {"to": to.name, "note": note, "password": to.password})

    def start_drill(self, name: str, button: str, *, minutes: int = 60, in_s: int = 0) -> None:
        alarms = [{"device": button, "kind": "fire", "in_s": in_s}]
        self._post("drills", {"name": name, "minutes": minutes, "alarms": alarms})

    def end_drills(self) -> None:
        """Ends what runs; what is open of it is closed."""
        for drill in self.listing("drills"):
            if drill["ended_at_ms"] is None:
                self._post(f"drills/{drill['id']}/end", {})

    def take(self, trouble: dict[str, Any], *, over: bool = False) -> None:
        self._post(f"troubles/{trouble['id']}/take", {"over": over})

    def trouble(self, device: str, kind: str) -> dict[str, Any]:
        """The open trouble of this kind, once there is one."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            for row in self.listing("troubles"):
                if (row["device"], row["kind"], row["closed_at_ms"]) == (device, kind, None):
                    return row
            time.sleep(LOOK_S)
        raise AssertionError(f"no {kind} of {device}")

    def until_restored(self, device: str, kind: str) -> None:
        """Until no trouble of this kind is open."""
        deadline = time.monotonic() + START_S
        while any(
            (row["device"], row["kind"], row["closed_at_ms"]) == (device, kind, None)
            for row in self.listing("troubles")
        ):
            assert time.monotonic() < deadline, f"{kind} of {device} does not end"
            time.sleep(LOOK_S)

    def calm(self) -> None:
        """Acknowledges and closes everything."""
        for incident in self.incidents():
            self.acknowledge(incident)
            self.finish_plan(incident)
            self.close(self.incident(incident["id"]))

    def finish_plan(self, incident: dict[str, Any]) -> None:
        """Does what the plan of the incident wants before it can be closed."""
        plan = self.incident(incident["id"])["plan"]
        for step in plan["steps"] if plan else []:
            if step["mandatory"] and step["done_by"] is None:
                self.step(incident, step["key"])

    def note(self, number: int, text: str) -> None:
        self._post(f"incidents/{number}/note", {"text": text})

    def step(self, incident: dict[str, Any], key: str) -> None:
        self._post(f"incidents/{incident['id']}/step", {"step": key})

    def incident(self, number: int) -> dict[str, Any]:
        return self._get(f"incidents/{number}")

    def until(self, count: int) -> list[dict[str, Any]]:
        """The open incidents, once they hold `count` alarms together."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            incidents = self.incidents()
            if sum(len(incident["alarms"]) for incident in incidents) == count:
                return incidents
            time.sleep(LOOK_S)
        raise AssertionError(f"expected {count} alarms, found {incidents}")

    def shut(self) -> None:
        self._http.close()

    def _get(self, name: str, **parameters: str) -> dict[str, Any]:
        answer = self._http.get(f"/api/{name}", params=parameters)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def _post(self, path: str, body: dict[str, Any]) -> None:
        self._http.post(f"/api/{path}", json=body).raise_for_status()
