"""The documented shapes of PayStack's requests, answers and events, as a table of facts.

``tests/data/paystack_shapes.json`` names the fields, with the sources and their commits. Our client
and the stand-in are both tested against it, so that neither drifts with the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

_TABLE = json.loads(
    (Path(__file__).parents[1] / "data" / "paystack_shapes.json").read_text("utf-8")
)

_PYTHON_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
    "any": object,
}


@dataclass(frozen=True)
class Field:
    """One field: its allowed types and, where the document lists them, its values."""

    types: frozenset[str]
    values: frozenset[str]
    is_required: bool

    @classmethod
    def read(cls, text: str, *, is_required: bool) -> Field:
        types, _, values = text.partition("=")
        return cls(
            frozenset(types.split("|")),
            frozenset(values.split(",")) if values else frozenset(),
            is_required,
        )

    def allows(self, value: Any) -> bool:
        if isinstance(value, bool):
            return bool(self.types & {"boolean", "any"})
        of_type = any(isinstance(value, _PYTHON_TYPES[each]) for each in self.types)
        return of_type and (not self.values or value is None or value in self.values)


class Shape:
    """A documented request, answer or event."""

    def __init__(self, name: str) -> None:
        self.name = name
        described = _TABLE["shapes"][name]["fields"]
        self.fields = {
            path.removesuffix("?"): Field.read(text, is_required=not path.endswith("?"))
            for path, text in described.items()
        }

    def members(self, path: str) -> dict[str, Field]:
        """The fields of the object at a path, by their names."""
        start = f"{path}." if path else ""
        return {
            each[len(start) :]: field
            for each, field in self.fields.items()
            if each.startswith(start)
            and "." not in (name := each[len(start) :])
            and "[" not in name
        }

    def problems(self, value: Any) -> list[str]:
        """How a value differs from the document; empty where it conforms."""
        return list(self._problems("", value))

    def _problems(self, path: str, value: Any) -> Iterator[str]:
        if isinstance(value, list):
            for each in value:
                yield from self._item_problems(f"{path}[]", each)
        members = self.members(path)
        if not isinstance(value, dict) or not value or not members:
            return
        for name in value.keys() - members.keys():
            yield f"{path}.{name}: not documented"
        for name, field in members.items():
            if name in value:
                yield from self._value_problems(f"{path}.{name}".lstrip("."), field, value[name])
            elif field.is_required:
                yield f"{path}.{name}: missing"

    def _item_problems(self, path: str, value: Any) -> Iterator[str]:
        if path in self.fields:
            yield from self._value_problems(path, self.fields[path], value)

    def _value_problems(self, path: str, field: Field, value: Any) -> Iterator[str]:
        if not field.allows(value):
            yield f"{path}: {value!r} is not {'|'.join(sorted(field.types))}"
        yield from self._problems(path, value)

    def values(self, known: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
        """All values of this shape; ``known`` has those of some paths."""
        return self._objects("", known)

    def _objects(self, path: str, known: Mapping[str, Any]) -> st.SearchStrategy[Any]:
        required, optional = {}, {}
        for name, field in self.members(path).items():
            inner = f"{path}.{name}".lstrip(".")
            strategy = known[inner] if inner in known else self._field_values(inner, field, known)
            (required if field.is_required else optional)[name] = strategy
        return st.fixed_dictionaries(required, optional=optional)

    def _field_values(
        self, path: str, field: Field, known: Mapping[str, Any]
    ) -> st.SearchStrategy[Any]:
        if field.values:
            return st.sampled_from(sorted(field.values))
        return st.one_of([self._typed(each, path, known) for each in sorted(field.types)])

    def _typed(self, kind: str, path: str, known: Mapping[str, Any]) -> st.SearchStrategy[Any]:
        if kind == "object":
            return self._objects(path, known)
        if kind == "array":
            items = self.fields.get(f"{path}[]")
            if items is None:
                return st.just([])
            return st.lists(self._field_values(f"{path}[]", items, known), max_size=2)
        return _SCALARS[kind]


_SCALARS: Mapping[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=30),
    "integer": st.integers(0, 2**40),
    "number": st.floats(0, 1e9),
    "boolean": st.booleans(),
    "null": st.none(),
    "any": st.none() | st.text(max_size=5) | st.integers(0, 9) | st.just({}),
}


def names(kind: str) -> list[str]:
    """The names of all shapes of a kind: request, answer, error or event."""
    return [name for name, each in _TABLE["shapes"].items() if each["kind"] == kind]
