"""Makes one module of the firmware's slimmed ones, with short names throughout.

Every .mpy brings a table of the names in it, and on the device every module a dictionary of what it
imported; one module says each name once and imports nothing of ours. The names themselves, of
classes, functions, attributes and parameters alike, are only for people: here they become one to
three letters, by one table for all modules, which is written beside the image so that a trace can
be read. What MicroPython or anybody else outside gave its name keeps it (`device_names`).

What is imported inside a function stays a module of its own, loaded when it is needed. Line
numbers do not survive; `slim` alone keeps them, for a build that is to be traced.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kentongan_tools.bundle_names import OURS, Module, Names, arguments
from kentongan_tools.bundle_rewriter import Rewriter


@dataclass(frozen=True)
class Bundle:
    """What came out.

    Attributes:
        modules: text by module name: the entry, which holds all that it needs, and those loaded later.
        names: what a short name means.
    """

    modules: dict[str, str]
    names: dict[str, str]


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
    names = Names(modules, inside, (entry, start))
    parts = [_rewrite(names, modules[name]) for name in inside]
    imports = sorted({ast.unparse(node) for part in parts for node in part if _is_import(node)})
    body = [node for part in parts for node in part if not _is_import(node)]
    made = {entry: "\n".join([*imports, *map(ast.unparse, body)]) + "\n"}
    for name, module in modules.items():
        if name not in inside and not _is_package(name, modules):
            made[name] = ast.unparse(ast.Module(_rewrite(names, module, entry), [])) + "\n"
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
            for argument in arguments(node):
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


# --- what stands where -----------------------------------------------------------------------------


def _survey(name: str, tree: ast.Module, known: set[str]) -> Module:
    module = Module(name, tree)
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            module.own.add(statement.name)
        elif isinstance(statement, ast.Assign):
            parts = [part for target in statement.targets for part in ast.walk(target)]
            module.own |= {part.id for part in parts if isinstance(part, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(OURS):
            for alias in node.names:
                local, whole = alias.asname or alias.name, f"{node.module}.{alias.name}"
                if whole in known:
                    module.modules[local] = whole
                else:
                    module.from_ours[local] = (str(node.module), alias.name)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            raise ValueError(f"{name}: the bundle knows no {type(node).__name__.lower()}")
    return module


def _order(modules: Mapping[str, Module], entry: str) -> list[str]:
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


def _rewrite(names: Names, module: Module, bundled: str = "") -> list[ast.stmt]:
    """The module's statements with short names; `bundled` is where a module apart finds the others."""
    _check_texts(module, names)
    tree = Rewriter(names, module, bundled).visit(module.tree)
    return [ast.fix_missing_locations(node) for node in tree.body]


def _check_texts(module: Module, names: Names) -> None:
    """`getattr(x, "name")` has to mean a name from outside."""
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"getattr", "hasattr", "setattr"}
        ):
            name = node.args[1]
            if isinstance(name, ast.Constant) and names.attribute(str(name.value)) != name.value:
                raise ValueError(f"{module.name}: {ast.unparse(node)} names an attribute of ours")
