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
from kentongan_wire.press import CONTACT_AT_BOOT, KIND_MEDICAL  # noqa: E402
from tests.browser.support.centre import Centre, Desk, Operator  # noqa: E402
from tests.browser.support.screen import SIZE, Screen, launch  # noqa: E402

LIMIT = 200_000  # bytes a picture may have: the documents must load over a slow line
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
LOOKS = [(theme, language) for theme in THEMES for language in ("id", "en")]
BANK, GOLD, COOPERATIVE = "Bank Contoh Cabang Pahlawan", "Toko Emas Contoh", "Koperasi Contoh Sejahtera"
FORGED = 18
NOWHERE = (700, 740)  # where the mouse points at nothing


def main() -> int:
    """Returns 1 when a picture became too large."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "img"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        centre = Centre(Path(folder))
        operator = enrol(centre)
        browser = launch(playwright)
        with centre:
            past(centre, operator)
            for number, (theme, language) in enumerate(LOOKS):
                take(browser, centre, operator, theme, language, out, first=number == 0)
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
