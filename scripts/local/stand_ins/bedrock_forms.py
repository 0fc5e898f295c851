"""The forms of Converse's answers: stop reasons, malformed tool calls, refusals.

``PUT /_admin/answers`` sets the form of the next answers (:class:`Misbehaviour`); clearing the
stand-in's faults ends it. Shapes and error names:
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

import copy
import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scripts.local.stand_ins.faults import invalid_request


class Form(StrEnum):
    """The forms of an answer."""

    NORMAL = "normal"
    # The model stops, for the reason of this name in Converse.
    END_TURN = "end_turn"
    STOP_SEQUENCE = "stop_sequence"
    MAX_TOKENS = "max_tokens"
    CONTEXT_WINDOW = "model_context_window_exceeded"
    GUARDRAIL = "guardrail_intervened"
    FILTERED = "content_filtered"
    MALFORMED_OUTPUT = "malformed_model_output"
    MALFORMED_TOOL_USE = "malformed_tool_use"
    # The tool call is malformed.
    CHOICES_AS_TEXT = "choices_as_text"
    INPUT_AS_TEXT = "input_as_text"
    PROSE = "prose"
    CONFIDENCE_AS_WORD = "confidence_as_word"
    ONE_BAD_ENTRY = "one_bad_entry"
    UNKNOWN_PRODUCTS = "unknown_products"
    WRONG_LINES = "wrong_lines"
    # Not an answer of Converse.
    NOT_CONVERSE = "not_converse"
    # Bedrock refuses.
    MODEL_ERROR = "model_error"
    TOO_LONG = "too_long"
    DENIED = "denied"
    RETIRED = "retired"
    INVALID_MODEL = "invalid_model"
    NOT_READY = "not_ready"
    DAILY_QUOTA = "daily_quota"
    QUOTA_EXCEEDED = "quota_exceeded"


_REFUSALS: Final[Mapping[Form, tuple[HTTPStatus, str, str]]] = {
    Form.MODEL_ERROR: (HTTPStatus.FAILED_DEPENDENCY, "ModelErrorException", "The model failed."),
    Form.TOO_LONG: (HTTPStatus.BAD_REQUEST, "ValidationException", "Input is too long."),
    Form.DENIED: (HTTPStatus.FORBIDDEN, "AccessDeniedException", "No access to this model."),
    Form.RETIRED: (HTTPStatus.NOT_FOUND, "ResourceNotFoundException", "The model is retired."),
    Form.INVALID_MODEL: (HTTPStatus.BAD_REQUEST, "ValidationException", "No such model."),
    Form.NOT_READY: (HTTPStatus.TOO_MANY_REQUESTS, "ModelNotReadyException", "Not ready."),
    Form.DAILY_QUOTA: (HTTPStatus.TOO_MANY_REQUESTS, "ThrottlingException", "Too many per day."),
    Form.QUOTA_EXCEEDED: (HTTPStatus.BAD_REQUEST, "ServiceQuotaExceededException", "Used up."),
}

_Choices = list[dict[str, Any]]


def _cut(choices: _Choices) -> Any:
    """What was written before the model stopped: the first half."""
    return choices[: len(choices) // 2]


def _each(changes: dict[str, Any]) -> Callable[[_Choices], Any]:
    return lambda choices: [choice | changes for choice in choices]


#: How the choices of a right answer become those of the form.
_CHOICES: Final[Mapping[Form, Callable[[_Choices], Any]]] = {
    Form.MAX_TOKENS: _cut,
    Form.CONTEXT_WINDOW: _cut,
    Form.CHOICES_AS_TEXT: json.dumps,
    Form.PROSE: lambda choices: f"I would choose {len(choices)} products.",
    Form.CONFIDENCE_AS_WORD: _each({"confidence": "high"}),
    Form.ONE_BAD_ENTRY: lambda choices: [{"line": "first"}, *choices[1:]],
    Form.UNKNOWN_PRODUCTS: _each({"productId": "gold-bar"}),
    Form.WRONG_LINES: _each({"line": 1000}),
}

#: Forms that hold a text in the place of the tool call.
_WITHOUT_CALL: Final = frozenset(
    {
        Form.END_TURN,
        Form.STOP_SEQUENCE,
        Form.GUARDRAIL,
        Form.FILTERED,
        Form.MALFORMED_OUTPUT,
        Form.MALFORMED_TOOL_USE,
    }
)


class Misbehaviour(BaseModel):
    """The form of the next answers.

    It ends after ``times`` answers, and concerns only requests that contain ``containing``.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    form: Form
    times: int | None = Field(default=None, ge=1)
    containing: str = ""


class Answers:
    """The form of the answers, set through the admin API."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Answer normally from now on."""
        self._set = Misbehaviour(form=Form.NORMAL)
        self._given = 0

    def form_for(self, text: str) -> Form:
        """The form of the answer to a request with this text."""
        times = self._set.times
        if self._set.containing not in text or (times is not None and self._given >= times):
            return Form.NORMAL
        self._given += 1
        return self._set.form

    def routes(self) -> list[Route]:
        """The admin API."""

        async def set_form(request: Request) -> Response:
            try:
                wanted = Misbehaviour.model_validate_json(await request.body())
            except ValidationError as error:
                return invalid_request(error)
            self._set, self._given = wanted, 0
            return JSONResponse(self._set.model_dump(mode="json", by_alias=True))

        return [Route("/_admin/answers", set_form, methods=["PUT"])]


def refusal(form: Form) -> tuple[HTTPStatus, str, str] | None:
    """Status, name and message of the error that the form is; None if it is an answer."""
    return _REFUSALS.get(form)


def reshaped(body: dict[str, Any], form: Form) -> dict[str, Any]:
    """A right answer in another form."""
    if form is Form.NOT_CONVERSE:
        return {"status": "ok"}
    answer = copy.deepcopy(body)
    content = answer["output"]["message"]["content"]
    if form in _WITHOUT_CALL:
        content[:] = [{"text": "No product was chosen."}]
        return answer | {"stopReason": form.value}
    for call in (block["toolUse"] for block in content if "toolUse" in block):
        if form is Form.INPUT_AS_TEXT:
            call["input"] = json.dumps(call["input"])
        elif reshape := _CHOICES.get(form):
            call["input"]["choices"] = reshape(call["input"]["choices"])
    if form in (Form.MAX_TOKENS, Form.CONTEXT_WINDOW):
        answer["stopReason"] = form.value
    return answer
