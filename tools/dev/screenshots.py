"""Takes a picture of every main screen anew into docs/img/, from the real centre with made-up data.

Usage: tools/dev/screenshots.py [--looks few|all] [--only WORD] [FOLDER]

`all` takes each screen in both languages by day and by night, for whoever judges them; `few` what
docs/screens.md shows.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import httpx
from playwright.sync_api import Browser, BrowserContext, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from dev import example_centre as example  # noqa: E402
from kentongan_wire.armour_dense import sms_text  # noqa: E402
from kentongan_wire.press import PATH_SMS  # noqa: E402
from tests.browser.support.air import Air  # noqa: E402
from tests.browser.support.centre import Centre, Desk, Operator  # noqa: E402
from tests.browser.support.head import Head  # noqa: E402
from tests.browser.support.screen import FLAGS, SIZE, WITH_WEBGL, Screen, launch  # noqa: E402

Theme = Literal["light", "dark"]
Look = tuple[Theme, str]
DAY: Look = ("light", "id")
NIGHT: Look = ("dark", "id")
DAY_EN: Look = ("light", "en")
NIGHT_EN: Look = ("dark", "en")
ALL = (DAY, NIGHT, DAY_EN, NIGHT_EN)
LIMIT = 150_000  # bytes a picture may have: the documents must load over a slow line
TOGETHER = 3_000_000  # bytes of all of them
COLOURS = 128  # of a picture: text and flat areas look the same
WALL: ViewportSize = {"width": 3840, "height": 2160}
WALL_SHOWN = 1_500  # pixels across, in the documents
PATIENCE_MS = 90_000
CUT_OFF_WITHIN_MS = 120_000  # 20 s, 40 s more right after the centre's start, and room for a loaded machine
NOWHERE = (700, 740)  # where the mouse points at nothing
DRAWN_MS = 4_000  # for the map's tiles, drawn by the processor; nothing tells when the last one is there
VALID = timedelta(days=200)  # of the modems' SIMs, from today


@dataclass
class Stage:
    """What the pictures are taken of, and who takes them."""

    browser: Browser
    centre: Centre
    people: example.People
    out: Path
    looks: tuple[Look, ...] | None
    only: str
    story: int = 0
    all_live: bool = True  # until something is broken for a picture: nobody is silent
    cookies: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def shoot(
        self, name: str, looks: tuple[Look, ...], who: Operator | None, act: Callable[[Screen], object],
        size: ViewportSize = SIZE,
    ) -> None:  # fmt: skip
        """One screen in its looks; `act` brings a signed-in page (nobody's: the log-in) to where it is to be seen."""
        if self.only not in name:
            return
        if self.all_live:
            example.everyone(self.centre)
        for theme, language in self.looks or looks:
            context = self.context(theme, language, size)
            screen = Screen(context, self.centre.url)
            if who is not None:
                context.add_cookies(self.cookies[who.name])  # type: ignore[arg-type]
            screen.page.goto(self.centre.url)
            if who is not None:
                screen.expect_link("live")
            act(screen)
            screen.page.mouse.move(*NOWHERE)
            if screen.page.locator(".map").count():
                screen.page.locator("[data-map=city] .map__mark--site, [data-map=city] .map__mark").first.wait_for()
                screen.page.wait_for_timeout(DRAWN_MS)
            path = self.out / f"{name}-{theme}-{language}.png"
            screen.page.screenshot(path=path)
            example.small(path, COLOURS, WALL_SHOWN)
            context.close()
            print(f"{path.name:34} {path.stat().st_size / 1000:6.0f} kB", flush=True)

    def wait(self, seconds: float) -> None:
        """Lets a story take its time, when there is a picture of it."""
        if any(self.only in name for name in ("replay", "closed")):
            example.everyone(self.centre)
            time.sleep(seconds)

    def context(self, theme: Theme, language: str, size: ViewportSize) -> BrowserContext:
        context = self.browser.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(f"localStorage.setItem('kentongan.language', '{language}')")
        return context

    def sign_in(self, person: Operator) -> Desk:
        desk = Desk(self.centre, person)
        self.cookies[person.name] = desk.cookies
        return desk


def main() -> int:
    """Returns 1 when a picture, or all of them together, became too large."""
    parser = argparse.ArgumentParser(description="Takes a picture of every main screen.")
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "docs" / "img")
    parser.add_argument("--looks", choices=("few", "all"), default="few")
    parser.add_argument("--only", default="", help="only screens whose name contains this")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE_MS)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, Air(Path(folder) / "ports") as air:
        centre = Centre(Path(folder), air)
        os.environ["KENTONGAN_HTTP__ORIGIN"] = f"http://localhost:{centre.http_port}"  # with passkeys
        settings = centre.state / "centre.toml"
        until = datetime.now(UTC).date() + VALID
        settings.write_text(re.sub(r"(valid_until = )\S+", rf"\g<1>{until}", settings.read_text()))
        example.use_map(centre, Path(folder) / "kota.pmtiles")
        people = example.enrol(centre)
        browser = launch(playwright, [*FLAGS, *WITH_WEBGL])
        looks = ALL if given.looks == "all" else None
        with centre:
            take(Stage(browser, centre, people, given.out, looks, given.only), air)
        browser.close()
    return report(given.out)


