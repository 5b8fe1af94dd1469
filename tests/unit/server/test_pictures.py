"""Pictures of sites: told from their own bytes, bounded, and never anything that a browser would run."""

from __future__ import annotations

import pytest

from kentongan_server.domain.errors import CentreError, InvalidError
from kentongan_server.domain.picture import BYTES_MAX, SIDE_MAX, TooLargeError, check
from tests.support.pictures import jpeg, png, webp


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (png(640, 480), "image/png"),
        (jpeg(640, 480), "image/jpeg"),
        (webp(b"VP8 ", 640, 480), "image/webp"),
        (webp(b"VP8L", 640, 480), "image/webp"),
        (webp(b"VP8X", 640, 480), "image/webp"),
    ],
)
def test_three_kinds_are_known_by_their_bytes(data, media_type):
    found = check(data)
    assert (found.media_type, found.width, found.height, found.data) == (media_type, 640, 480, data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + bytes(100),
        b"\xff\xd8\xff<script>" + bytes(100),
        b"RIFF\0\0\0\0WEBPXXXX" + bytes(30),
        b"\x89PNG\r\n\x1a\n" + bytes(30),
    ],
)
def test_what_is_no_picture_is_told(data):
    with pytest.raises(InvalidError, match="picture: expected"):
        check(data)


@pytest.mark.parametrize("make", [png, jpeg, lambda *size: webp(b"VP8X", *size)])
@pytest.mark.parametrize("size", [(SIDE_MAX + 1, 1), (1, SIDE_MAX + 1)])
def test_sides_are_bounded(make, size):
    with pytest.raises(InvalidError, match="4096 pixels"):
        check(make(*size))


def test_bytes_are_bounded():
    check(png() + bytes(BYTES_MAX - len(png())))
    with pytest.raises(TooLargeError, match="2000000"):
        check(png() + bytes(BYTES_MAX))


@pytest.mark.parametrize("data", [png(), jpeg(), webp(b"VP8 "), webp(b"VP8L"), webp(b"VP8X")])
def test_what_ends_too_early_is_told_wherever_it_ends(data):
    for length in range(len(data)):
        try:
            check(data[:length])
        except CentreError:
            continue
        assert length >= 24, "the size had come by then"
