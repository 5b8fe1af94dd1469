"""The table of short names for `bundle`."""

from __future__ import annotations

import ast
import itertools
import keyword
import string
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kentongan_tools.device_names import INBORN, OUTSIDE
from kentongan_tools.slim import TEXT_MAX

OURS = ("kentongan_button", "kentongan_wire")

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass
class Module:
    """A module of the firmware, and what its names stand for."""

    name: str
    tree: ast.Module
    own: set[str] = field(default_factory=set)  # names that it defines itself at its top
    from_ours: dict[str, tuple[str, str]] = field(default_factory=dict)  # local name → (module, name there)
    modules: dict[str, str] = field(default_factory=dict)  # local name → module of ours


class Names:
    """The table: short names of what stands at a module's top, and of attributes."""

    def __init__(self, modules: Mapping[str, Module], inside: list[str], start: tuple[str, str]) -> None:
        self.inside = set(inside)
        self.modules = modules
        nodes = [node for module in modules.values() for node in ast.walk(module.tree)]
        words = Counter(word for node in nodes for word in words_of(node))
        self.keywords = {given.arg for node in nodes if isinstance(node, ast.Call) for given in node.keywords}
        taken = {*words, *keyword.kwlist, *OUTSIDE}
        inborn = [name for name in INBORN if name not in words]
        inborn += sorted({text for node in nodes for text in _said(node)} - taken - set(inborn))
        taken |= set(inborn)
        kept = _exceptions(modules)
        tops = [(name, own) for name in inside for own in sorted(modules[name].own) if own not in kept]
        attributes = [("", attribute) for attribute in sorted(self._attributes())]
        self._short: dict[tuple[str, str], str] = {}
        # What stands at the top and what belongs to objects never meet, so they share the short names;
        # each name that the device has not heard yet costs it memory. The most frequent get the shortest.
        needless = self.keywords  # names that the device hears in any case
        for keys in ([key for key in tops if key != start], [key for key in attributes if key[1] not in needless]):
            keys.sort(key=lambda key: -words[key[1]])
            self._short.update(zip(keys, itertools.chain(inborn, letters(taken)), strict=False))
        self.tops = {short for (module, _), short in self._short.items() if module}

    def table(self) -> dict[str, str]:
        """Long names by short ones; an attribute's with a dot before it."""
        table: dict[str, str] = {}
        for (module, name), short in self._short.items():
            meaning = f"{module}.{name}"
            table[short] = f"{table[short]} or {meaning}" if short in table else meaning
        return table

    def _attributes(self) -> set[str]:
        """Names of attributes that are ours alone."""
        found: set[str] = set()
        for module in self.modules.values():
            if module.name not in self.inside:
                found |= module.own
            for node in ast.walk(module.tree):
                if isinstance(node, ast.ClassDef):
                    found |= {
                        inner.name for inner in node.body if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
                    }
                    found |= {
                        target.id
                        for inner in node.body
                        if isinstance(inner, ast.Assign)
                        for target in inner.targets
                        if isinstance(target, ast.Name)
                    }
                elif _sets_own(node):
                    found.add(node.attr)  # type: ignore[attr-defined]
        return {name for name in found if not name.startswith("__") and name not in OUTSIDE}

    def attribute(self, name: str) -> str:
        """The short name of an attribute."""
        return self._short.get(("", name), name)

    def top(self, module: str, name: str) -> str:
        """The short name of what stands at the top of a module."""
        if module not in self.inside:
            return self.attribute(name)
        origin = self.modules[module].from_ours.get(name)
        return self.top(*origin) if origin else self._short.get((module, name), name)


def letters(taken: set[str]) -> Iterator[str]:
    """Names of one letter, then of two, and so on, that are not taken."""
    for length in itertools.count(1):
        for rest in itertools.product(string.ascii_letters + string.digits, repeat=length - 1):
            for first in string.ascii_letters:
                name = first + "".join(rest)
                if name not in taken:
                    yield name


def arguments(node: Function) -> list[ast.arg]:
    """All parameters of a function."""
    given = node.args
    rest = [argument for argument in (given.vararg, given.kwarg) if argument]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *rest]


def words_of(node: ast.AST) -> Iterator[str]:
    """The names that a node says."""
    for name in ("id", "attr", "name", "arg"):
        word = getattr(node, name, None)
        if isinstance(word, str):
            yield word


def _said(node: ast.AST) -> Iterator[str]:
    """Short texts, which MicroPython keeps once, like names: where a text could be a name, the name is free."""
    text = node.value if isinstance(node, ast.Constant) else None
    if isinstance(text, str) and text.isidentifier() and text.isascii() and len(text) <= TEXT_MAX:
        yield text


def _exceptions(modules: Mapping[str, Module]) -> set[str]:
    """Classes of errors: their names are what a person reads first."""
    kept: set[str] = set()
    classes = [node for module in modules.values() for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    while True:
        more = {
            node.name
            for node in classes
            for base in node.bases
            if isinstance(base, ast.Name) and (base.id in kept or base.id.endswith(("Error", "Exception")))
        }
        if more <= kept:
            return kept
        kept |= more


def _sets_own(node: ast.AST) -> bool:
    """`self.x = …`; what is set on other objects may be theirs."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Store):
        return False
    return isinstance(node.value, ast.Name) and node.value.id == "self"