def take(stage: Stage, air: Air) -> None:
    """Every picture, in an order in which each finds its centre as it should be."""
    people = stage.people
    head = Head(stage.centre, people.admin)
    stage.cookies[people.admin.name] = head.cookies
    desk, other, chief = (stage.sign_in(one) for one in (people.operator, people.next, people.supervisor))
    example.fill(head)
    calm(stage)
    stage.story = example.story(stage.centre, desk, stage.wait)
    example.earlier_today(stage.centre, desk, other)
    manage(stage)
    shift(stage, desk, chief)
    cases(stage, desk)
    ringing(stage, desk)
    second_path(stage, desk, air)
    for one in (head, desk, other, chief):
        one.shut()


def calm(stage: Stage) -> None:
    """Before anything has happened today."""
    field = "input[name=name]"
    stage.shoot("login", (DAY, NIGHT), None, lambda screen: expect(screen.page.locator(field)).to_be_focused())
    stage.shoot("quiet", (DAY, NIGHT), stage.people.operator, start_shift)


def start_shift(screen: Screen) -> None:
    screen.start_shift()
    expect(screen.page.locator(".map")).to_be_visible()


def opened(name: str, seen: str, *, start: bool = True) -> Callable[[Screen], None]:
    """Brings a screen to the page of this name; it is there when `seen` is."""

    def act(screen: Screen) -> None:
        if start:
            screen.start_shift()
        screen.go(name)
        screen.page.locator(seen).first.wait_for()

    return act


def manage(stage: Stage) -> None:
    """The register, people, reports."""
    admin, one = stage.people.admin, (DAY,)
    stage.shoot("sites", one, admin, opened("sites", "[data-site]"))
    stage.shoot("site", one, admin, opened(f"sites/{example.BANK.code}", "[data-part=people]"))

    def plan_picture(screen: Screen) -> None:
        opened(f"sites/{example.BANK.code}", "[data-part=picture] [data-site-plan]")(screen)
        screen.page.locator("[data-part=picture]").evaluate("element => element.scrollIntoView()")

    stage.shoot("site-plan", one, admin, plan_picture)

    def plans(screen: Screen) -> None:
        opened("plans", "[data-plan=hold-up]")(screen)
        screen.page.locator("[data-plan=hold-up] > summary").click()

    stage.shoot("plans", one, admin, plans)
    stage.shoot("users", one, admin, opened("users", "[data-user]"))
    stage.shoot("account", one, admin, opened("account", "[data-session]"))
    stage.shoot("reports", (DAY, NIGHT_EN), admin, opened("reports", "svg.plot"))

    def crimes(screen: Screen) -> None:
        opened("reports", "svg.plot")(screen)
        screen.page.get_by_role("heading", name=re.compile("^(Tindak k|K)ejahatan|^Crime")).first.evaluate(
            "element => element.scrollIntoView()"
        )

    stage.shoot("reports-crimes", one, admin, crimes)
    stage.shoot("devices", one, admin, opened("devices", "[data-device]"))
    stage.shoot("closed", one, admin, opened("closed", ".timeline__one"))


