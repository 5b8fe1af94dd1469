"""Makes one module of the firmware's slimmed ones, with short names throughout.

Every .mpy brings a table of the names in it, and on the device every module a dictionary of what it
imported; one module says each name once and imports nothing of ours. The names themselves, of
classes, functions, attributes and parameters alike, are only for people: here they become one to
three letters, by one table for all modules, which is written beside the image so that a trace can
be read. What MicroPython or anybody else outside gave its name keeps it (`outside_names`).

What is imported inside a function stays a module of its own, loaded when it is needed. Line
numbers do not survive; `slim` alone keeps them, for a build that is to be traced.
"""

from __future__ import annotations

import ast
import asyncio
import binascii
import builtins
import errno
import gc
import hashlib
import io
import itertools
import json
import keyword
import os
import socket
import ssl
import string
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kentongan_tools.slim import TEXT_MAX

_LIBRARIES = (asyncio, binascii, builtins, errno, gc, hashlib, io, json, os, socket, ssl, struct, sys, time)
_LIBRARY_TYPES = (
    *(str, bytes, bytearray, memoryview, list, dict, set, tuple, int, float, OSError, io.BytesIO, io.TextIOWrapper),
    *(type(hashlib.sha256()), socket.socket, ssl.SSLContext, ssl.SSLSocket, asyncio.Event, asyncio.Lock, asyncio.Task),
)
# What MicroPython and the chip's modules name, CPython does not, and a name of ours may meet; a test
# holds this against MicroPython's stubs.
_DEVICE = (
    *("active", "any", "config", "connect", "core", "disconnect", "feed", "get_blob", "init", "ipconfig", "irq"),
    *("isconnected", "mode", "off", "on", "psk_identity", "psk_key", "raw", "read_uv", "readblocks", "reset", "scan"),
    *("set_blob", "set_ciphers", "sleep_ms", "status", "ticks_add", "ticks_diff", "ticks_ms", "toggle", "txdone"),
    *("value", "verify_mode", "wait_for_ms", "writeblocks"),
    *("handle", "left", "mac", "note", "path", "round", "start", "step", "text"),
)
# Names that somebody outside gave: an object that has one may not be ours.
OUTSIDE = frozenset(_DEVICE).union(*(dir(thing) for thing in (*_LIBRARIES, *_LIBRARY_TYPES)))

# Names that are in every MicroPython and in the .mpy format itself (py/makeqstrdata.py, static_qstr_list):
# they cost a device nothing. Used for what is ours, wherever our sources do not say them themselves.
_INBORN = (
    *("ArithmeticError", "AssertionError", "AttributeError", "EOFError", "Ellipsis", "GeneratorExit", "ImportError"),
    *("IndentationError", "KeyboardInterrupt", "LookupError", "NameError", "NoneType", "NotImplementedError"),
    *("OverflowError", "RuntimeError", "StopIteration", "SyntaxError", "SystemExit", "ZeroDivisionError"),
    *("abs", "all", "any", "append", "args", "bool", "builtins", "bytearray", "bytecode", "bytes", "callable", "chr"),
    *("classmethod", "clear", "close", "copy", "count", "dict", "dir", "divmod", "end", "endswith", "eval"),
    *("exec", "extend", "find", "format", "from_bytes", "get", "getattr", "globals", "hasattr", "hash", "id", "index"),
    *("insert", "int", "isalpha", "isdigit", "isinstance", "islower", "isspace", "issubclass", "isupper", "items"),
    *("iter", "join", "key", "keys", "len", "list", "little", "locals", "lower", "lstrip", "map", "micropython"),
    *("next", "object", "open", "ord", "pop", "popitem", "pow", "print", "range", "read", "readinto", "readline"),
    *("remove", "replace", "repr", "reverse", "rfind", "rindex", "round", "rsplit", "rstrip", "send", "sep", "set"),
    *(
        "setattr",
        "setdefault",
        "sort",
        "sorted",
        "split",
        "start",
        "startswith",
        "staticmethod",
        "step",
        "stop",
        "str",
        "strip",
    ),
    *("sum", "throw", "to_bytes", "tuple", "type", "update", "upper", "value", "values", "write", "zip"),
)

