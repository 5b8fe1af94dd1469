"""The firmware as one module with short names: what it computes stays, what it is called does not."""

from __future__ import annotations

import ast
import builtins
import sys
import types
from functools import cache

import pytest

from kentongan_sim.flash_image import ENTRY, firmware_sources
from kentongan_tools.bundle import Bundle, bundle
from kentongan_tools.device_names import OUTSIDE
from kentongan_tools.slim import prune
from tests.support.interpreter import ROOT

APP = "kentongan_button.app"


def bundled(**sources: str) -> Bundle:
    return bundle({f"kentongan_button.{name}": text for name, text in sources.items()}, APP)


@cache
def whole() -> Bundle:
    return bundle(prune({name: path.read_text() for name, path in firmware_sources().items()}, ENTRY), ENTRY)


def run(made: Bundle, monkeypatch: pytest.MonkeyPatch) -> object:
    """What `main()` of the bundle returns; the other modules can be imported."""
    monkeypatch.setitem(sys.modules, "kentongan_button", types.ModuleType("kentongan_button"))
    for name, text in reversed(made.modules.items()):
        module = types.ModuleType(name)
        monkeypatch.setitem(sys.modules, name, module)
        setattr(sys.modules["kentongan_button"], name.rpartition(".")[2], module)
        exec(text, module.__dict__)
    main = sys.modules[APP].main
    return main()


def test_names_of_several_modules_do_not_meet(monkeypatch):
    made = bundled(
        left="_SIZE = 3\ndef count(number):\n    return number + _SIZE\n",
        right="_SIZE = 4\ndef count(number):\n    return number * _SIZE\n",
        app=(
            "from kentongan_button import left\nfrom kentongan_button.right import count\n"
            "def main():\n    return left.count(1), count(2)\n"
        ),
    )
    assert list(made.modules) == [APP]
    assert run(made, monkeypatch) == (4, 8)


def test_objects_defaults_closures_and_inheritance_work_as_before(monkeypatch):
    made = bundled(
        base=(
            "class Shape:\n    FIELDS = ()\n    def as_tuple(self):\n"
            "        return tuple([getattr(self, name) for name in self.FIELDS])\n"
        ),
        app=(
            "from kentongan_button.base import Shape\nSTART = 7\n"
            "class Box(Shape):\n    FIELDS = ('width', 'height')\n    level = 2\n"
            "    def __init__(self, width, height=START):\n        self.width = width\n        self.height = height\n"
            "    @property\n    def area(self):\n        return self.width * self.height\n"
            "    @classmethod\n    def square(cls, width):\n        return cls(width, width)\n"
            "    def grower(self, step):\n        def grow(times):\n            self.width += step * times\n"
            "            return [width for width in range(self.width)]\n        return grow\n"
            "def main():\n    box = Box(2)\n    sizes = box.grower(3)(1)\n"
            "    return box.area, box.as_tuple(), len(sizes), Box.square(3).area, box.level, "
            "sorted([box.area, 1], key=lambda area: -area)\n"
        ),
    )
    assert run(made, monkeypatch) == (35, (5, 7), 5, 9, 2, [35, 1])
    text = made.modules[APP]
    for long in ("height", "Shape", "START", "area", "grower", "as_tuple"):
        assert long not in text
    assert any(meaning.endswith(".height") for meaning in made.names.values())


def test_keywords_keep_their_names(monkeypatch):
    made = bundled(
        app=(
            "def trace(name, **values):\n    return name, values\n"
            "def saved(now_ms, failed=False):\n    return now_ms, failed\n"
            "def main():\n    return trace('x', sequence=1, **{'level': 2}), saved(3, failed=True)\n"
        )
    )
    assert run(made, monkeypatch) == (("x", {"sequence": 1, "level": 2}), (3, True))


def test_what_others_named_keeps_its_name(monkeypatch):
    made = bundled(
        app=(
            "import io\nclass Sink:\n    def __init__(self):\n        self.sink = io.BytesIO()\n"
            "    def write(self, data):\n        return self.sink.write(data)\n"
            "def main():\n    return Sink().write(b'abc')\n"
        )
    )
    assert ".write(" in made.modules[APP]
    assert run(made, monkeypatch) == 3


def test_errors_keep_their_names(monkeypatch):
    made = bundled(
        app=(
            "class FirstError(ValueError):\n    pass\nclass Second(FirstError):\n    pass\n"
            "def main():\n    try:\n        raise Second('x')\n"
            "    except FirstError as error:\n        return repr(error)\n"
        )
    )
    assert run(made, monkeypatch) == "Second('x')"


def test_what_a_function_imports_stays_apart_and_finds_the_bundle(monkeypatch):
    made = bundled(
        lib="LIMIT = []\ndef limit():\n    return LIMIT + [5]\n",
        rare=(
            "from kentongan_button.lib import limit\nCOUNT = []\n"
            "def answer(given):\n    return limit() + COUNT + [given]\n"
        ),
        app=(
            "from kentongan_button.lib import limit\ndef main():\n    limit()\n"
            "    from kentongan_button import rare\n    return rare.answer(2)\n"
        ),
    )
    assert sorted(made.modules) == [APP, "kentongan_button.rare"]
    module = types.ModuleType("kentongan_button")
    monkeypatch.setitem(sys.modules, "kentongan_button", module)
    app = types.ModuleType(APP)
    monkeypatch.setitem(sys.modules, APP, app)
    exec(made.modules[APP], app.__dict__)
    rare = types.ModuleType("kentongan_button.rare")
    exec(made.modules["kentongan_button.rare"], rare.__dict__)
    module.__dict__["rare"] = rare
    monkeypatch.setitem(sys.modules, "kentongan_button.rare", rare)
    assert app.main() == [5, 2]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (
            "class A:\n    def __init__(self):\n        self.own = 1\ndef main():\n    return getattr(A(), 'own')\n",
            "own",
        ),
        ("LEVEL = [1]\ndef main():\n    global LEVEL\n    LEVEL = 2\n", "global"),
        ("import functools\n@functools.cache\ndef main():\n    return 1\n", "decorator"),
    ],
)
def test_what_would_not_survive_is_refused(source, reason):
    with pytest.raises(ValueError, match=reason):
        bundled(app=source)


def test_no_name_that_is_shortened_is_one_of_the_devices():
    """MicroPython's stubs name what the chip's modules have; an attribute of ours must not share it unless kept."""
    theirs: set[str] = set()
    stubs = [path for path in (ROOT / ".stubs").glob("*.pyi") if not path.name.startswith("u")]
    assert stubs, "run make setup"
    for path in stubs:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                theirs |= {
                    inner.name for inner in node.body if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
                }
    made = whole()
    attributes = {part[1:] for meaning in made.names.values() for part in meaning.split(" or ") if part.startswith(".")}
    assert len(attributes) > 200
    assert attributes & theirs == set()
    assert not attributes & (OUTSIDE | set(dir(builtins)))


def test_a_short_name_is_one_that_the_sources_do_not_say_themselves():
    said = {
        word
        for text in prune({name: path.read_text() for name, path in firmware_sources().items()}, ENTRY).values()
        for node in ast.walk(ast.parse(text))
        for word in (getattr(node, "id", ""), getattr(node, "attr", ""), getattr(node, "arg", ""))
    }
    made = whole()
    assert set(made.names) & said <= {"object"}  # which stands in annotations only
    assert all(meaning.count(" or ") <= 1 for meaning in made.names.values())  # one at the top, one of objects
