"""The small city, running: one centre, a gateway a site, a virtual button a post, a proxy in every link."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kentongan_host.files import make_private_directory
from kentongan_sim.enrolment import ButtonKit, EnrolledCity, SiteAddresses, enrol_city
from kentongan_sim.errors import SimError
from kentongan_sim.flash_image import compile_slot, write_image, write_nvs
from kentongan_sim.gateway_supply import GatewaySupply
from kentongan_sim.link_proxy import LinkProxy
from kentongan_sim.modem.model import Timing
from kentongan_sim.plan import SITES, SitePlan
from kentongan_sim.ports import HOST, free_port
from kentongan_sim.processes import Child, Death, ProcessManager, Program
from kentongan_sim.telephones import Telephones
from kentongan_sim.virtual_button import BoardFiles, Trace, VirtualButton

CENTRE = "centre"
CONNECTED_S = 180.0  # bounds the first connection of all buttons on a loaded machine
WIFI_PASSWORD = "contoh"  # noqa: S105 - of a network that does not exist

FAILPOINT = "KENTONGAN_FAILPOINT"  # docs/architecture.md: where a crash test kills a service


def gateway_name(site: str) -> str:
    """The process name of a site's gateway."""
    return f"gateway-{site}"


class City:
    """Build it, start it, stop it.

    Args:
        state: a folder of its own, empty.
        seed: of everything that is drawn at random.
        http_port: of the console; 0 for a free one.
        on_trace: called for everything that a button does.
        on_failure: called when a child died that should not have, or a board said nonsense.
        sites: what to build.
        modem_timing: how fast the modems are; None for the times of real ones.
    """

    def __init__(
        self,
        state: Path,
        *,
        seed: int,
        on_trace: Callable[[VirtualButton, Trace], None],
        on_failure: Callable[[SimError], None],
        http_port: int = 0,
        sites: Sequence[SitePlan] = SITES,
        modem_timing: Timing | None = None,
    ) -> None:
        self.state = state
        self.seed = seed
        self.manager = ProcessManager(make_private_directory(state / "logs"), self._died)
        self.buttons: list[VirtualButton] = []
        self.uplinks: dict[str, LinkProxy] = {}  # site → the link from its gateway to the centre
        self.telephones = Telephones(make_private_directory(state / "modems"), sites, seed, modem_timing)
        self.supplies = {  # site → mains, battery and case of its gateway
            site.code: GatewaySupply(make_private_directory(state / "supplies" / site.code)) for site in sites
        }
        self._sites = sites
        self._on_trace = on_trace
        self._on_failure = on_failure
        self._http_port = http_port or free_port()
        self._broker_port = free_port()
        self._listeners = {site.code: free_port() for site in sites}
        self._enrolled: EnrolledCity | None = None
        self._links: dict[tuple[str, str], LinkProxy] = {}

    @property
    def enrolled(self) -> EnrolledCity:
        """The kits; after `build`."""
        assert self._enrolled is not None
        return self._enrolled

    @property
    def console_url(self) -> str:
        """Where the console is."""
        return f"http://{HOST}:{self._http_port}/"

    @property
    def broker_port(self) -> int:
        """Of the centre's broker, without a proxy before it."""
        return self._broker_port

    def listener_port(self, site: str) -> int:
        """Of a site's broker, without a proxy before it."""
        return self._listeners[site]

    def button(self, post: str) -> VirtualButton:
        """The button of the post with this name."""
        return next(button for button in self.buttons if button.name == post)

    def buttons_of(self, site: SitePlan) -> list[VirtualButton]:
        """The buttons of a site, in the order of its posts."""
        return [self.button(post.name) for post in site.posts]

    # --- build ---------------------------------------------------------------------------------

    async def build(self) -> None:
        """Lay the links, enrol everything, make the flash images.

        Raises:
            SimError: the centre refused, or a tool is missing.
        """
        await self._lay_links()
        await self.telephones.bank.__aenter__()
        slot = self.state / "firmware"
        enrolled, _ = await asyncio.gather(asyncio.to_thread(self._enrol), asyncio.to_thread(compile_slot, slot))
        self._enrolled = enrolled
        kits = [kit for site in enrolled.sites for kit in site.buttons]
        self.buttons = [await self._make_button(kit, slot) for kit in kits]

    def _enrol(self) -> EnrolledCity:
        addresses = [
            SiteAddresses(
                self._listeners[site.code],
                tuple(self._links[site.code, post.name].port for post in site.posts),
                self.uplinks[site.code].port,
                self.telephones.gateway_port(site.code),
            )
            for site in self._sites
        ]
        modems = self.telephones.centre_ports
        return enrol_city(self.state, self._sites, self._http_port, self._broker_port, addresses, modems)

    async def _lay_links(self) -> None:
        for site in self._sites:
            self.uplinks[site.code] = LinkProxy(HOST, self._broker_port, name=f"{site.code} → centre", seed=self.seed)
            for post in site.posts:
                self._links[site.code, post.name] = LinkProxy(
                    HOST, self._listeners[site.code], name=f"{post.name} → {site.code}", seed=self.seed
                )
        for link in (*self.uplinks.values(), *self._links.values()):
            await link.start(HOST)

    async def _make_button(self, kit: ButtonKit, slot: Path) -> VirtualButton:
        files = BoardFiles(kit.folder / "flash.img", kit.folder / "nvs")
        await asyncio.to_thread(write_image, files.flash, slot, kit.description)
        write_nvs(files.nvs, kit.root, WIFI_PASSWORD)
        return VirtualButton(
            name=kit.post.name,
            device=kit.device,
            variant=kit.post.variant,
            files=files,
            link=self._links[kit.site, kit.post.name],
            manager=self.manager,
            seed=self.seed,
            on_trace=self._on_trace,
            on_fault=self._on_failure,
            modem=self.telephones.of_button(kit.post.name),
        )

    # --- run -----------------------------------------------------------------------------------

    async def start(self, failpoints: Mapping[str, str] | None = None) -> None:
        """Start centre, gateways and buttons, each when what it needs is ready; returns when all buttons are connected.

        Args:
            failpoints: process name → where a crash test wants it to die.

        Raises:
            SimError: something did not start; its log's end is in the message.
        """
        armed = failpoints or {}
        await self.start_centre(armed.get(CENTRE, ""))
        await asyncio.gather(
            *(self.start_gateway(site.code, armed.get(gateway_name(site.code), "")) for site in self._sites)
        )
        await self.power_buttons()

    async def power_buttons(self) -> None:
        """Give all buttons power and wait until they are connected."""
        linked = [button.expect(lambda trace: trace.name == "link" and trace.values["up"]) for button in self.buttons]
        await asyncio.gather(*(button.power_on() for button in self.buttons))
        _, late = await asyncio.wait(linked, timeout=CONNECTED_S)
        if late:
            names = ", ".join(
                button.name for button, future in zip(self.buttons, linked, strict=True) if future in late
            )
            raise SimError(f"not connected within {CONNECTED_S:g} s: {names}; see the logs in {self.manager.logs}")

    async def start_centre(self, failpoint: str = "") -> Child:
        """Start the centre, again after it ended; with a fail point armed when one is given."""
        return await self.manager.start(_service(CENTRE, ("serve", "--state", str(self.enrolled.centre)), failpoint))

    async def start_gateway(self, site: str, failpoint: str = "", *, clock_off_ms: int = 0) -> Child:
        """Start a site's gateway, again after it ended.

        Args:
            site: its code.
            failpoint: where it is to die.
            clock_off_ms: how far its machine's wall clock is off, as after a power cut when no battery keeps it.
        """
        kit = next(enrolled.gateway for enrolled in self.enrolled.sites if enrolled.plan.code == site)
        program = _service(gateway_name(site), ("gateway", "--config", str(kit.config)), failpoint)
        environment = {**program.environment, **self.supplies[site].environment}
        argv = program.argv
        if clock_off_ms:
            argv = (sys.executable, "-m", "kentongan_sim.off_clock", str(clock_off_ms), *argv[argv.index("gateway") :])
        return await self.manager.start(replace(program, argv=argv, environment=environment))

    async def stop(self) -> None:
        """Stop everything; nothing is left running."""
        await asyncio.gather(*(button.stop() for button in self.buttons))
        # Together: each is made to be stopped at any time, and one slow program costs its own time only.
        await self.manager.stop()
        for link in (*self.uplinks.values(), *self._links.values()):
            await link.stop()
        await self.telephones.bank.__aexit__(None, None, None)

    def _died(self, death: Death) -> None:
        self._on_failure(SimError(str(death)))


def _service(name: str, arguments: tuple[str, ...], failpoint: str) -> Program:
    # Set-up puts mosquitto beside the interpreter, for whoever runs the demo without make.
    environment = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    if failpoint:
        environment[FAILPOINT] = failpoint
    command = (sys.executable, "-m", "kentongan_tools", *arguments)
    return Program(name, command, environment, notifies=True, doomed=bool(failpoint))
