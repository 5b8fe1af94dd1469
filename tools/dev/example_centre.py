"""A centre full of made-up data, for pictures: places like Probolinggo's, people and numbers that are nobody's."""

from __future__ import annotations

import io
import random
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from bench import past
from dev import example_city
from kentongan_server.adapters import register
from kentongan_server.adapters.database import Database
from kentongan_server.centre_state import now_ms
from kentongan_sim.forger import Forger, StolenGateway
from kentongan_wire.press import CONTACT_AT_BOOT, KIND_MEDICAL
from kentongan_wire.supervision import BUTTON_BATTERY_LOW, BUTTON_MAINS_LOST, BUTTON_TAMPER
from tests.browser.support.air import Air
from tests.browser.support.centre import DATABASE, Centre, Desk, Operator
from tests.browser.support.head import Head

PHRASE, DURESS = "kopi hitam tanpa gula", "teh manis hangat"
PAST_CASES = 2_600  # of three years: some two a day
FORGED = 18
FIRST_MONTH = 2023 * 12  # after the two years that are told as a whole
ALWAYS = None
OFFICE = [[day, 7 * 60 + 30, 16 * 60] for day in range(1, 6)]
NIGHT = [[day, 18 * 60, 6 * 60] for day in range(1, 8)]


@dataclass(frozen=True)
class Example:
    """A site of the example; the buttons of `before` were pressed in the past only."""

    code: str
    name: str
    address: str
    place: tuple[float, float]
    posts: dict[str, str]
    before: tuple[str, ...]


BANK = Example(
    "bank-contoh", "Bank Contoh Cabang Pahlawan", "Jl. Contoh Pahlawan No. 1, Kanigaran", (-7.7561, 113.2115),
    {"Pos jaga": "guard-post", "Meja teller 2": "desk", "Meja kepala cabang": "desk"},
    ("Meja teller 1", "Layanan nasabah", "Ruang arsip"),
)  # fmt: skip
GOLD = Example(
    "emas-contoh", "Toko Emas Contoh", "Jl. Contoh Pasar No. 7, Mayangan", (-7.7443, 113.2192),
    {"Pos jaga": "guard-post", "Meja pemilik": "desk"},
    ("Etalase depan", "Meja kasir"),
)  # fmt: skip
COOPERATIVE = Example(
    "koperasi-contoh", "Koperasi Contoh Sejahtera", "Jl. Contoh Raya No. 12, Kademangan", (-7.7702, 113.1876),
    {"Meja kasir": "desk"},
    ("Loket simpanan",),
)  # fmt: skip
PAWN = Example(
    "gadai-contoh", "Gadai Contoh Wonoasih", "Jl. Contoh Selatan No. 3, Wonoasih", (-7.7918, 113.2241),
    {"Pos jaga": "guard-post", "Meja juru taksir": "desk"},
    ("Loket gadai", "Loket tebus"),
)  # fmt: skip
SITES = (BANK, GOLD, COOPERATIVE, PAWN)
CONTACTS: tuple[tuple[str, str, str, Any], ...] = (
    ("Kepala cabang (contoh)", "Kepala cabang", "+628110000101", OFFICE),
    ("Satpam malam (contoh)", "Satpam", "+628110000102", NIGHT),
    ("Kantor pusat (contoh)", "Piket 24 jam", "+628110000103", ALWAYS),
)


@dataclass
class People:
    """Who may sign in."""

    operator: Operator
    next: Operator
    supervisor: Operator
    admin: Operator


