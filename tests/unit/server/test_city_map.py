"""The city's map: what is one, what is refused and why, and how it is served by parts."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from kentongan_host.errors import HostError
from kentongan_server.adapters import city_map as files
from kentongan_server.adapters.city_map import CityMap
from kentongan_server.api import city_map as api
from kentongan_server.api import errors
from kentongan_server.domain import pmtiles
from kentongan_server.domain.pmtiles import NoMapError
from tests.support.pmtiles import BOUNDS, archive
from tests.support.vector_tiles import MAX_ZOOM, city


@pytest.fixture
def given_file(tmp_path):
    def write(data: bytes):
        path = tmp_path / "given.pmtiles"
        path.write_bytes(data)
        return path

    return write


def test_a_map_is_taken_with_its_layers_and_bounds(given_file, tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    found = files.use(given_file(archive()), state)
    assert found.layers == ("roads", "places")
    assert found.head.bounds == pytest.approx(BOUNDS)
    assert (state / files.NAME).read_bytes() == archive()
    assert [path.name for path in state.iterdir()] == [files.NAME]


def test_a_city_of_real_tiles_is_taken_with_all_its_layers(given_file):
    found = files.inspect(given_file(city()))
    assert found.layers == ("earth", "places", "roads", "water", "waterway")
    assert (found.head.min_zoom, found.head.max_zoom) == (0, MAX_ZOOM)
    assert found.head.bounds == pytest.approx(BOUNDS)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "does not begin with PMTiles"),
        (b"SQLite format 3" + bytes(200), "does not begin with PMTiles"),
        (archive()[:100], "does not begin with PMTiles"),
        (archive(version=2), "found version 2"),
        (archive()[:-1], "Copy the whole file"),
        (archive(kind=2), "vector tiles"),
        (archive(layers=None), "description of its layers"),
        (archive(layers=[{"name": "no id"}]), "description of its layers"),
    ],
)
def test_what_is_no_map_is_refused_with_a_sentence_and_the_old_one_stays(given_file, tmp_path, data, sentence):
    state = tmp_path / "state"
    state.mkdir()
    files.use(given_file(archive()), state)
    with pytest.raises(NoMapError, match=sentence):
        files.use(given_file(data), state)
    assert (state / files.NAME).read_bytes() == archive()


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(HostError, match="cannot be read"):
        files.inspect(tmp_path / "nothing")


@given(st.binary(max_size=300), st.integers(0, 126), st.integers(0, 2**40))
def test_whatever_the_file_says_it_is_a_map_or_refused(noise, at, size):
    whole = archive()
    for data in (noise, whole[:at] + noise[:1] + whole[at + 1 :], b"PMTiles\x03" + noise):
        try:
            head = pmtiles.parse(data[: pmtiles.HEAD_LENGTH], size)
            pmtiles.layers(head, noise)
        except NoMapError:
            continue


@pytest.fixture
def served(tmp_path, monkeypatch):
    monkeypatch.setattr(api, "authorise", lambda request, path: None)
    app = FastAPI()
    app.router.routes += api.routes(CityMap(tmp_path))
    errors.install(app)
    return Client(app), tmp_path


class Client:
    """Asks an application without a network."""

    def __init__(self, app):
        self._app = app

    def get(self, path, headers=None):
        return asyncio.run(self._ask("GET", path, headers))

    def head(self, path):
        return asyncio.run(self._ask("HEAD", path, None))

    async def _ask(self, method, path, headers):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://centre") as client:
            return await client.request(method, path, headers=headers)


def test_without_a_file_there_is_no_map(served):
    client, _ = served
    assert client.get("/api/map").json()["available"] is False
    assert client.get("/map/city.pmtiles").status_code == 404


def test_parts_are_served_and_only_of_the_file_that_was_seen(served):
    client, state = served
    (state / files.NAME).write_bytes(archive())
    told = client.get("/api/map").json()
    assert (told["available"], told["layers"], told["max_zoom"]) == (True, ["roads", "places"], 0)

    part = client.get("/map/city.pmtiles", headers={"Range": "bytes=0-6"})
    assert (part.status_code, part.content) == (206, b"PMTiles")
    assert part.headers["etag"] == told["etag"]
    assert part.headers["content-range"] == f"bytes 0-6/{len(archive())}"
    same = client.get("/map/city.pmtiles", headers={"Range": "bytes=0-6", "If-Range": told["etag"]})
    other = client.get("/map/city.pmtiles", headers={"Range": "bytes=0-6", "If-Range": '"older"'})
    assert (same.status_code, other.status_code, other.content) == (206, 200, archive())
    assert client.get("/map/city.pmtiles", headers={"Range": "bytes=999999-"}).status_code == 416
    assert client.get("/map/city.pmtiles", headers={"If-None-Match": told["etag"]}).status_code == 304
    head = client.head("/map/city.pmtiles")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(archive())))


def test_a_replaced_file_is_taken_up_and_one_that_is_no_map_is_not_served(served):
    client, state = served
    (state / files.NAME).write_bytes(archive())
    before = client.get("/api/map").json()["etag"]
    (state / files.NAME).write_bytes(archive(layers=[{"id": "water"}, {"id": "earth"}, {"id": "roads"}]))
    after = client.get("/api/map").json()
    assert after["layers"] == ["water", "earth", "roads"]
    assert after["etag"] != before
    (state / files.NAME).write_bytes(b"not a map")
    assert client.get("/api/map").json()["available"] is False
    assert client.get("/map/city.pmtiles").status_code == 404


def test_a_description_that_is_longer_than_it_may_be_is_refused(given_file):
    bomb = [{"id": "roads", "padding": " " * pmtiles.METADATA_MAX}]
    with pytest.raises(NoMapError, match="description of its layers"):
        files.inspect(given_file(archive(layers=bomb)))


def test_what_follows_a_description_counts_as_its_length(given_file):
    with pytest.raises(NoMapError, match="description of its layers"):
        files.inspect(given_file(archive(after=b" " * pmtiles.METADATA_MAX)))
