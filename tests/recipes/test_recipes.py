"""The recipes of CONTRIBUTING.md, each followed in a copy of the project: `make recipes`.

A recipe names every place to touch; what it forgets fails one of the checks that it names.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.mutation.tree import Edit, Tree
from tests.support.paths import PROJECT

MODEL = "functions/orderflow/orders/model.py"


@dataclass(frozen=True)
class Recipe:
    """What to edit, and the tests that must pass then."""

    heading: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]

    @property
    def text(self) -> str:
        """The recipe's paragraph."""
        text = (PROJECT / "CONTRIBUTING.md").read_text("utf-8")
        return text.partition(f"**{self.heading}.**")[2].partition("\n\n**")[0]


FIELD = Recipe(
    "A field of orders",
    (
        Edit(MODEL, "    status_reason: str | None = None\n",
             "    status_reason: str | None = None\n    delivery_note: str | None = None\n"),
        Edit("functions/orderflow/api/views.py", '"status_reason",',
             '"status_reason", "delivery_note",'),
        Edit("functions/api/schema.graphql", "  statusReason: String\n",
             '  statusReason: String\n  "What the driver is to know."\n  deliveryNote: String\n'),
        Edit("docs/data-model.md", "| `status`, `statusReason`, ",
             "| `deliveryNote` | what the driver is to know |\n| `status`, `statusReason`, "),
    ),
    ("tests/unit/api/test_views.py", "tests/unit/docs/test_sections.py",
     "tests/unit/handlers/test_in_flight.py"),
)  # fmt: skip


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree(tmp_path_factory.mktemp("recipes") / "copy")


@pytest.mark.parametrize("recipe", [FIELD], ids=lambda recipe: recipe.heading)
def test_a_recipe_leads_to_a_project_that_passes_its_checks(tree: Tree, recipe: Recipe) -> None:
    for edit in recipe.edits:
        assert edit.path in recipe.text, f"the recipe does not name {edit.path}"
    with tree.mutated(recipe.edits):
        subprocess.run(
            [sys.executable, "-m", "scripts.documentation"],
            cwd=tree.folder, env=tree.environment, check=True, capture_output=True,
        )  # fmt: skip
        assert tree.first_failing_test(recipe.tests) is None


@pytest.mark.parametrize("forgotten", range(1, 3))
def test_a_step_that_is_forgotten_is_found(tree: Tree, forgotten: int) -> None:
    edits = [edit for number, edit in enumerate(FIELD.edits) if number != forgotten]
    with tree.mutated(edits):
        assert tree.first_failing_test(["tests/unit/api/test_views.py"]) is not None