def use_map(centre: Centre, file: Path) -> None:
    """`kentongan map use`, with the example's own city."""
    file.write_bytes(example_city.archive())
    command = [sys.executable, "-m", "kentongan_tools", "map", "use", str(file), "--state", str(centre.state)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def enrol(centre: Centre) -> People:
    """Sites with their posts, people, and three years of the past; the centre has not begun yet."""
    for site in SITES:
        centre.add_site(site.code, site.name, site.address, site.posts | dict.fromkeys(site.before, "desk"))
    people = People(
        centre.add_operator("operator-1"),
        centre.add_operator("operator-2"),
        centre.add_operator("supervisor-1", "supervisor"),
        centre.add_operator("admin-1", "admin"),
    )
    for name, role in (("auditor-1", "auditor"), ("teknisi-1", "technician")):
        centre.add_operator(name, role)
    with register.writing(centre.state / DATABASE) as book:
        for person, label in ((people.next, "HP operator-2"), (people.admin, "Kunci USB biru")):
            found = book.person_named(person.name)
            assert found is not None
            # Nobody has its key: it is there to be seen.
            book.insert_passkey(found.id, secrets.token_bytes(32), secrets.token_bytes(77), 0, label, now_ms())
    pressed = [
        past.Fitted(centre.sites[site.code].button(post).device, site.code) for site in SITES for post in site.before
    ]
    random.Random(3).shuffle(pressed)
    past.write(Database(centre.state / DATABASE), pressed, PAST_CASES, now_ms())
    return people


def fill(head: Head) -> None:
    """What an admin has written down about sites, agencies and people."""
    for site in SITES:
        head.place(site.code, {"latitude": site.place[0], "longitude": site.place[1]})
    for code, name, kind in (
        ("polres", "Polres Kota (contoh)", "police"),
        ("damkar", "Damkar Kota (contoh)", "fire"),
        ("psc", "Ambulans Kota (contoh)", "medical"),
    ):
        head.put(f"agencies/{code}", {"name": name, "kind": kind})
    contacts = [dict(zip(("name", "role", "number", "hours"), one, strict=True)) for one in CONTACTS]
    for site in (BANK, GOLD):
        head.put(f"sites/{site.code}/contacts", {"contacts": contacts})
        head.put(f"sites/{site.code}/pass-phrase", {"phrase": PHRASE, "duress": DURESS})
    head.put_picture(BANK.code, floor_plan())
    spots = {"Pos jaga": (130, 800), "Meja teller 2": (590, 520), "Meja kepala cabang": (850, 180)}
    spots |= {"Meja teller 1": (400, 440), "Layanan nasabah": (170, 250), "Ruang arsip": (780, 830)}
    head.put(f"sites/{BANK.code}/spots", {"spots": [{"post": post, "x": x, "y": y} for post, (x, y) in spots.items()]})
    names = {"operator-1": "Operator Contoh Satu", "operator-2": "Operator Contoh Dua"}
    names |= {"supervisor-1": "Supervisor Contoh", "admin-1": "Admin Contoh", "auditor-1": "Auditor Contoh"}
    names |= {"teknisi-1": "Teknisi Contoh"}
    head.add("polres-1", "agency-desk", full_name="Piket Polres Contoh", agency="polres")
    head.add("mitra-1", "partner", full_name="Kepala Toko Contoh", sites=[GOLD.code])
    for name, full_name in names.items():
        head.change_user(name, {"full_name": full_name})
    head.bring_crimes(crimes(now_ms()))


def crimes(today_ms: int) -> str:
    """Two years as the city told them, and made-up months up to now, as CSV."""
    rows = ["year,month,category,count,source", "2021,,all,544,Laporan kota", "2022,,all,886,Laporan kota"]
    draw, today = random.Random(5), datetime.fromtimestamp(today_ms / 1_000, UTC)
    for number in range(FIRST_MONTH, today.year * 12 + today.month - 1):
        year, month = divmod(number, 12)
        count = round(74 - 0.5 * (number - FIRST_MONTH) + draw.uniform(-9, 9))
        rows.append(f"{year},{month + 1},all,{count},Angka contoh")
    return "\n".join(rows) + "\n"


def story(centre: Centre, desk: Desk, wait: Callable[[float], None]) -> int:
    """A case from its press to its end, in so many seconds as `wait` lets pass between; its number."""
    bank = next(iter(centre.sites.values()))
    everyone(centre)
    bank.press("Meja kepala cabang")
    (incident,) = desk.until(1)
    number = int(incident["id"])
    wait(6)
    desk.acknowledge(incident)
    wait(2)
    everyone(centre)
    wait(9)
    first, *others = [one["key"] for one in desk.incident(number)["plan"]["steps"] if one["mandatory"]]
    desk.step(incident, first)
    wait(6)
    desk.dispatch(desk.incident(number), "Patroli 12")
    wait(24)
    desk.note(number, "Saksi di seberang jalan melihat dua orang keluar lewat pintu belakang.")
    for step in others:
        wait(11)
        desk.step(incident, step)
    wait(38)
    desk.arrive(desk.incident(number))
    wait(27)
    desk.note(number, "Pintu belakang terbuka, tidak ada korban.")
    wait(19)
    desk.finish_plan(incident)
    desk.close(desk.incident(number), "real", "robbery", "Dua pelaku lari ke arah selatan.")
    wait(2)
    everyone(centre)
    return number


def earlier_today(centre: Centre, desk: Desk, other: Desk) -> None:
    """Closed and open cases by the real road."""
    bank, gold, cooperative, pawn = centre.sites.values()
    gold.press("Pos jaga")
    finish(desk, "false", "pressed-by-mistake", "Tersenggol saat membersihkan etalase.")
    pawn.press("Meja juru taksir")
    finish(desk, "test", "announced", "Uji bulanan bersama petugas jaga.")
    cooperative.press("Meja kasir", kind=KIND_MEDICAL)
    (incident,) = desk.until(1)
    desk.acknowledge(incident)
    desk.dispatch(desk.incident(incident["id"]), "Ambulans 2")
    gold.press("Pos jaga", contacts=CONTACT_AT_BOOT)
    for incident in other.until(2):
        if incident["owner"] is None:
            other.acknowledge(incident)
    everyone(centre)
    thief = StolenGateway(bank.gateway_device, 1, bank.code, bank.gateway_root)
    for frame in Forger(random.Random(7), [bank.button("Pos jaga").device], thief).for_centre(FORGED):
        bank.publish(frame)


def finish(desk: Desk, outcome: str, cause: str, note: str) -> None:
    """Acknowledges and closes the one case that nobody has answered."""
    (incident,) = desk.until(1)
    desk.acknowledge(incident)
    desk.finish_plan(incident)
    desk.close(desk.incident(incident["id"]), outcome, cause, note)


def everyone(centre: Centre) -> None:
    """Every gateway and button says that it lives."""
    for site in centre.sites.values():
        site.report()


def ailing(centre: Centre, desk: Desk) -> None:
    """Troubles: a post without mains, one that was opened."""
    bank, _, cooperative, _ = centre.sites.values()
    button = cooperative.button("Meja kasir")
    button.state = BUTTON_BATTERY_LOW | BUTTON_MAINS_LOST
    cooperative.report()
    desk.take(desk.trouble(button.name, "mains-lost"))
    bank.button("Pos jaga").state = BUTTON_TAMPER
    bank.report()
    desk.trouble(bank.button("Pos jaga").name, "tamper")


def cut_off(centre: Centre, air: Air, text: str) -> None:
    """A press comes by SMS, another site falls silent."""
    list(centre.sites.values())[1].falls_silent()
    air.text("one", text)


def floor_plan() -> bytes:
    """The rooms of a small bank, as PNG."""
    picture = Image.new("RGB", (1_200, 750), "#f7f5ef")
    pen = ImageDraw.Draw(picture)
    walls = "#3b4252"
    pen.rectangle((30, 30, 1_170, 720), outline=walls, width=10)
    for line in (
        ((30, 470), (420, 470)),
        ((420, 470), (420, 720)),
        ((800, 30), (800, 300)),
        ((800, 300), (1_170, 300)),
        ((880, 540), (880, 720)),
        ((880, 540), (1_170, 540)),
    ):
        pen.line(line, fill=walls, width=8)
    pen.rectangle((470, 380, 1_080, 440), fill="#d8cfb8", outline=walls, width=4)  # the tellers' counter
    for seat in range(4):
        pen.ellipse((520 + 150 * seat, 320, 570 + 150 * seat, 370), fill="#b9c4d0", outline=walls, width=3)
    pen.rectangle((900, 110, 1_080, 190), fill="#d8cfb8", outline=walls, width=4)  # the manager's desk
    pen.rectangle((80, 540, 220, 610), fill="#d8cfb8", outline=walls, width=4)  # the guard's
    pen.line(((560, 720), (760, 720)), fill="#f7f5ef", width=14)  # the door
    for text, spot in (
        ("RUANG TELLER", (500, 250)),
        ("KEPALA CABANG", (860, 60)),
        ("POS JAGA", (90, 500)),
        ("PINTU", (610, 660)),
        ("ARSIP", (930, 560)),
    ):
        pen.text(spot, text, fill=walls, font_size=30)
    out = io.BytesIO()
    picture.quantize(32).save(out, "PNG", optimize=True)
    return out.getvalue()


def small(path: Path, colours: int, width: int | None = None) -> None:
    """Writes a picture again with few colours, perhaps narrower: the documents must load over a slow line."""
    with Image.open(path) as taken:
        whole = taken.convert("RGB")
    if width is not None and whole.width > width:
        whole = whole.resize((width, round(whole.height * width / whole.width)), Image.Resampling.LANCZOS)
    # The default takes the means of the commonest colours: a small blue dot on a large map turned grey. The other
    # method keeps the rare ones, and one step of k-means puts the large areas right.
    few = whole.quantize(colours, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    few.save(path, "PNG", optimize=True)
