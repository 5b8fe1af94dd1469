"""The console's files: packed for who takes that, kept for ever when their name has a hash."""

from __future__ import annotations

import gzip
from pathlib import Path

import httpx
import pytest

from kentongan_server.api.pages import IMMUTABLE, Pages, takes_gzip

SCRIPT = b"export const siren = 'wiu';\n" * 20


@pytest.fixture
def web(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>console</title>")
    (tmp_path / "assets" / "main-ABC.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "main-ABC.js.gz").write_bytes(gzip.compress(SCRIPT))
    return tmp_path


async def asked(web: Path, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """The answer, and its body as it was sent."""
    transport = httpx.ASGITransport(app=Pages(web))
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://centre") as client,
        client.stream("GET", path, headers={"Accept-Encoding": "identity", **headers}) as answer,
    ):
        return answer, b"".join([chunk async for chunk in answer.aiter_raw()])


async def test_a_browser_that_takes_it_gets_the_packed_file_as_what_it_is(web: Path) -> None:
    answer, sent = await asked(web, "/assets/main-ABC.js", **{"Accept-Encoding": "gzip, deflate, br"})
    assert gzip.decompress(sent) == SCRIPT
    assert len(sent) == int(answer.headers["content-length"]) < len(SCRIPT)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["cache-control"] == IMMUTABLE


async def test_who_does_not_take_it_gets_the_file_itself(web: Path) -> None:
    answer, sent = await asked(web, "/assets/main-ABC.js")
    assert sent == SCRIPT
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding", "or a proxy would give it what another one takes"


async def test_what_was_not_packed_is_sent_as_it_is(web: Path) -> None:
    answer, sent = await asked(web, "/", **{"Accept-Encoding": "gzip"})
    assert sent == b"<!doctype html><title>console</title>"
    assert "content-encoding" not in answer.headers
    assert answer.headers["cache-control"] == "no-cache"


async def test_both_forms_have_tags_of_their_own(web: Path) -> None:
    packed, _ = await asked(web, "/assets/main-ABC.js", **{"Accept-Encoding": "gzip"})
    whole, _ = await asked(web, "/assets/main-ABC.js")
    assert packed.headers["etag"] != whole.headers["etag"]
    tag = packed.headers["etag"]
    again, sent = await asked(web, "/assets/main-ABC.js", **{"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert (again.status_code, sent) == (304, b"")


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("gzip", True), ("br, GZIP;q=0.5", True), ("gzip; q=1.0", True),
        ("", False), ("br", False), ("gzip;q=0", False), ("gzip; q=0.000, br", False), ("x-gzipped", False),
    ],
)  # fmt: skip
def test_a_weight_of_nothing_is_a_no(accepted: str, taken: bool) -> None:
    assert takes_gzip(accepted) is taken
