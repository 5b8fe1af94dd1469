"""Takes the console's screenshots anew into docs/img/, from the real centre with example data.

Usage: tools/dev/screenshots.py [FOLDER]
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from kentongan_sim.forger import Forger, StolenGateway  # noqa: E402
from kentongan_wire.armour_dense import sms_text  # noqa: E402
from kentongan_wire.press import CONTACT_AT_BOOT, KIND_MEDICAL, PATH_SMS  # noqa: E402
from kentongan_wire.supervision import BUTTON_BATTERY_LOW, BUTTON_MAINS_LOST, BUTTON_TAMPER  # noqa: E402
from tests.browser.support.air import Air  # noqa: E402
from tests.browser.support.centre import Centre, Desk, Operator  # noqa: E402
from tests.browser.support.screen import SIZE, Screen, launch  # noqa: E402

LIMIT = 200_000  # bytes a picture may have: the documents must load over a slow line
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
LOOKS = [(theme, language) for theme in THEMES for language in ("id", "en")]
BANK, GOLD, COOPERATIVE = "Bank Contoh Cabang Pahlawan", "Toko Emas Contoh", "Koperasi Contoh Sejahtera"
FORGED = 18
CUT_OFF_WITHIN_MS = 120_000  # 20 s, 40 s more right after the centre's start, and room for a loaded machine
NOWHERE = (700, 740)  # where the mouse points at nothing


def main() -> int:
    """Returns 1 when a picture became too large."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "img"
    out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        Air(Path(folder) / "ports") as air,
    ):
        centre = Centre(Path(folder), air)
        operator = enrol(centre)
        browser = launch(playwright)
        with centre:
            past(centre, operator)
            for number, (theme, language) in enumerate(LOOKS):
                take(browser, centre, operator, theme, language, out, first=number == 0)
            second_path(browser, centre, operator, air, out)
        browser.close()
    return report(out)


def enrol(centre: Centre) -> Operator:
    """Three example sites."""
    centre.add_site(
        "bank-contoh",
        BANK,
        "Jl. Contoh Pahlawan No. 1, Kanigaran",
        {"Pos jaga": "guard-post", "Meja teller 2": "desk", "Meja kepala cabang": "desk"},
    )
    centre.add_site(
        "emas-contoh", GOLD, "Jl. Contoh Pasar No. 7, Mayangan", {"Pos jaga": "guard-post", "Meja pemilik": "desk"}
    )
    centre.add_site("koperasi-contoh", COOPERATIVE, "Jl. Contoh Raya No. 12, Kademangan", {"Meja kasir": "desk"})
    return centre.add_operator("operator-1")


def past(centre: Centre, operator: Operator) -> None:
    """What happened earlier: two closed incidents, two in hand, a rewound button, forged frames."""
    bank, gold, cooperative = centre.sites.values()
    desk = Desk(centre, operator)
    everyone(centre)
    bank.press("Meja kepala cabang")
    finish(desk, "test", "Uji bulanan bersama petugas jaga.")
    gold.press("Pos jaga")
    finish(desk, "false", "Tersenggol saat membersihkan etalase.")
    cooperative.press("Meja kasir", kind=KIND_MEDICAL)
    gold.press("Pos jaga", contacts=CONTACT_AT_BOOT)
    for incident in desk.until(2):
        desk.acknowledge(incident)
    everyone(centre)
    thief = StolenGateway(bank.gateway_device, 1, bank.code, bank.gateway_root)
    for frame in Forger(random.Random(7), [bank.button("Pos jaga").device], thief).for_centre(FORGED):
        bank.publish(frame)
    desk.shut()


def everyone(centre: Centre) -> None:
    """Every gateway and button says that it lives."""
    for site in centre.sites.values():
        site.report()


def finish(desk: Desk, outcome: str, note: str) -> None:
    """Acknowledges and closes the one open incident."""
    (incident,) = desk.until(1)
    desk.acknowledge(incident)
    desk.close(incident, outcome, note)