_OURS = ("kentongan_button", "kentongan_wire")
_APART = "_"  # before what a module apart has from the bundle, for its own names are short in another way
_FIELDS = "FIELDS"  # of a `Record`: names of attributes as texts

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class Bundle:
    """What came out.

    Attributes:
        modules: text by module name: the entry, which holds all that it needs, and those loaded later.
        names: what a short name means.
    """

    modules: dict[str, str]
    names: dict[str, str]


@dataclass
class _Module:
    name: str
    tree: ast.Module
    own: set[str] = field(default_factory=set)  # names that it defines itself at its top
    from_ours: dict[str, tuple[str, str]] = field(default_factory=dict)  # local name → (module, name there)
    modules: dict[str, str] = field(default_factory=dict)  # local name → module of ours


def bundle(texts: Mapping[str, str], entry: str, start: str = "main") -> Bundle:
    """One module of many.

    Args:
        texts: sources by dotted module name, as `slim` gives them before it shortens names.
        entry: the module that is started; it becomes the bundle.
        start: the function of it that is called, by this name.

    Raises:
        ValueError: a construct that would not survive.
    """
    trees = {name: ast.parse(text) for name, text in texts.items()}
    for tree in trees.values():
        _undress(tree)
    modules = {name: _survey(name, tree, set(trees)) for name, tree in trees.items()}
    inside = _order(modules, entry)
    names = _Names(modules, inside, (entry, start))
    parts = [names.rewrite(modules[name]) for name in inside]
    imports = sorted({ast.unparse(node) for part in parts for node in part if _is_import(node)})
    body = [node for part in parts for node in part if not _is_import(node)]
    made = {entry: "\n".join([*imports, *map(ast.unparse, body)]) + "\n"}
    for name, module in modules.items():
        if name not in inside and not _is_package(name, modules):
            made[name] = ast.unparse(ast.Module(names.rewrite(module, entry), [])) + "\n"
    return Bundle(made, names.table())


def _is_package(name: str, modules: Iterable[str]) -> bool:
    return any(other.startswith(name + ".") for other in modules)


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _undress(tree: ast.Module) -> None:
    """Without docstrings, annotations and `pass` that nobody needs, which cost nothing but lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
            for argument in _arguments(node):
                argument.annotation = None
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [_plain(inner) for inner in body if not _says_nothing(inner)]  # type: ignore[attr-defined]
            if not node.body and not isinstance(node, ast.Module):  # type: ignore[attr-defined]
                node.body = [ast.Pass()]  # type: ignore[attr-defined]


def _says_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.AnnAssign):
        return node.value is None
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _plain(node: ast.stmt) -> ast.stmt:
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        return ast.Assign([node.target], node.value, lineno=node.lineno)
    return node


def _arguments(node: Function) -> list[ast.arg]:
    given = node.args
    rest = [argument for argument in (given.vararg, given.kwarg) if argument]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *rest]


# --- what stands where -----------------------------------------------------------------------------


def _survey(name: str, tree: ast.Module, known: set[str]) -> _Module:
    module = _Module(name, tree)
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            module.own.add(statement.name)
        elif isinstance(statement, ast.Assign):
            parts = [part for target in statement.targets for part in ast.walk(target)]
            module.own |= {part.id for part in parts if isinstance(part, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(_OURS):
            for alias in node.names:
                local, whole = alias.asname or alias.name, f"{node.module}.{alias.name}"
                if whole in known:
                    module.modules[local] = whole
                else:
                    module.from_ours[local] = (str(node.module), alias.name)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            raise ValueError(f"{name}: the bundle knows no {type(node).__name__.lower()}")
    return module


def _order(modules: Mapping[str, _Module], entry: str) -> list[str]:
    """The modules that the entry imports at its top, each after those that it imports itself."""
    done: list[str] = []
    under_way: set[str] = set()

    def visit(name: str) -> None:
        if name in done or name not in modules:
            return
        if name in under_way:
            raise ValueError(f"{name} imports itself in a circle")
        under_way.add(name)
        for node in modules[name].tree.body:
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    visit(f"{node.module}.{alias.name}")
                visit(str(node.module))
        if not _is_package(name, modules):
            done.append(name)

    visit(entry)
    return done


# --- names -----------------------------------------------------------------------------------------


def _letters(taken: set[str]) -> Iterator[str]:
    for length in itertools.count(1):
        for rest in itertools.product(string.ascii_letters + string.digits, repeat=length - 1):
            for first in string.ascii_letters:
                name = first + "".join(rest)
                if name not in taken:
                    yield name


class _Names:
    """The table: short names of what stands at a module's top, and of attributes."""

    def __init__(self, modules: Mapping[str, _Module], inside: list[str], start: tuple[str, str]) -> None:
        self.inside = set(inside)
        self.modules = modules
        nodes = [node for module in modules.values() for node in ast.walk(module.tree)]
        words = Counter(word for node in nodes for word in _words(node))
        self.keywords = {given.arg for node in nodes if isinstance(node, ast.Call) for given in node.keywords}
        taken = {*words, *keyword.kwlist, *OUTSIDE}
        inborn = [name for name in _INBORN if name not in words]
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
            self._short.update(zip(keys, itertools.chain(inborn, _letters(taken)), strict=False))
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
        return self._short.get(("", name), name)

    def top(self, module: str, name: str) -> str:
        if module not in self.inside:
            return self.attribute(name)
        origin = self.modules[module].from_ours.get(name)
        return self.top(*origin) if origin else self._short.get((module, name), name)

    # --- rewriting ---------------------------------------------------------------------------------

    def rewrite(self, module: _Module, bundled: str = "") -> list[ast.stmt]:
        """The module's statements with short names; `bundled` is where a module apart finds the others."""
        _check_texts(module, self._short)
        tree = _Rewriter(self, module, bundled).visit(module.tree)
        assert isinstance(tree, ast.Module)
        return [ast.fix_missing_locations(node) for node in tree.body]


