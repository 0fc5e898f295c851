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
DEFINITION = "workflows/order.asl.yaml"


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


#: The rest of its file fails until `make docs` has run, whatever is forgotten.
ROW = "tests/unit/docs/test_sections.py::test_every_attribute_of_orders_has_its_row"

FIELD = Recipe(
    "A field of orders",
    (
        Edit(MODEL, "    status_reason: str | None = None\n",
             "    status_reason: str | None = None\n    delivery_note: str | None = None\n"),
        Edit("functions/orderflow/api/views.py", '"status_reason",',
             '"status_reason", "delivery_note",'),
        Edit("functions/api/schema.graphql", "  statusReason: String\n",
             '  statusReason: String\n  "What the driver is to know."\n  deliveryNote: String\n'),
        Edit("functions/orderflow/api/views.py", '"refundState",\n)  # fmt: skip',
             '"refundState", "deliveryNote",\n)  # fmt: skip'),
        Edit("functions/api/schema.graphql",
             '  refundState: RefundState\n  "When the order changed."\n',
             '  refundState: RefundState\n  deliveryNote: String\n  "When the order changed."\n'),
        Edit("functions/api/schema.graphql",
             "  refundState: RefundState\n  updatedAt: AWSDateTime!\n",
             "  refundState: RefundState\n  deliveryNote: String\n  updatedAt: AWSDateTime!\n"),
        Edit("functions/orderflow/api/publisher.py", "cancelRequestedAt refundState\n    lines {",
             "cancelRequestedAt refundState deliveryNote\n    lines {"),
        Edit("docs/data-model.md", "| `status`, `statusReason`, ",
             "| `deliveryNote` | what the driver is to know |\n| `status`, `statusReason`, "),
    ),
    ("tests/unit/api/test_views.py", "tests/unit/api/test_updates.py",
     "tests/unit/docs/test_sections.py", "tests/unit/handlers/test_in_flight.py"),
)  # fmt: skip


STATE = Recipe(
    "A state",
    (
        Edit(DEFINITION, "        Next: ParkOrder\n    Next: ParkOrder\n",
             "        Next: NoteOutage\n    Next: NoteOutage\n\n" + """\
  NoteOutage:
    Type: Task
    Comment: Notes since when an order waits.
    Resource: arn:aws:states:::dynamodb:updateItem
    Arguments:
      TableName: ${OrdersTable}
      Key: *order-key
      UpdateExpression: SET waitsSince = if_not_exists(waitsSince, :now)
      ConditionExpression: attribute_exists(orderId)
      ExpressionAttributeValues: {':now': *now}
    TimeoutSeconds: 5
    Retry: [*retry-dynamodb]
    Catch:
      - ErrorEquals: [DynamoDB.ConditionalCheckFailedException]
        Next: ParkOrder
    Next: ParkOrder
"""),
        Edit("tests/workflow/mocks.json", '"HappyPath": {},\n',
             '"HappyPath": {},\n    "OutageNotNoted": {'
             '"CreatePaymentLink": ["BreakerOpen", "Linked"], '
             '"NoteOutage": "DynamoDB.ConditionalCheckFailedException"},\n'),
        Edit("tests/workflow/test_branches.py", """

def test_a_payment_before_the_wait_completes_the_order(""", """

def test_an_order_is_parked_even_if_the_outage_is_not_noted(start: Start) -> None:
    run = start("OutageNotNoted").with_order(S.MATCHED).run(resume_parked, pay)

    assert run.status == "SUCCEEDED"
    assert Transition("NoteOutage", "Catch 0", "ParkOrder") in run.transitions


def test_a_payment_before_the_wait_completes_the_order("""),
    ),
    ("tests/workflow/test_definition.py", "tests/workflow/test_branches.py",
     "tests/unit/orders/test_order_sequences.py", "tests/unit/docs"),
)  # fmt: skip