def take(
    browser: Browser, centre: Centre, operator: Operator, theme: Theme, language: str, out: Path, *, first: bool
) -> None:
    """The pictures of one look."""
    context = browser.new_context(viewport=SIZE, color_scheme=theme, reduced_motion="reduce")
    context.add_init_script(f"localStorage.setItem('kentongan.language', '{language}')")
    screen = Screen(context, centre.url)
    screen.page.goto(centre.url)
    expect(screen.page.locator("input[name=name]")).to_be_focused()
    screen.page.screenshot(path=out / f"login-{theme}-{language}.png")
    screen.sign_in(operator)
    screen.start_shift()
    bank, gold, _ = centre.sites.values()
    if first:
        gold.press("Meja pemilik", age_ms=3 * 24 * 3_600_000)
        for _ in range(3):
            bank.press("Meja teller 2")
    expect(screen.ringing).to_have_count(2)
    if first:
        screen.until(bank.button("Meja teller 2").shows_newest)
        everyone(centre)
    expect(screen.page.locator(".steps__guard")).to_contain_text(re.compile("Tombol sudah|already shows"))
    screen.expect_sounding(True)
    screen.read()
    expect(screen.page.locator(".timeline__one").first).to_be_visible()
    # Long enough for the running times to show that they run.
    expect(screen.page.locator(".row__ticking").first).to_have_text(re.compile("0:0[3-9]|0:[1-9]|[1-9]:"))
    screen.page.mouse.move(*NOWHERE)
    screen.page.screenshot(path=out / f"console-{theme}-{language}.png")
    screen.rows.nth(2).locator("button").first.click()
    expect(screen.page.locator("#incident .state--in-hand")).to_be_visible()
    expect(screen.page.locator('.timeline__one[data-what="acknowledged"]')).to_be_visible()
    screen.page.mouse.move(*NOWHERE)
    screen.page.screenshot(path=out / f"incident-{theme}-{language}.png")
    context.close()


def second_path(browser: Browser, centre: Centre, operator: Operator, air: Air, out: Path) -> None:
    """A press by SMS, a site that is cut off, and the board of troubles, in each look."""
    bank, gold, cooperative = centre.sites.values()
    desk = Desk(centre, operator)
    desk.calm()
    button = cooperative.button("Meja kasir")
    button.state = BUTTON_BATTERY_LOW | BUTTON_MAINS_LOST
    cooperative.report()
    desk.take(desk.trouble(button.name, "mains-lost"))
    bank.button("Pos jaga").state = BUTTON_TAMPER
    bank.report()
    desk.trouble(bank.button("Pos jaga").name, "tamper")
    gold.falls_silent()
    air.text("one", sms_text(bank.button("Meja teller 2").press(path=PATH_SMS)))
    for theme, language in LOOKS:
        context = browser.new_context(viewport=SIZE, color_scheme=theme, reduced_motion="reduce")
        context.add_init_script(f"localStorage.setItem('kentongan.language', '{language}')")
        screen = Screen(context, centre.url)
        screen.sign_in(operator)
        attack = screen.page.locator('.queue [data-kind="suspected-attack"]')
        expect(attack).to_have_count(1, timeout=CUT_OFF_WITHIN_MS)
        screen.start_shift()
        screen.row(BANK).locator(".row__main").click()
        expect(screen.page.locator(".path__hop")).to_have_count(3)
        picture(screen, out / f"sms-{theme}-{language}.png")
        attack.locator(".row__main").click()
        expect(screen.page.locator(".cut-off")).to_be_visible()
        picture(screen, out / f"attack-{theme}-{language}.png")
        screen.go("troubles")
        expect(screen.page.locator("[data-trouble]").first).to_be_visible()
        picture(screen, out / f"troubles-{theme}-{language}.png")
        context.close()
    desk.shut()


def picture(screen: Screen, path: Path) -> None:
    """One that shows no traces of the mouse."""
    screen.page.mouse.move(*NOWHERE)
    screen.page.screenshot(path=path)


def report(out: Path) -> int:
    """Prints every picture and its size."""
    too_large = 0
    for picture in sorted(out.glob("*.png")):
        size = picture.stat().st_size
        too_large += size > LIMIT
        print(f"{picture.name:28} {size / 1000:6.0f} kB{'  TOO LARGE' if size > LIMIT else ''}")
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
