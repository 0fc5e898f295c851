"""Draws the state machine: Mermaid flowcharts of ``workflows/order.asl.yaml``.

docs/overview.md shows every transition, README.md the happy path and the fallbacks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

Definition = dict[str, Any]
State = dict[str, Any]


class Kind(Enum):
    """The kind of a state: its text in the legend, its shape and its colours."""

    FUNCTION = ("a Lambda function", '["{}"]', "fill:#fde3cf,stroke:#c2571a,color:#1f2328")
    DIRECT = ("a direct call to AWS", '[["{}"]]', "fill:#d8e8fb,stroke:#2f6fb2,color:#1f2328")
    WAITING = ("waits for a task token", '[/"{}"/]', "fill:#fdf3c4,stroke:#a5820b,color:#1f2328")
    PAUSING = ("waits for a time", '{{{{"{}"}}}}', "fill:#e3f1f0,stroke:#2d7d78,color:#1f2328")
    CHOICE = ("a choice", '{{"{}"}}', "fill:#eae1f7,stroke:#6b46a8,color:#1f2328")
    CLOSED = ("the order had ended", '(["{}"])', "fill:#d9f2df,stroke:#2c7a3f,color:#1f2328")

    def __init__(self, meaning: str, shape: str, style: str) -> None:
        self.meaning = meaning
        self.shape = shape
        self.style = style

    @classmethod
    def of(cls, state: State) -> Kind:
        """The kind of a state of the definition."""
        resource = state.get("Resource", "")
        if not resource:
            kinds = {"Choice": cls.CHOICE, "Wait": cls.PAUSING, "Succeed": cls.CLOSED}
            return kinds[state["Type"]]
        if resource.endswith(".waitForTaskToken"):
            return cls.WAITING
        return cls.FUNCTION if ":lambda:" in resource else cls.DIRECT


@dataclass(frozen=True)
class Arrow:
    """One transition; ``is_caught`` if an error causes it, which ``label`` then names."""

    source: str
    target: str
    label: str = ""
    is_caught: bool = False


def arrows(definition: Definition) -> list[Arrow]:
    """Every transition of the definition, in its order."""
    return [
        arrow for name, state in definition["States"].items() for arrow in _arrows_from(name, state)
    ]


def _arrows_from(name: str, state: State) -> Iterator[Arrow]:
    if "Next" in state:
        yield Arrow(name, state["Next"])
    for choice in state.get("Choices", []):
        yield Arrow(name, choice["Next"], _condition(choice["Condition"]))
    if "Default" in state:
        yield Arrow(name, state["Default"], "otherwise")
    for catcher in state.get("Catch", []):
        yield Arrow(name, catcher["Next"], _errors(catcher["ErrorEquals"]), is_caught=True)


def _condition(jsonata: str) -> str:
    return jsonata.removeprefix("{%").removesuffix("%}").replace("$", "").strip()


def _errors(names: list[str]) -> str:
    return "<br/>".join(grouped(names))


def grouped(names: list[str]) -> list[str]:
    """Error names; those of one service are counted instead of listed."""
    services = Counter(_service(name) for name in names)
    shown = (
        name
        if services[_service(name)] == 1
        else f"{services[_service(name)]} {_service(name)} errors"
        for name in names
    )
    return [*dict.fromkeys(shown)]


def _service(error: str) -> str:
    return error.partition(".")[0]


def main_arrows(definition: Definition) -> list[Arrow]:
    """The happy path and the fallbacks.

    Without the errors after which the order continues normally, and those of ended orders.
    """
    states = definition["States"]
    return [
        arrow
        for arrow in arrows(definition)
        if not arrow.is_caught
        or (
            arrow.target != states[arrow.source].get("Next")
            and Kind.of(states[arrow.target]) is not Kind.CLOSED
        )
    ]


def draw(definition: Definition, shown: list[Arrow], *, details: bool) -> str:
    """A Mermaid flowchart of the arrows ``shown`` and of their states, with a legend.

    Args:
        details: write below each task's name what it calls.
    """
    reached = {definition["StartAt"], *(arrow.target for arrow in shown)}
    states: dict[str, State] = {
        name: state for name, state in definition["States"].items() if name in reached
    }
    lines = [
        "flowchart TD",
        f"start((start)) --> {node_id(definition['StartAt'])}",
        *(_node(name, state, details=details) for name, state in states.items()),
        *(_edge(arrow) for arrow in shown),
        *(f"{node_id(name)} --> finish(((end)))" for name, state in states.items() if _ends(state)),
        *_legend(),
        *(f"classDef {kind.name.lower()} {kind.style}" for kind in Kind),
    ]
    return "\n".join(lines)


def node_id(name: str) -> str:
    """A state's name as Mermaid can take it: "LinkPossible?" becomes ``LinkPossible``."""
    return re.sub(r"\W", "", name)


def _node(name: str, state: State, *, details: bool) -> str:
    kind = Kind.of(state)
    called = state.get("Resource", "").rpartition(":::")[2].removesuffix(".waitForTaskToken")
    label = f"{name}<br/>{called}" if details and called else name
    return f"{node_id(name)}{kind.shape.format(label)}:::{kind.name.lower()}"


def _ends(state: State) -> bool:
    return "End" in state or state["Type"] == "Succeed"


def _edge(arrow: Arrow) -> str:
    line = "-.->" if arrow.is_caught else "-->"
    # Mermaid's way to write a quotation mark within a label.
    text = arrow.label.replace('"', "#quot;")
    label = f'|"{text}"|' if text else ""
    return f"{node_id(arrow.source)} {line}{label} {node_id(arrow.target)}"


def _legend() -> Iterator[str]:
    yield "subgraph legend [Legend]"
    for kind in Kind:
        name = kind.name.lower()
        yield f"legend_{name}{kind.shape.format(kind.meaning)}:::{name}"
    yield 'legend_1(( )) -->|"goes on"| legend_2(( ))'
    yield 'legend_3(( )) -.->|"this error is caught"| legend_4(( ))'
    yield "end"


def fenced(drawing: str) -> str:
    """The drawing as Markdown."""
    return f"```mermaid\n{drawing}\n```"
