"""Lays a state machine out for drawing: states in layers, arrows downwards where they can be.

The layers follow Sugiyama's method: arrows that lead back are left out, a state lies one layer
below the lowest of those before it, long arrows get a bend in each layer between, and the median of
its neighbours orders each layer (Gansner et al., "A Technique for Drawing Directed Graphs", 1993).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, Final

from scripts.documentation.diagram import Arrow, Kind, arrows, main_arrows

#: How often the layers are ordered, down and up.
_SWEEPS: Final = 8

#: The columns that a bend of an arrow takes.
_BEND: Final = 0.22

Edge = tuple[str, str]


@dataclass(frozen=True)
class Placed:
    """A state, or a bend of an arrow, on the grid: ``x`` in columns, ``y`` in layers."""

    x: float
    y: int


def drawn(definition: dict[str, Any]) -> dict[str, Any]:
    """The states and arrows of a definition with their places, for the page.

    Arrows that are caught errors and lead to an end are marked as minor: there are many of them.
    """
    every = arrows(definition)
    main = {(arrow.source, arrow.target) for arrow in main_arrows(definition)}
    edges = list(dict.fromkeys((arrow.source, arrow.target) for arrow in every))
    places, bends = _layout(definition["StartAt"], list(definition["States"]), sorted(main))
    return {
        "states": [
            {
                "name": name,
                "kind": Kind.of(state).name.lower(),
                "meaning": Kind.of(state).meaning,
                "x": places[name].x,
                "y": places[name].y,
            }
            for name, state in definition["States"].items()
        ],
        "arrows": [
            {
                "from": source,
                "to": target,
                "bends": [[bend.x, bend.y] for bend in bends.get((source, target), [])],
                "isMain": (source, target) in main,
                "isCaught": _only_caught(every, source, target),
            }
            for source, target in edges
        ],
    }


def _only_caught(every: Iterable[Arrow], source: str, target: str) -> bool:
    alike = [each for each in every if (each.source, each.target) == (source, target)]
    return all(each.is_caught for each in alike)


def _layout(
    start: str, names: list[str], edges: list[Edge]
) -> tuple[dict[str, Placed], dict[Edge, list[Placed]]]:
    forward = _without_cycles(start, names, edges)
    layer = _layers(start, names, forward)
    rows, chains = _rows(names, forward, layer)
    _order(rows, chains)
    width = max(map(_width, rows))
    at = {
        node: Placed(round(x + (width - _width(row)) / 2, 3), number)
        for number, row in enumerate(rows)
        for node, x in _abreast(row)
    }
    bends = {edge: [at[node] for node in chain[1:-1]] for edge, chain in chains.items()}
    return at, bends


def _width(row: list[str]) -> float:
    return sum(map(_share, row))


def _share(node: str) -> float:
    """The columns that a node takes: a bend is narrow."""
    return _BEND if "@" in node else 1


def _abreast(row: list[str]) -> Iterator[tuple[str, float]]:
    """The nodes of a layer with the middles of their columns, less a half."""
    left = 0.0
    for node in row:
        yield node, left + _share(node) / 2 - 0.5
        left += _share(node)


def _without_cycles(start: str, names: list[str], edges: list[Edge]) -> list[Edge]:
    """The edges without those that lead back to a state on the way to themselves."""
    following: dict[str, list[str]] = {name: [] for name in names}
    for source, target in edges:
        following[source].append(target)
    kept: list[Edge] = []
    done: set[str] = set()
    way: list[str] = []

    def visit(name: str) -> None:
        way.append(name)
        for target in following[name]:
            if target in way:
                continue
            kept.append((name, target))
            if target not in done:
                visit(target)
        way.pop()
        done.add(name)

    for name in [start, *names]:
        if name not in done:
            visit(name)
    return kept


def _layers(start: str, names: list[str], forward: list[Edge]) -> dict[str, int]:
    """The layer of each state; one that caught errors alone lead to lies at the bottom."""
    layer = dict.fromkeys(names, 0)
    for _ in names:  # the longest way has fewer edges than there are states
        for source, target in forward:
            layer[target] = max(layer[target], layer[source] + 1)
    reached = {start, *(target for _, target in forward)}
    bottom = max(layer.values())
    return {name: layer[name] if name in reached else bottom for name in names}


def _rows(
    names: list[str], forward: list[Edge], layer: dict[str, int]
) -> tuple[list[list[str]], dict[Edge, list[str]]]:
    """The nodes of each layer, and for each edge its nodes: two states with bends between."""
    rows: list[list[str]] = [[] for _ in range(max(layer.values()) + 1)]
    for name in names:
        rows[layer[name]].append(name)
    chains: dict[Edge, list[str]] = {}
    for source, target in forward:
        between = range(layer[source] + 1, layer[target])
        bends = [f"{source}>{target}@{number}" for number in between]
        for number, bend in zip(between, bends, strict=True):
            rows[number].append(bend)
        chains[source, target] = [source, *bends, target]
    return rows, chains


def _order(rows: list[list[str]], chains: dict[Edge, list[str]]) -> None:
    """Order each layer so that few arrows cross."""
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for chain in chains.values():
        for upper, lower in pairwise(chain):
            above.setdefault(lower, []).append(upper)
            below.setdefault(upper, []).append(lower)
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        neighbours = above if downwards else below
        for number in range(len(rows))[:: 1 if downwards else -1]:
            beside = number + (-1 if downwards else 1)
            if 0 <= beside < len(rows):
                _sort(rows[number], rows[beside], neighbours)


def _sort(row: list[str], beside: list[str], neighbours: dict[str, list[str]]) -> None:
    place = {node: (position + 0.5) / len(beside) for position, node in enumerate(beside)}
    own = {node: (position + 0.5) / len(row) for position, node in enumerate(row)}

    def wanted(node: str) -> float:
        near = [place[each] for each in neighbours.get(node, ()) if each in place]
        return median(near) if near else own[node]

    row.sort(key=wanted)
