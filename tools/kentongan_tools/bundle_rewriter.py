"""Puts the short names into a module's tree, for `bundle`."""

from __future__ import annotations

import ast
import itertools
import keyword

from kentongan_tools.bundle_names import OURS, Function, Module, Names, arguments, letters, words_of

APART = "_"  # before what a module apart has from the bundle, for its own names are short in another way
FIELDS = "FIELDS"  # of a `Record`: names of attributes as texts


class Rewriter(ast.NodeTransformer):
    """Rewrites one module; `bundled` is where a module apart finds the others."""

    def __init__(self, names: Names, module: Module, bundled: str) -> None:
        self._names = names
        self._module = module
        self._bundled = bundled
        self._scopes: list[dict[str, str]] = []  # parameters (short) and other local names (themselves)

    # --- imports -----------------------------------------------------------------------------------

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt | list[ast.ImportFrom]:
        if not str(node.module).startswith(OURS):
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
                out.append((found, ast.alias(short, APART + short)))
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
                value = self._fields(inner.value) if target == FIELDS else self.visit(inner.value)
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
        used = {word for inner in ast.walk(node) for word in words_of(inner)}
        outer = set(itertools.chain.from_iterable(scope.values() for scope in self._scopes))
        spare = letters(used | outer | self._names.tops | set(keyword.kwlist))
        scope = {name: name for name in _bound(node)}
        for argument in arguments(node):
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
            return ast.Name(APART + short if self._bundled else short, node.ctx)
        if node.id in self._module.own:
            return ast.Name(self._names.top(self._module.name, node.id), node.ctx)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and not any(node.value.id in scope for scope in self._scopes):
            origin = self._module.modules.get(node.value.id)
            if origin in self._names.inside:
                return ast.Name(self._names.top(str(origin), node.attr), node.ctx)
        return ast.Attribute(self.visit(node.value), self._names.attribute(node.attr), node.ctx)


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
