"""The slimmer of the firmware's sources: what goes, what stays, and that it still does the same."""

from __future__ import annotations

import pytest

from kentongan_sim.flash_image import ENTRY, firmware_sources
from kentongan_tools.slim import slim


def slimmed(**modules: str) -> dict[str, str]:
    return slim({f"room.{name}": text for name, text in modules.items()}, "room.app")


def code(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip() and not line.strip().startswith("#")]


def test_numbers_take_the_place_of_their_names():
    out = slimmed(app="A_MS = 2 * 50\n_B = A_MS << 1\ndef main():\n    return A_MS + _B\n")
    assert code(out["room.app"]) == ["def main():", "return 100 + 200"]


def test_numbers_are_followed_through_imports():
    out = slimmed(
        limits="LIMIT = 7\nNEGATIVE = -LIMIT\n",
        app="from room import limits as l\nfrom room.limits import LIMIT, NEGATIVE\ndef main():\n"
        "    return LIMIT, NEGATIVE, l.LIMIT\n",
    )
    assert "return 7, (-7), 7" in out["room.app"]
    assert "room.limits" not in out


def test_short_texts_are_put_in_place_and_long_ones_kept_once():
    out = slimmed(app="S = 'short'\nLONG = 'longer than ten'\ndef main():\n    return S, LONG, LONG\n")
    assert code(out["room.app"]) == ["LONG = 'longer than ten'", "def main():", "return 'short', LONG, LONG"]


def test_a_name_that_is_read_from_whatever_module_comes_stays():
    out = slimmed(
        pins_a="PIN = 1\n",
        pins_b="PIN = 2\n",
        app="def choose(one):\n    if one:\n        from room import pins_a as pins\n    else:\n"
        "        from room import pins_b as pins\n    return pins\ndef main():\n    return choose(1).PIN\n",
    )
    assert code(out["room.pins_a"]) == ["PIN = 1"]
    assert code(out["room.pins_b"]) == ["PIN = 2"]
    assert "choose(1).PIN" in out["room.app"]


def test_what_nobody_mentions_goes_even_when_it_mentions_itself():
    out = slimmed(
        lib="class Used:\n    def used(self):\n        return 1\n    def idle(self):\n        return self.idle()\n"
        "class Idle:\n    def make(self):\n        return Idle()\ndef helper():\n    return Idle\n",
        app="from room.lib import Used\ndef main():\n    return Used().used()\n",
    )
    assert code(out["room.lib"]) == ["class Used:", "def used(self):", "return 1"]


def test_modules_that_nobody_needs_go():
    assert set(slimmed(idle="X = print()\n", app="def main():\n    print()\n")) == {"room.app"}


def test_typing_and_absent_libraries_go():
    out = slimmed(
        app="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from typing import Any\nKEY = print\n"
        "try:\n    import hmac\nexcept ImportError:\n    pass\nelse:\n    KEY = hmac\ndef main():\n    return KEY\n"
    )
    assert code(out["room.app"]) == ["KEY = print", "def main():", "return KEY"]


def test_private_names_become_short_and_public_ones_stay():
    out = slimmed(
        app="def _helper(argument):\n    return argument\n"
        "class Thing:\n    def __init__(self):\n        self._secret = 1\n        self.shown = 2\n"
        "    def _method(self):\n        return self._secret\n"
        "    def show(self):\n        return _helper(self._method()) + other._foreign\n"
        "def main():\n    return Thing().show(), Thing().shown\n"
    )["room.app"]
    for gone in ("_helper", "_secret", "_method"):
        assert gone not in out
    for kept in ("__init__", "other._foreign", ".shown", "def show"):
        assert kept in out


def test_short_names_do_not_meet_names_that_are_there():
    out = slimmed(app="def _long():\n    return 1\ndef main(_a):\n    return _long() + _a\n")["room.app"]
    scope: dict = {}
    exec(out, scope)
    assert scope["main"](2) == 3


def test_private_names_of_two_modules_in_one_object_are_refused():
    with pytest.raises(ValueError, match="Base"):
        slimmed(
            base="class Base:\n    def __init__(self):\n        self._x = 1\n",
            app="from room.base import Base\nclass Sub(Base):\n    def set(self):\n        self._y = 2\n"
            "def main():\n    Sub().set()\n    return Sub()._x\n",
        )


def test_every_line_keeps_its_number():
    source = (
        '"""Docs."""\nfrom room.lib import (\n    A,\n    f,\n)\n\n_LIMIT = 5  # why\n\n\ndef main():\n'
        "    return f(A,\n             _LIMIT)\n"
    )
    out = slimmed(lib="A = 1\ndef f(a, b):\n    return a + b\n", app=source)["room.app"]
    assert out.count("\n") == source.count("\n")
    assert out.split("\n")[9] == "def main():"


def test_it_computes_what_the_source_computes():
    source = (
        "SIZE = 3\n_SCALE = 1 << 4\nclass Box:\n    def __init__(self, n):\n        self._n = n\n"
        "    def _double(self):\n        return self._n * 2\n    def area(self):\n"
        "        return self._double() * SIZE - _SCALE\ndef main():\n    return Box(21).area()\n"
    )
    before: dict = {}
    after: dict = {}
    exec(source, before)
    exec(slimmed(app=source)["room.app"], after)
    assert after["main"]() == before["main"]() == 110


def test_the_firmware_stays_itself_line_by_line():
    sources = {name: path.read_text() for name, path in firmware_sources().items()}
    out = slim(sources, ENTRY)
    assert ENTRY in out
    for unneeded in ("kentongan_wire.armour_dense", "kentongan_wire.custody", "kentongan_button.boot"):
        assert unneeded in sources
        assert unneeded not in out
    for name, text in out.items():
        assert text.count("\n") == sources[name].count("\n")
    assert sum(map(len, out.values())) < sum(map(len, sources.values()))
