"""Makes the firmware's sources smaller before mpy-cross compiles them, without changing what they do.

A name costs flash in every .mpy that says it, and heap on the device for as long as it runs:
naming values and sharing one set of wire formats with gateway and centre would not fit otherwise.
So, over all modules that the entry needs:

- blocks under `if TYPE_CHECKING:` go, and what a `try` would do with a library that MicroPython lacks;
- module-level names of whole values, short texts and layouts of `struct` are replaced by those, also where
  they are imported;
- module-level classes, functions and constants, and methods, that nobody mentions any more go;
- private names (one leading underscore) become short ones, the same in every module.

Every remaining line keeps its number, so that a trace from a device points into the real source.
"""

from __future__ import annotations

import ast
import itertools
import operator
import re
import string
import struct
from collections.abc import Callable, Collection, Iterator, Mapping

ABSENT = {"hmac"}  # libraries of CPython that a wire or core module uses where it can

_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*$")
TEXT_MAX = 10  # characters up to which MicroPython keeps equal texts once
_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
}

_PLAIN = (ast.Constant, ast.Tuple, ast.Dict, ast.Load, ast.Name, ast.UnaryOp, ast.unaryop, ast.BinOp, ast.operator)

Value = int | str
Edit = tuple[int, int, int, int, str]  # first line, column in bytes, last line, column in bytes, new text


def slim(sources: Mapping[str, str], entry: str, start: str = "main") -> dict[str, str]:
    """The modules that `entry` needs, made smaller.

    Args:
        sources: text by dotted module name; a package goes by its own name.
        entry: the module that is started.
        start: the function of it that is called.

    Raises:
        SyntaxError: a source does not parse.
        ValueError: a class with private names inherits some from another module.
    """
    texts = prune(sources, entry, start)
    _check_inheritance(texts)
    return {name: _shorten(text) for name, text in texts.items()}


def prune(sources: Mapping[str, str], entry: str, start: str = "main", unused: Collection[str] = ()) -> dict[str, str]:
    """The same without short names.

    `unused` are methods and values as `Class.name` that others of the same name keep alive, though
    nobody asks for these; ValueError when one is not there.
    """
    texts = {name: _without_typing(text) for name, text in sources.items()}
    texts = _without_methods(texts, unused)
    texts = {name: texts[name] for name in sorted(_needed(texts, entry))}
    texts = _inline(texts)
    while (smaller := _shake(texts, start)) != texts:
        texts = smaller
    return {name: text for name, text in texts.items() if _does_something(text)}


def _without_typing(text: str) -> str:
    edits = []
    for node in ast.parse(text).body:
        guarded = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        imported = isinstance(node, ast.ImportFrom) and node.module in {"typing", "__future__"}
        if guarded or imported or _tries_absent(node):
            edits.append(_deletion(node))
    return _apply(text, edits)


def _without_methods(texts: Mapping[str, str], unused: Collection[str]) -> dict[str, str]:
    found, out = set(), {}
    for name, text in texts.items():
        edits = []
        for owner in ast.parse(text).body:
            for node in owner.body if isinstance(owner, ast.ClassDef) else ():
                name_of = ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else getattr(node, "name", "")
                method = f"{owner.name}.{name_of}"  # type: ignore[attr-defined]
                if method in unused:
                    found.add(method)
                    edits.append(_deletion(node))
        out[name] = _apply(text, edits)
    if found != set(unused):
        raise ValueError(f"not there, yet said to be unused: {', '.join(sorted(set(unused) - found))}")
    return out


def _tries_absent(node: ast.stmt) -> bool:
    """`try: import hmac … except ImportError: pass`: on the device nothing of it ever runs."""
    if not isinstance(node, ast.Try) or not isinstance(node.body[0], ast.Import):
        return False
    passes = all(isinstance(handler.body[0], ast.Pass) for handler in node.handlers)
    return passes and node.body[0].names[0].name in ABSENT


