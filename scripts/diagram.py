"""Draws the state machine: Mermaid flowcharts of ``workflows/order.asl.yaml``.

``python -m scripts.diagram`` rewrites the drawings between the markers ``<!-- diagram:start -->``
and ``<!-- diagram:end -->``: docs/architecture.md shows every transition, README.md the happy path
and the fallbacks. With ``--check`` it writes nothing and reports whether they are up to date.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cdk.definition import load_definition

ROOT: Final = Path(__file__).parents[1]
START: Final = "<!-- diagram:start -->"
END: Final = "<!-- diagram:end -->"
_ORIGIN: Final = "<!-- Drawn by `make diagram` from workflows/order.asl.yaml. -->"

Definition = dict[str, Any]
State = dict[str, Any]


class Kind(Enum):
    """The kind of a state: its text in the legend, its shape and its colours."""

    FUNCTION = ("a Lambda function", '["{}"]', "fill:#fde3cf,stroke:#c2571a,color:#1f2328")
    DIRECT = ("a direct call to AWS", '[["{}"]]', "fill:#d8e8fb,stroke:#2f6fb2,color:#1f2328")
    WAITING = ("waits for a task token", '[/"{}"/]', "fill:#fdf3c4,stroke:#a5820b,color:#1f2328")
    PAUSING = ("waits for a time", '{{{{"{}"}}}}', "fill:#e3f1f0,stroke:#2d7d78,color:#1f2328")
    CHOICE = ("a choice", '{{"{}"}}', "fill:#eae1f7,stroke:#6b46a8,color:#1f2328")
    CLOSED = ("the end", '(["{}"])', "fill:#d9f2df,stroke:#2c7a3f,color:#1f2328")

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


class MarkersMissingError(Exception):
    """A file has no markers for its drawing."""


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
    """The error names, a line each; those of one service are counted instead of listed."""
    services = Counter(_service(name) for name in names)
    lines = (
        name
        if services[_service(name)] == 1
        else f"{services[_service(name)]} {_service(name)} errors"
        for name in names
    )
    return "<br/>".join(dict.fromkeys(lines))


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
    """A Mermaid flowchart of all states and of the arrows ``shown``, with a legend.

    Args:
        details: write below each task's name what it calls.
    """
    states: dict[str, State] = definition["States"]
    lines = [
        "flowchart TD",
        f"start((start)) --> {node_id(definition['StartAt'])}",
        *(_node(name, state, details=details) for name, state in states.items()),
        *(_edge(arrow) for arrow in shown),
        *_legend(),
        *(f"classDef {kind.name.lower()} {kind.style}" for kind in Kind),
    ]
    return "\n".join(lines)


def node_id(name: str) -> str:
    """A state's name as Mermaid can take it: "AnythingMatched?" becomes ``AnythingMatched``."""
    return re.sub(r"\W", "", name)


def _node(name: str, state: State, *, details: bool) -> str:
    kind = Kind.of(state)
    called = state.get("Resource", "").rpartition(":::")[2].removesuffix(".waitForTaskToken")
    label = f"{name}<br/>{called}" if details and called else name
    return f"{node_id(name)}{kind.shape.format(label)}:::{kind.name.lower()}"


def _edge(arrow: Arrow) -> str:
    line = "-.->" if arrow.is_caught else "-->"
    label = f'|"{arrow.label}"|' if arrow.label else ""
    return f"{node_id(arrow.source)} {line}{label} {node_id(arrow.target)}"


def _legend() -> Iterator[str]:
    yield "subgraph legend [Legend]"
    for kind in Kind:
        name = kind.name.lower()
        yield f"legend_{name}{kind.shape.format(kind.meaning)}:::{name}"
    yield 'legend_1(( )) -->|"goes on"| legend_2(( ))'
    yield 'legend_3(( )) -.->|"this error is caught"| legend_4(( ))'
    yield "end"


def drawings(definition: Definition) -> dict[Path, str]:
    """The flowchart of each file."""
    return {
        ROOT / "README.md": draw(definition, main_arrows(definition), details=False),
        ROOT / "docs" / "architecture.md": draw(definition, arrows(definition), details=True),
    }


def with_drawing(text: str, drawing: str) -> str:
    """``text`` with the drawing between its markers.

    Raises:
        MarkersMissingError: if it does not have exactly one pair.
    """
    if (text.count(START), text.count(END)) != (1, 1):
        raise MarkersMissingError(f"needs one {START} and one {END}")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{_ORIGIN}\n```mermaid\n{drawing}\n```\n{END}{after}"


def outdated(definition: Definition) -> dict[Path, str]:
    """The files whose drawing is outdated, with their new text.

    Raises:
        MarkersMissingError: if a file has no markers; names the file.
    """
    wanted: dict[Path, str] = {}
    for path, drawing in drawings(definition).items():
        text = path.read_text(encoding="utf-8")
        try:
            wanted[path] = with_drawing(text, drawing)
        except MarkersMissingError as error:
            raise MarkersMissingError(f"{path.relative_to(ROOT)} {error}") from None
        if wanted[path] == text:
            del wanted[path]
    return wanted


def main(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 if a drawing is old.")
    ] = False,
) -> None:
    """Redraw the state machine in README.md and docs/architecture.md."""
    try:
        files = outdated(load_definition())
    except MarkersMissingError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    for path, text in files.items():
        if not check:
            path.write_text(text, encoding="utf-8")
        typer.echo(f"{path.relative_to(ROOT)}: {'out of date' if check else 'redrawn'}")
    raise typer.Exit(int(check and bool(files)))


if __name__ == "__main__":
    typer.run(main)