def shift(stage: Stage, desk: Desk, chief: Desk) -> None:
    """The end of a shift, drills, a replay, a call."""
    people = stage.people

    def hand_over(screen: Screen) -> None:
        opened("hand-over", "[data-mine]")(screen)
        screen.page.locator("[name=to]").fill(people.next.name)
        screen.page.locator("[name=note]").fill("Koperasi: ambulans sudah di jalan, tunggu kabar dari kasir.")

    stage.shoot("hand-over", (DAY,), people.operator, hand_over)

    def replay(screen: Screen) -> None:
        opened(f"replay/{stage.story}", ".replay__step")(screen)
        for _ in range(5):
            screen.key("ArrowRight")
        screen.page.locator('[data-replay-step="6"]').wait_for()

    stage.shoot("replay", (DAY,), people.operator, replay)

    def call(screen: Screen) -> None:
        start_shift(screen)
        screen.key("F2")
        screen.page.locator("[data-category=accident]").click()
        screen.page.locator(".call [name=number]").fill("0811-0000-0199")
        screen.page.locator(".call [name=words]").fill("Tabrakan dua sepeda motor, satu orang luka.")
        screen.page.locator(".call [name=address]").fill("Jl. Contoh Raya, depan pasar")
        screen.page.locator("[data-known=here]").wait_for()

    desk.call("081100000199", "Tabrakan di depan pasar", "accident")
    stage.shoot("call-112", (DAY, NIGHT_EN), people.operator, call)
    bank = stage.centre.sites[example.BANK.code]
    chief.start_drill("Latihan Jumat pagi (contoh)", bank.button("Meja teller 2").name)
    stage.shoot("drills", (DAY,), people.supervisor, opened("drills", '[data-rung="yes"]'))

    def drilled(screen: Screen) -> None:
        start_shift(screen)
        expect(screen.ringing).to_have_count(1)
        screen.read()

    stage.shoot("drill-rings", (DAY,), people.operator, drilled)
    chief.end_drills()


def cases(stage: Stage, desk: Desk) -> None:
    """A case in hand, with its plan, contacts, pass-phrase and the picture of its site; its end."""
    bank = stage.centre.sites[example.BANK.code]
    bank.press("Meja teller 2")
    incident = until_at(desk, bank.name)
    desk.acknowledge(incident)
    number = incident["id"]
    plan = desk.incident(number)["plan"]["steps"]
    for step in plan[:2]:
        desk.step(incident, step["key"])
    desk.dispatch(desk.incident(number), "Patroli 12")
    desk.note(number, "Dari seberang jalan: dua motor menunggu di depan pintu.")

    def chosen(screen: Screen) -> None:
        start_shift(screen)
        screen.row(bank.name).locator(".row__main").click()
        screen.page.locator("#plan [data-step]").first.wait_for()

    stage.shoot("incident", (DAY, NIGHT, DAY_EN), stage.people.operator, chosen)

    def at_contacts(screen: Screen) -> None:
        chosen(screen)
        screen.page.locator("#phrase").fill(example.PHRASE)
        screen.key("Enter")
        screen.page.locator("[data-said=right]").wait_for()
        screen.page.locator("#incident [data-site-plan]").wait_for()
        screen.page.locator("#contacts").evaluate("element => element.scrollIntoView()")

    stage.shoot("incident-contacts", (DAY,), stage.people.operator, at_contacts)

    def closing(screen: Screen) -> None:
        chosen(screen)
        screen.key("c")
        dialog = screen.page.locator("dialog[open]")
        dialog.locator("input[value=real]").check()
        dialog.locator("select").select_option("robbery")
        dialog.locator("textarea").fill("Pelaku lari ke selatan, korban selamat.")
        dialog.wait_for()

    desk.finish_plan(incident)
    stage.shoot("closing", (DAY, NIGHT_EN), stage.people.operator, closing)
    desk.close(desk.incident(number), "real", "robbery", "Pelaku lari, korban selamat.")