PROVIDER = Recipe(
    "A provider behind a breaker",
    (
        Edit("functions/orderflow/breakers/providers.py", '    BEDROCK = "bedrock"\n',
             '    BEDROCK = "bedrock"\n    COURIER = "courier"\n'),
        Edit("functions/orderflow/deliveries/__init__.py", "",
             '"""Books deliveries with the courier."""\n\n__all__ = ["guarded"]\n'),
        Edit("functions/orderflow/deliveries/guarded.py", "", '''\
"""The courier behind its circuit breaker."""

from collections.abc import Callable
from typing import Final

from orderflow.breakers.breaker import Breaker
from orderflow.breakers.providers import CallOutcome, Provider, ProviderName

#: The longest that one call takes.
CALL_SECONDS: Final = 10.0


def classify(error: Exception) -> CallOutcome:
    """What an error of a call says about the courier's health."""
    return CallOutcome.FAILURE if isinstance(error, OSError) else CallOutcome.UNKNOWN


COURIER: Final = Provider(ProviderName.COURIER, CALL_SECONDS, classify)


def guarded_booking(book: Callable[[str], str], breaker: Breaker) -> Callable[[str], str]:
    """Booking behind the breaker; it raises BreakerOpen if the courier is not called."""

    def guarded(order_id: str) -> str:
        with breaker.call():
            return book(order_id)

    return guarded
'''),
        Edit("pyproject.toml", '    "matching | payments",\n',
             '    "deliveries | matching | payments",\n'),
        Edit("scripts/cli/operations/breakers.py", "_FALLBACKS: Final = {\n",
             '_FALLBACKS: Final = {\n    ProviderName.COURIER: "orders wait to be booked",\n'),
        Edit("scripts/console/overview/problems.py", "NAMES: Final = {",
             'NAMES: Final = {ProviderName.COURIER: "The courier", '),
        Edit("tests/unit/deliveries/test_guarded.py", "", '''"""The courier behind its breaker."""

import pytest

from orderflow.breakers.breaker import Breaker
from orderflow.breakers.events import ReportedEvents
from orderflow.breakers.settings import BreakerPolicy
from orderflow.deliveries.guarded import COURIER, guarded_booking
from orderflow.errors import BreakerOpen
from tests.breaker.memory_store import MemoryStore


def refuse(_: str) -> str:
    raise ConnectionError


def test_a_courier_that_is_out_is_not_called_again() -> None:
    breaker = Breaker(
        COURIER,
        MemoryStore(),
        lambda: BreakerPolicy(threshold=1),
        snapshot=None,
        by="tests",
        events=ReportedEvents("tests"),
    )
    book = guarded_booking(refuse, breaker)

    with pytest.raises(ConnectionError):
        book("o-1")
    with pytest.raises(BreakerOpen):
        book("o-1")
'''),
    ),
    ("tests/unit/deliveries", "tests/unit/cli/operations/test_breakers.py",
     "tests/unit/test_import_contracts.py", "tests/unit/docs"),
)  # fmt: skip


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree(tmp_path_factory.mktemp("recipes") / "copy")


@pytest.mark.parametrize("recipe", [FIELD, STATE, PROVIDER], ids=lambda recipe: recipe.heading)
def test_a_recipe_leads_to_a_project_that_passes_its_checks(tree: Tree, recipe: Recipe) -> None:
    for edit in recipe.edits:
        path = edit.path.replace("deliveries", "<package>")
        assert path in recipe.text, f"the recipe does not name {path}"
    for test in recipe.tests:
        named = test.replace("deliveries", "<package>")
        assert named in recipe.text, f"the recipe does not name {named}"
    with tree.mutated(recipe.edits):
        subprocess.run(
            [sys.executable, "-m", "scripts.documentation"],
            cwd=tree.folder, env=tree.environment, check=True, capture_output=True,
        )  # fmt: skip
        assert tree.first_failing_test(recipe.tests) is None


# Not the model, without which the others name nothing.
@pytest.mark.parametrize("forgotten", range(1, len(FIELD.edits)))
def test_a_step_that_is_forgotten_is_found(tree: Tree, forgotten: int) -> None:
    edits = [edit for number, edit in enumerate(FIELD.edits) if number != forgotten]
    with tree.mutated(edits):
        assert tree.first_failing_test([*FIELD.tests[:2], ROW]) is not None
