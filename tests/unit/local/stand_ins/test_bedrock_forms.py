"""Every form of the Bedrock stand-in's answers, and what our client makes of it.

One table for both, so that neither can change alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from unittest.mock import Mock

import boto3
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from starlette.testclient import TestClient

from orderflow.catalog.product import Product
from orderflow.errors import BedrockUnavailable
from orderflow.matching.bedrock import ConverseChooser
from orderflow.matching.chooser import Answer, Question, Unanswered
from orderflow.orders.lines import RequestedLine
from scripts.local.stand_ins.bedrock import BedrockStandIn
from scripts.local.stand_ins.bedrock_forms import Form

U = Unanswered
GOOD = None

#: For two questions: why each has no choice (or that it has one), and the refusal.
OUTCOMES: dict[Form, tuple[Unanswered | None, Unanswered | None, str | None]] = {
    Form.NORMAL: (GOOD, GOOD, None),
    Form.END_TURN: (U.NOT_UNDERSTOOD, U.NOT_UNDERSTOOD, None),
    Form.STOP_SEQUENCE: (U.NOT_UNDERSTOOD, U.NOT_UNDERSTOOD, None),
    Form.MAX_TOKENS: (GOOD, U.NOT_UNDERSTOOD, None),
    Form.CONTEXT_WINDOW: (GOOD, U.NOT_UNDERSTOOD, None),
    Form.GUARDRAIL: (U.BLOCKED, U.BLOCKED, None),
    Form.FILTERED: (U.BLOCKED, U.BLOCKED, None),
    Form.MALFORMED_OUTPUT: (U.NOT_UNDERSTOOD, U.NOT_UNDERSTOOD, None),
    Form.MALFORMED_TOOL_USE: (U.NOT_UNDERSTOOD, U.NOT_UNDERSTOOD, None),
    Form.CHOICES_AS_TEXT: (GOOD, GOOD, None),
    Form.INPUT_AS_TEXT: (GOOD, GOOD, None),
    Form.PROSE: (U.NOT_UNDERSTOOD, U.NOT_UNDERSTOOD, None),
    Form.CONFIDENCE_AS_WORD: (U.NOT_UNDERSTOOD, U.NOT_UNDERSTOOD, None),
    Form.ONE_BAD_ENTRY: (U.NOT_UNDERSTOOD, GOOD, None),
    # The matcher finds that these were not offered.
    Form.UNKNOWN_PRODUCTS: (GOOD, GOOD, None),
    Form.WRONG_LINES: (U.NOT_UNDERSTOOD, U.NOT_UNDERSTOOD, None),
    Form.MODEL_ERROR: (U.NOT_UNDERSTOOD, U.NOT_UNDERSTOOD, None),
    Form.TOO_LONG: (U.NOT_UNDERSTOOD, U.NOT_UNDERSTOOD, None),
    Form.DENIED: (U.UNAVAILABLE, U.UNAVAILABLE, "AccessDeniedException"),
    Form.RETIRED: (U.UNAVAILABLE, U.UNAVAILABLE, "ResourceNotFoundException"),
    Form.INVALID_MODEL: (U.UNAVAILABLE, U.UNAVAILABLE, "ValidationException"),
    Form.NOT_READY: (U.UNAVAILABLE, U.UNAVAILABLE, "ModelNotReadyException"),
    Form.DAILY_QUOTA: (U.UNAVAILABLE, U.UNAVAILABLE, "ThrottlingException"),
    Form.QUOTA_EXCEEDED: (U.UNAVAILABLE, U.UNAVAILABLE, "ServiceQuotaExceededException"),
}

MILK = Product(id="milk", name="Milk", category="Dairy", pack_unit="liter", price_kobo=100)
QUESTIONS = [
    Question(RequestedLine(text=name, name=name, quantity=Decimal(1)), (MILK,))
    for name in ("milk", "milks")
]


@pytest.fixture
def stand_in() -> Iterator[TestClient]:
    with TestClient(BedrockStandIn().app()) as client:
        yield client


@pytest.fixture
def chooser(stand_in: TestClient) -> ConverseChooser:
    """Our client, with the stand-in in the place of the network."""
    client = boto3.client(
        "bedrock-runtime",
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )

    def send(request: AWSRequest, **_: Any) -> Any:
        path = str(request.url).partition(".com")[2]
        headers = {name: _text(value) for name, value in request.headers.items()}
        answer = stand_in.post(path, content=request.body, headers=headers)
        sent = HTTPHeaders.from_dict(dict(answer.headers))
        raw = Mock(stream=lambda: [answer.content])
        return AWSResponse(str(request.url), answer.status_code, sent, raw)

    handler: Any = send  # typed as returning nothing, but what it returns is the answer
    client.meta.events.register("before-send.bedrock-runtime.Converse", handler)
    return ConverseChooser(client, "a.model-v1:0")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def misbehave(stand_in: TestClient, **how: Any) -> None:
    assert stand_in.put("/_admin/answers", json=how).status_code == 200


def reasons(answer: Answer) -> tuple[Unanswered | None, Unanswered | None, str | None]:
    chosen = {choice.question for choice in answer.choices}
    assert chosen | set(answer.unanswered) == {0, 1}
    return answer.unanswered.get(0), answer.unanswered.get(1), answer.refusal


def test_the_table_has_every_form() -> None:
    assert {*OUTCOMES, Form.NOT_CONVERSE} == {*Form}


@pytest.mark.parametrize("form", OUTCOMES)
def test_our_client_understands_a_form_as_the_table_says(
    stand_in: TestClient, chooser: ConverseChooser, form: Form
) -> None:
    misbehave(stand_in, form=form)
    assert reasons(chooser(QUESTIONS)) == OUTCOMES[form]


def test_what_is_no_answer_of_converse_is_an_outage(
    stand_in: TestClient, chooser: ConverseChooser
) -> None:
    misbehave(stand_in, form="not_converse")
    with pytest.raises(BedrockUnavailable):
        chooser(QUESTIONS)


def test_the_stand_in_knows_all_stop_reasons() -> None:
    model = boto3.client("bedrock-runtime", region_name="eu-west-1").meta.service_model
    assert {*model.shape_for("StopReason").enum} - {"tool_use"} <= {*map(str, Form)}


def test_it_misbehaves_so_often_and_for_such_lists_only(
    stand_in: TestClient, chooser: ConverseChooser
) -> None:
    misbehave(stand_in, form="prose", times=2, containing="milks")
    asked = [QUESTIONS[:1], QUESTIONS, QUESTIONS, QUESTIONS]
    assert [bool(chooser(each).choices) for each in asked] == [True, False, False, True]


def test_an_unknown_form_is_refused(stand_in: TestClient) -> None:
    answer = stand_in.put("/_admin/answers", json={"form": "nonsense"})
    assert answer.status_code == 400
    assert answer.json()["problems"][0]["field"] == "form"


def test_clearing_its_faults_ends_the_misbehaviour(
    stand_in: TestClient, chooser: ConverseChooser
) -> None:
    misbehave(stand_in, form="malformed_tool_use")

    assert stand_in.delete("/_admin/faults").status_code == 200

    assert reasons(chooser(QUESTIONS)) == OUTCOMES[Form.NORMAL]
