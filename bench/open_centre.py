"""A centre of its own for one part of the bench: enrolled, filled by whoever asks, started, ended."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from kentongan_server.adapters import passwords, register
from kentongan_server.application import enrol as rules
from kentongan_server.centre_state import now_ms, open_state
from kentongan_sim.enrolment import EnrolledCity, SiteAddresses, enrol_city
from kentongan_sim.plan import SITES
from kentongan_sim.ports import HOST, free_port
from kentongan_sim.processes import Child, ProcessManager, Program

SUPERVISOR = "bench-supervisor"
REQUEST_S = 300.0  # bounds one request: a report of a million cases on a busy machine
CSRF_HEADER = "X-CSRF-Token"


@dataclass
class OpenCentre:
    """Where everything is; `start` may be called again after `stop`."""

    folder: Path
    city: EnrolledCity
    http_port: int
    broker_port: int
    password: str = field(default_factory=rules.generated_password)

    def __post_init__(self) -> None:
        self.manager = ProcessManager(self.folder, lambda death: print(death, file=sys.stderr))
        with register.writing(self.city.database) as book:
            rules.add_user(book, SUPERVISOR, "supervisor", passwords.hashed(self.password), now_ms())

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.http_port}"

    def add_posts(self, sites: int, each: int) -> list[rules.NewDevice]:
        """More sites with buttons; nobody made kits for them."""
        made, state = [], open_state(self.city.centre)
        with register.writing(self.city.database) as book:
            for number in range(sites):
                code = f"lain-{number + 1}"
                rules.add_site(book, rules.Site(code, f"Situs {number + 1}", "Jl. Contoh 1", "Asia/Jakarta"), now_ms())
                made += [
                    rules.add_post(book, state.sealer, code, f"Meja {post + 1}", "desk", now_ms())
                    for post in range(each)
                ]
        return made

    async def start(self, *, wait: bool = True) -> Child:
        """The centre; without `wait` it may not be ready yet."""
        serve = (sys.executable, "-m", "kentongan_tools", "serve", "--state", str(self.city.centre))
        return await self.manager.start(Program("centre", serve, notifies=wait))

    async def stop(self) -> None:
        """End it in order."""
        await self.manager.stop()

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[httpx.AsyncClient]:
        """A supervisor's, logged in."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=REQUEST_S) as made:
            answer = await made.post("/api/login", json={"name": SUPERVISOR, "password": self.password})
            answer.raise_for_status()
            made.headers[CSRF_HEADER] = answer.json()["csrf"]
            yield made


@asynccontextmanager
async def open_centre(fill: Callable[[OpenCentre], None] = lambda _: None) -> AsyncIterator[OpenCentre]:
    """Enrolled and filled, not started; stopped and gone at the end."""
    with tempfile.TemporaryDirectory(prefix="kentongan-bench-") as name:
        folder = Path(name)
        http_port, broker_port = free_port(), free_port()
        addresses = [SiteAddresses(free_port(), tuple(free_port() for _ in site.posts), broker_port) for site in SITES]
        city = enrol_city(folder / "city", SITES, http_port, broker_port, addresses)
        centre = OpenCentre(folder, city, http_port, broker_port)
        fill(centre)
        try:
            yield centre
        finally:
            await centre.stop()
