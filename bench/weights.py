"""What a browser loads for the console, in bytes as the centre sends them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path

import httpx

import kentongan_server
from bench.open_centre import open_centre
from bench.report import Row
from kentongan_server.api.pages import PACKED

ABOUT = """\
Bodies as sent to a browser that takes gzip, without headers; packed once, when the console is built.
Tiles of the city's own map and the sites' pictures come on top."""

# What a file is, by its name in assets/; the first that fits.
KINDS = (
    ("the map, loaded when it is shown", re.compile(r"^(city|maplibre)-.*\.js$")),
    ("pages loaded when they are opened", re.compile(r"^(reports|manage|account)[\w-]*-.*\.js$")),
    ("the worker", re.compile(r"^worker-.*\.js$")),
    ("styles", re.compile(r"\.css$")),
    ("scripts", re.compile(r"\.js$")),
    ("icons", re.compile(r"\.svg$")),
)
PAGE = "the page itself"


def kind_of(name: str) -> str:
    """Which of `KINDS` a file is."""
    return next((kind for kind, pattern in KINDS if pattern.search(name)), "other files")


def added_up(sizes: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """(bytes sent, bytes on the disk) of each kind."""
    found: dict[str, tuple[int, int]] = {}
    for name, (sent, whole) in sizes.items():
        before = found.get(kind_of(name), (0, 0))
        found[kind_of(name)] = (before[0] + sent, before[1] + whole)
    return found


async def sent(browser: httpx.AsyncClient, path: str) -> tuple[int, int]:
    """(bytes sent, bytes unpacked) of one file."""
    async with browser.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        answer.raise_for_status()
        raw = sum([len(chunk) async for chunk in answer.aiter_raw()])
        packed = "content-encoding" in answer.headers
    whole = len((await browser.get(path)).content) if packed else raw
    return raw, whole


async def run() -> tuple[dict[str, tuple[int, int]], tuple[int, int]]:
    """Of every asset, and of the page."""
    assets = Path(kentongan_server.__file__).parent / "web" / "dist" / "assets"
    async with open_centre() as centre:
        await centre.start()
        async with httpx.AsyncClient(base_url=centre.url, trust_env=False) as browser:
            names = [file.name for file in sorted(assets.iterdir()) if file.suffix != PACKED]
            sizes = {name: await sent(browser, f"/assets/{name}") for name in names}
            page = await sent(browser, "/")
    return sizes, page


def measure() -> list[Row]:
    """The rows of the pages' weight."""
    sizes, page = asyncio.run(run())
    kinds = {PAGE: page, **added_up(sizes)}
    return [Row(kind, "bytes", {"sent": one, "unpacked": whole}) for kind, (one, whole) in kinds.items()]