def _words(node: ast.AST) -> Iterator[str]:
    for name in ("id", "attr", "name", "arg"):
        word = getattr(node, name, None)
        if isinstance(word, str):
            yield word


def _said(node: ast.AST) -> Iterator[str]:
    """Short texts, which MicroPython keeps once, like names: where a text could be a name, the name is free."""
    text = node.value if isinstance(node, ast.Constant) else None
    if isinstance(text, str) and text.isidentifier() and text.isascii() and len(text) <= TEXT_MAX:
        yield text


def _exceptions(modules: Mapping[str, _Module]) -> set[str]:
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


def _check_texts(module: _Module, short: Mapping[tuple[str, str], str]) -> None:
    """`getattr(x, "name")` has to mean a name from outside."""
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"getattr", "hasattr", "setattr"}
        ):
            name = node.args[1]
            if isinstance(name, ast.Constant) and ("", name.value) in short:
                raise ValueError(f"{module.name}: {ast.unparse(node)} names an attribute of ours")


class _Rewriter(ast.NodeTransformer):
    def __init__(self, names: _Names, module: _Module, bundled: str) -> None:
        self._names = names
        self._module = module
        self._bundled = bundled
        self._scopes: list[dict[str, str]] = []  # parameters (short) and other local names (themselves)

    # --- imports -----------------------------------------------------------------------------------

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt | list[ast.ImportFrom]:
        if not str(node.module).startswith(_OURS):
            return node
        out = []
        for alias in node.names:
            local, whole = alias.asname or alias.name, f"{node.module}.{alias.name}"
            if whole in self._names.modules:
                if whole in self._names.inside and self._bundled:
                    raise ValueError(
                        f"{self._module.name}: import names of {whole}, which is in the bundle, not itself"
                    )
                if whole not in self._names.inside:
                    out.append((str(node.module), ast.alias(alias.name, local if local != alias.name else None)))
            elif self._bundled:
                short = self._names.top(str(node.module), alias.name)
                found = self._bundled if str(node.module) in self._names.inside else str(node.module)
                out.append((found, ast.alias(short, _APART + short)))
            elif str(node.module) not in self._names.inside:
                raise ValueError(f"{self._module.name}: import the module {node.module}, not {alias.name} of it")
        return [ast.ImportFrom(module, [alias], 0) for module, alias in out]

    # --- scopes ------------------------------------------------------------------------------------

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        name = self._names.attribute(node.name) if self._scopes else self._names.top(self._module.name, node.name)
        bases = [self.visit(base) for base in node.bases]
        body: list[ast.stmt] = []
        for inner in node.body:
            if isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Name):
                target = inner.targets[0].id
                value = self._fields(inner.value) if target == _FIELDS else self.visit(inner.value)
                body.append(ast.Assign([ast.Name(self._names.attribute(target), ast.Store())], value))
            elif isinstance(inner, ast.FunctionDef) and inner.name == "__repr__":
                continue  # nothing on a device prints objects
            else:
                body.append(self.visit(inner))
        return ast.ClassDef(name, bases, [], body or [ast.Pass()], node.decorator_list)

    def _fields(self, value: ast.expr) -> ast.expr:
        for node in ast.walk(value):
            if isinstance(node, ast.Constant):
                node.value = self._names.attribute(str(node.value))
        return value

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, *, method: bool) -> ast.stmt:
        if method:
            node.name = self._names.attribute(node.name)
        elif not self._scopes:
            node.name = self._names.top(self._module.name, node.name)
        node.decorator_list = [self._decorator(one) for one in node.decorator_list]
        self._enter(node)
        made = [self.visit(inner) for inner in node.body]
        node.body = [one for inner in made for one in (inner if isinstance(inner, list) else [inner])] or [ast.Pass()]
        self._scopes.pop()
        return node

    def _decorator(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Name):
            return node
        raise ValueError(f"{self._module.name}: the bundle knows no decorator {ast.unparse(node)}")

    def _enter(self, node: Function) -> None:
        """Short names for the parameters, defaults seen from outside."""
        node.args.defaults = [self.visit(value) for value in node.args.defaults]
        node.args.kw_defaults = [value and self.visit(value) for value in node.args.kw_defaults]
        used = {word for inner in ast.walk(node) for word in _words(inner)}
        outer = set(itertools.chain.from_iterable(scope.values() for scope in self._scopes))
        spare = _letters(used | outer | self._names.tops | set(keyword.kwlist))
        scope = {name: name for name in _bound(node)}
        for argument in _arguments(node):
            scope[argument.arg] = argument.arg if argument.arg in self._names.keywords else next(spare)
            argument.arg = scope[argument.arg]
        self._scopes.append(scope)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return self._function(node, method=_is_method(node))

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return self._function(node, method=_is_method(node))

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        self._enter(node)
        node.body = self.visit(node.body)
        self._scopes.pop()
        return node

    # --- names -------------------------------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> ast.expr:
        for scope in reversed(self._scopes):
            if node.id in scope:
                return ast.Name(scope[node.id], node.ctx)
        if node.id in self._module.from_ours:
            short = self._names.top(*self._module.from_ours[node.id])
            return ast.Name(_APART + short if self._bundled else short, node.ctx)
        if node.id in self._module.own:
            return ast.Name(self._names.top(self._module.name, node.id), node.ctx)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and not any(node.value.id in scope for scope in self._scopes):
            origin = self._module.modules.get(node.value.id)
            if origin in self._names.inside:
                return ast.Name(self._names.top(str(origin), node.attr), node.ctx)
        return ast.Attribute(self.visit(node.value), self._names.attribute(node.attr), node.ctx)


def _sets_own(node: ast.AST) -> bool:
    """`self.x = …`; what is set on other objects may be theirs."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Store):
        return False
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _is_method(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    first = node.args.args[0].arg if node.args.args else ""
    return first in {"self", "cls"}


def _bound(node: Function) -> set[str]:
    """Names that a function binds besides its parameters, not those of functions within."""
    found: set[str] = set()
    waiting: list[ast.AST] = list(node.body) if isinstance(node.body, list) else [node.body]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(inner.name)
            continue
        if isinstance(inner, ast.Lambda):
            continue
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            found.add(inner.id)
        elif isinstance(inner, ast.ExceptHandler) and inner.name:
            found.add(inner.name)
        elif isinstance(inner, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in inner.names}
        waiting += ast.iter_child_nodes(inner)
    return found