def until_at(desk: Desk, name: str) -> dict[str, Any]:
    """The ringing incident at this site, once there is one."""
    deadline = time.monotonic() + PATIENCE_MS / 1_000
    while time.monotonic() < deadline:
        for one in desk.incidents():
            if one["ringing"] and one["site"] and one["site"]["name"] == name:
                return one
        time.sleep(0.1)
    raise AssertionError(f"nothing rings at {name}")


def ringing(stage: Stage, desk: Desk) -> None:
    """Several alarms ring, one was pressed three times, one is of the past."""
    bank, gold, _, pawn = stage.centre.sites.values()
    pawn.press("Pos jaga")
    gold.press("Meja pemilik", age_ms=25 * 60_000)
    for _ in range(3):
        bank.press("Meja teller 2")

    def rings(screen: Screen) -> None:
        start_shift(screen)
        expect(screen.ringing).to_have_count(3)
        screen.until(bank.button("Meja teller 2").shows_newest)
        example.everyone(stage.centre)
        screen.row(bank.name).locator(".row__main").click()
        expect(screen.page.locator(".steps__guard")).to_contain_text(re.compile("Tombol sudah|already shows"))
        screen.read()
        expect(screen.page.locator(".row__ticking").first).to_have_text(re.compile("0:0[3-9]|0:[1-9]|[1-9]:"))

    stage.shoot("queue", ALL, stage.people.operator, rings)

    def wall(screen: Screen) -> None:
        screen.start_shift()
        screen.go("wall")
        screen.page.locator('.wall [data-ringing="yes"]').first.wait_for()

    stage.shoot("wall", (DAY, NIGHT), stage.people.operator, wall, WALL)

    def help_page(screen: Screen) -> None:
        start_shift(screen)
        screen.key("?")
        screen.page.locator("dialog[open]").wait_for()

    stage.shoot("keys", (DAY,), stage.people.operator, help_page)
    calm_down(desk)


def calm_down(desk: Desk) -> None:
    """Answers and closes everything, also what comes in meanwhile."""
    deadline = time.monotonic() + PATIENCE_MS / 1_000
    while desk.incidents():
        try:
            desk.calm()
        except httpx.HTTPStatusError:  # a press came between reading and closing
            if time.monotonic() > deadline:
                raise


def second_path(stage: Stage, desk: Desk, air: Air) -> None:
    """A press by SMS, a site that is cut off, and the board of troubles."""
    bank = stage.centre.sites[example.BANK.code]
    stage.all_live = False
    example.ailing(stage.centre, desk)
    example.cut_off(stage.centre, air, sms_text(bank.button("Meja teller 2").press(path=PATH_SMS)))

    def by_sms(screen: Screen) -> None:
        start_shift(screen)
        screen.row(bank.name).locator(".row__main").click()
        expect(screen.page.locator(".path__hop")).to_have_count(3)

    stage.shoot("sms", (DAY,), stage.people.operator, by_sms)

    def attack(screen: Screen) -> None:
        start_shift(screen)
        row = screen.page.locator('.queue [data-kind="suspected-attack"]')
        expect(row).to_have_count(1, timeout=CUT_OFF_WITHIN_MS)
        row.locator(".row__main").click()
        expect(screen.page.locator(".cut-off")).to_be_visible()

    stage.shoot("attack", (DAY, NIGHT_EN), stage.people.operator, attack)
    stage.shoot("troubles", (DAY, NIGHT), stage.people.operator, opened("troubles", "[data-trouble]"))
    stage.shoot("rejections", (DAY,), stage.people.operator, opened("rejections", "tbody tr"))


def report(out: Path) -> int:
    """Names what is too large."""
    sizes = {picture.name: picture.stat().st_size for picture in sorted(out.glob("*.png"))}
    large = [name for name, size in sizes.items() if size > LIMIT]
    print(f"{len(sizes)} pictures, {sum(sizes.values()) / 1000:.0f} kB together")
    if large or sum(sizes.values()) > TOGETHER:
        print(f"TOO LARGE: {', '.join(large) or 'together'}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
