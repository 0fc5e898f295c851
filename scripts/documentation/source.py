"""The functions' source code, as syntax trees: where a name is defined, raised or caught."""

from __future__ import annotations

import ast
import os.path
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from scripts.documentation.sections import ROOT

FUNCTIONS: Final = ROOT / "functions"

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class UnknownNameError(Exception):
    """The code defines no such name, or several of them."""


@dataclass(frozen=True)
class Module:
    """One module: ``name`` is its dotted path below ``functions/``."""

    name: str
    path: Path
    tree: ast.Module


@dataclass(frozen=True)
class Place:
    """A line of a file, where ``name`` is defined; ``doc`` is the first sentence about it."""

    path: Path
    line: int
    name: str = ""
    doc: str = ""

    def link(self, text: str, base: Path) -> str:
        """A Markdown link from a file in the folder ``base``."""
        return f"[{text}]({os.path.relpath(self.path, base)}#L{self.line})"


@cache
def modules() -> list[Module]:
    """All modules of the functions and of the library that they share."""
    return [
        Module(
            ".".join(path.relative_to(FUNCTIONS).with_suffix("").parts),
            path,
            ast.parse(path.read_text(encoding="utf-8")),
        )
        for path in sorted(FUNCTIONS.rglob("*.py"))
        if path.name != "__init__.py"
    ]


def find(name: str) -> Place:
    """Where a function, class or method is defined.

    Args:
        name: ``function``, ``Class.method``, or ``method`` for that of the only class that has it;
            before a colon the parts of a module's or package's name that tell several apart, as in
            ``parse_order.handler:lambda_handler``.

    Raises:
        UnknownNameError: not exactly one module defines it.
    """
    hint, _, wanted = name.rpartition(":")
    places = [
        Place(module.path, node.lineno, found, first_sentence(node) or _doc_of_port(found))
        for module in modules()
        if not hint or f".{hint}." in f".{module.name}."
        for found, node in definitions(module.tree)
        if f".{found}".endswith(f".{wanted}")
    ]
    if len(places) != 1:
        raise UnknownNameError(f"{name} is defined {len(places)} times below functions/")
    return places[0]


def _doc_of_port(method: str) -> str:
    """What another class says of a method of this name: a port documents its implementations."""
    name = method.rpartition(".")[2]
    docs = (
        first_sentence(node)
        for module in modules()
        for found, node in definitions(module.tree)
        if found.endswith(f".{name}")
    )
    return next(filter(None, docs), "")


def definitions(tree: ast.Module) -> Iterator[tuple[str, Definition]]:
    """Functions and classes of the module, and the methods of its classes, as ``Class.method``."""
    for node in tree.body:
        if isinstance(node, Definition):
            yield node.name, node
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, Definition):
                    yield f"{node.name}.{inner.name}", inner


def first_sentence(node: Definition | ast.Module) -> str:
    """The first paragraph of the docstring, on one line."""
    lines = (ast.get_docstring(node) or "").partition("\n\n")[0]
    return " ".join(lines.split()).replace("``", "`")


def raised(tree: ast.AST) -> set[str]:
    """The names of the errors that the code raises, returns to be raised, or translates others to.

    An error that is built anywhere counts, and one that is passed to a call, as to ``outages_as``.
    """
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            names |= _names(node.exc)
        elif isinstance(node, ast.Call) and not _is_check(node):
            names |= {_called(node)}
            names |= {arg.id for arg in node.args if isinstance(arg, ast.Name)}
    return names


def caught(tree: ast.AST) -> set[str]:
    """The names of the errors that the code catches, suppresses or tells apart."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            names |= _names(node.type)
        elif isinstance(node, ast.Call) and _is_check(node):
            names |= _names(node)
        elif isinstance(node, ast.MatchClass):
            names |= _names(node.cls)
    return names


_CHECKS: Final = frozenset({"isinstance", "suppress", "exception_handler"})


def _is_check(call: ast.Call) -> bool:
    return _called(call) in _CHECKS


def _called(call: ast.Call) -> str:
    return last_name(call.func)


def last_name(node: ast.expr) -> str:
    """The name itself, or that of an attribute; "" for any other expression."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def callers(name: str) -> list[str]:
    """The modules that call an attribute of this name, such as a method."""
    return [
        module.name
        for module in modules()
        if any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == name
            for node in ast.walk(module.tree)
        )
    ]


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