def _needed(texts: Mapping[str, str], entry: str) -> set[str]:
    needed: set[str] = set()
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name in needed or name not in texts:
            continue
        needed.add(name)
        if "." in name:
            waiting.append(name.rpartition(".")[0])
        for node in ast.walk(ast.parse(texts[name])):
            if isinstance(node, ast.ImportFrom):
                waiting += [str(node.module)] + [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                waiting += [alias.name for alias in node.names]
    return needed


# --- values in place of their names ----------------------------------------------------------------


def _inline(texts: Mapping[str, str]) -> dict[str, str]:
    trees = {name: ast.parse(text) for name, text in texts.items()}
    values: dict[str, dict[str, Value]] = {name: {} for name in trees}
    known = -1
    while known != (known := sum(map(len, values.values()))):
        for name, tree in trees.items():
            scope = {**_imported(tree, values), **values[name]}
            for target, expression in _constants(tree):
                value = _evaluate(expression, scope)
                if value is not None:
                    values[name][target.id] = value
    return {name: _apply(text, list(_inlining(trees[name], values, name))) for name, text in texts.items()}


def _constants(tree: ast.Module) -> Iterator[tuple[ast.Name, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name) and _CONSTANT.match(target.id):
                yield target, node.value


def _imported(tree: ast.Module, values: Mapping[str, Mapping[str, Value]]) -> dict[str, Value]:
    """What the names in a module stand for that it imports, also as `module.NAME`."""
    found: dict[str, Value] = {}
    for local, module in _module_names(tree, values).items():
        found.update({f"{local}.{name}": value for name, value in values.get(module, {}).items()})
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known = values.get(str(node.module), {})
            found.update({alias.asname or alias.name: known[alias.name] for alias in node.names if alias.name in known})
    return found


def _evaluate(node: ast.expr, scope: Mapping[str, Value]) -> Value | None:
    if isinstance(node, ast.Constant):
        short = isinstance(node.value, str) and (len(node.value) <= TEXT_MAX or node.value.startswith(">"))
        return node.value if type(node.value) is int or short else None  # type: ignore[return-value]
    if isinstance(node, ast.Name | ast.Attribute):
        return scope.get(ast.unparse(node))
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "struct.calcsize":
        layout = _evaluate(node.args[0], scope)
        return struct.calcsize(layout) if isinstance(layout, str) and layout.startswith(">") else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = _evaluate(node.operand, scope)
        return -number if isinstance(number, int) else None
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _evaluate(node.left, scope), _evaluate(node.right, scope)
        if isinstance(left, int) and isinstance(right, int):
            return _OPERATORS[type(node.op)](left, right)
    return None


def _inlining(tree: ast.Module, values: Mapping[str, Mapping[str, Value]], name: str) -> Iterator[Edit]:
    scope = {**_imported(tree, values), **values[name]}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            gone = values.get(str(node.module), {})
            if any(alias.name in gone for alias in node.names):
                yield _import_without(node, set(gone))
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            value = scope.get(ast.unparse(node))
            if value is not None:
                yield _replacement(node, value)


def _module_names(tree: ast.Module, modules: Mapping[str, object]) -> dict[str, str]:
    """Names that stand for one whole module of ours, whichever function imports it."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                module, name = f"{node.module}.{alias.name}", alias.asname or alias.name
                if module in modules:
                    found[name] = module if found.get(name, module) == module else ""
    return found


# --- what nobody mentions --------------------------------------------------------------------------


def _shake(texts: Mapping[str, str], start: str) -> dict[str, str]:
    mentions = {start: 1}
    trees = {name: ast.parse(text) for name, text in texts.items()}
    for tree in trees.values():
        for node in ast.walk(tree):
            for word in _mentioned(node):
                mentions[word] = mentions.get(word, 0) + 1
    return {
        name: _apply(text, [*_unmentioned(trees[name], mentions), *_unmentioned_methods(trees[name], mentions)])
        for name, text in texts.items()
    }


def _mentioned(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.ImportFrom):
        yield from (alias.name for alias in node.names)


def _unmentioned(tree: ast.Module, mentions: Mapping[str, int]) -> Iterator[Edit]:
    for node in tree.body:
        name = ""
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            name = node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_plain(node.value):
            name = node.targets[0].id
        if name and mentions.get(name, 0) == _own_mentions(node, name):
            yield _deletion(node)
        elif isinstance(node, ast.ImportFrom):
            unused = {
                alias.name for alias in node.names if mentions.get(alias.asname or alias.name, 0) == (not alias.asname)
            }
            if unused and str(node.module).startswith("kentongan_"):
                yield _import_without(node, unused)


def _unmentioned_methods(tree: ast.Module, mentions: Mapping[str, int]) -> Iterator[Edit]:
    for owner in ast.walk(tree):
        methods = getattr(owner, "body", []) if isinstance(owner, ast.ClassDef) else []
        for node in methods:
            ordinary = isinstance(node, ast.FunctionDef) and not node.name.startswith("__") and len(methods) > 1
            if ordinary and mentions.get(node.name, 0) == _own_mentions(node, node.name):
                yield _deletion(node)


def _does_something(text: str) -> bool:
    """False for a docstring alone: MicroPython needs no `__init__` in a folder."""
    return any(not isinstance(node, ast.Expr) for node in ast.parse(text).body)


def _own_mentions(node: ast.stmt, name: str) -> int:
    """How often a definition names itself; that keeps nothing alive."""
    return sum(name in _mentioned(inner) for inner in ast.walk(node))


def _is_plain(node: ast.expr) -> bool:
    """True when evaluating it has no effect but its value."""
    return all(isinstance(part, _PLAIN) for part in ast.walk(node))


# --- short private names ---------------------------------------------------------------------------


def _shorten(text: str) -> str:
    tree = ast.parse(text)
    taken = {word for node in ast.walk(tree) for word in _words(node)}
    spare = (word for word in _short_names() if word not in taken)
    outside = _private_at_module(tree)
    inside = _private_in_classes(tree)
    short = dict(zip(sorted(outside | inside), spare, strict=False))
    return _apply(text, list(_shortening(text, tree, short, outside, inside)))


def _short_names() -> Iterator[str]:
    for length in (1, 2):
        yield from ("_" + "".join(letters) for letters in itertools.product(string.ascii_lowercase, repeat=length))


def _words(node: ast.AST) -> Iterator[str]:
    for field in ("id", "attr", "name", "arg"):
        word = getattr(node, field, None)
        if isinstance(word, str):
            yield word


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and len(name) > 1


def _private_at_module(tree: ast.Module) -> set[str]:
    names = {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return set(filter(_is_private, names))


def _private_in_classes(tree: ast.Module) -> set[str]:
    names = set()
    for owner in ast.walk(tree):
        if isinstance(owner, ast.ClassDef):
            for node in ast.walk(owner):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node in owner.body:
                    names.add(node.name)
                elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                    names.add(node.attr)
    return set(filter(_is_private, names))


def _shortening(
    text: str, tree: ast.Module, short: Mapping[str, str], outside: set[str], inside: set[str]
) -> Iterator[Edit]:
    lines = [line.encode() for line in text.split("\n")]
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in outside:
            yield node.lineno, node.col_offset, node.lineno, node.end_col_offset or 0, short[node.id]
        elif isinstance(node, ast.Attribute) and node.attr in inside:
            line, end = node.end_lineno or 0, node.end_col_offset or 0
            yield line, end - len(node.attr), line, end, short[node.attr]
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name in short:
            start = lines[node.lineno - 1].index(f" {node.name}".encode(), node.col_offset) + 1
            yield node.lineno, start, node.lineno, start + len(node.name), short[node.name]


def _check_inheritance(texts: Mapping[str, str]) -> None:
    """Two modules give the same short names, so no object may have private names of both."""
    trees = {name: ast.parse(text) for name, text in texts.items()}
    private = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                private[node.name] = _private_in_classes(ast.Module([node], []))
    for name, tree in trees.items():
        own = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        for node in ast.walk(tree):
            bases = [base.id for base in getattr(node, "bases", []) if isinstance(base, ast.Name)]
            for base in bases:
                if base not in own and private.get(base) and private[getattr(node, "name", "")]:
                    raise ValueError(f"{name}: {getattr(node, 'name', '')} and its base {base} both have private names")


# --- edits that keep every line where it is --------------------------------------------------------


def _deletion(node: ast.stmt) -> Edit:
    first = min([node.lineno, *(part.lineno for part in getattr(node, "decorator_list", []))])
    return first, 0, node.end_lineno or first, -1, ""


def _replacement(node: ast.expr, value: Value) -> Edit:
    text = f"({value})" if isinstance(value, int) and value < 0 else repr(value)
    return node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0, text


def _import_without(node: ast.ImportFrom, gone: set[str]) -> Edit:
    kept = [alias for alias in node.names if alias.name not in gone]
    names = ", ".join(alias.name + (f" as {alias.asname}" if alias.asname else "") for alias in kept)
    text = " " * node.col_offset + (f"from {node.module} import {names}" if kept else "pass")
    return node.lineno, 0, node.end_lineno or node.lineno, -1, text


def _apply(text: str, edits: list[Edit]) -> str:
    lines = [line.encode() for line in text.split("\n")]
    outer: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit[0], edit[1], -edit[2])):
        if not outer or (edit[0], edit[1]) >= (outer[-1][2], _end(outer[-1])):
            outer.append(edit)  # else it lies within a larger one
    for first, start, last, end, new in reversed(outer):
        tail = b"" if end < 0 else lines[last - 1][end:]
        lines[first - 1] = lines[first - 1][:start] + new.encode() + tail
        for line in range(first, last):
            lines[line] = b""
    return b"\n".join(lines).decode()


def _end(edit: Edit) -> float:
    return float("inf") if edit[3] < 0 else edit[3]
