"""A stand-in for Amazon Bedrock's Converse API that chooses products by the similarity of names.

It answers the forced tool call of the prompt in ``functions/orderflow/matching/prompts/``: it
parses the lines and their candidates from the message and chooses a candidate for each. It answers
any other message with text, without a tool call. On request it misbehaves
(:mod:`scripts.local.stand_ins.bedrock_forms`).

Protocol: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

import json
import time
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scripts.local.stand_ins.bedrock_forms import Answers, refusal, reshaped
from scripts.local.stand_ins.faults import (
    Fault,
    FaultInjector,
    FaultMiddleware,
    Mode,
    admin_routes,
    by_path,
)

#: A candidate below this similarity (0 to 100) is another product.
MINIMUM_SIMILARITY: Final = 60.0
_TIE_MARGIN: Final = 5.0
_CHARACTERS_PER_TOKEN: Final = 4


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class _Text(_Shape):
    text: str = ""


class _Message(_Shape):
    content: list[_Text] = Field(min_length=1)


class _ToolSpec(_Shape):
    name: str


class _Tool(_Shape):
    tool_spec: _ToolSpec


class _ToolConfig(_Shape):
    tools: list[_Tool] = Field(min_length=1)


class ConverseRequest(_Shape):
    """The fields of Converse's request that this stand-in uses."""

    messages: list[_Message] = Field(min_length=1)
    system: list[_Text] = Field(default_factory=list)
    tool_config: _ToolConfig | None = None

    @property
    def text(self) -> str:
        """The text of the system prompt and all messages."""
        texts = [part.text for message in self.messages for part in message.content]
        return "\n".join([*(part.text for part in self.system), *texts])


class Candidate(_Shape):
    """A candidate product of a line."""

    id: str
    name: str
    brand: str = ""
    also_called: list[str] = Field(default_factory=list)


class Line(_Shape):
    """A line of the grocery list, in the form of the prompt."""

    line: int
    name: str
    notes: list[str] = Field(default_factory=list)
    candidates: list[Candidate]


class _Document(_Shape):
    lines: list[Line]


class BedrockStandIn:
    """Serves every model id in the same way.

    Args:
        injector: injects faults into the calls.
    """

    def __init__(self, injector: FaultInjector | None = None) -> None:
        self._injector = injector or FaultInjector()
        self._answers = Answers()

    def app(self) -> Starlette:
        """The ASGI app to serve."""
        app = Starlette(
            routes=[
                # A model id may be an ARN or a profile, with slashes and colons.
                Route("/model/{model_id:path}/converse", self._converse, methods=["POST"]),
                *admin_routes(self._injector, self._answers.clear),
                *self._answers.routes(),
            ]
        )
        app.add_middleware(
            FaultMiddleware,
            injector=self._injector,
            operation_of=by_path({"/model/": "converse"}),
            error_answer=error_answer,
        )
        return app

    async def _converse(self, request: Request) -> Response:
        started = time.perf_counter()
        if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256"):
            return _aws_error("MissingAuthenticationTokenException", HTTPStatus.FORBIDDEN)
        try:
            converse = ConverseRequest.model_validate_json(await request.body())
        except ValidationError as error:
            return _aws_error("ValidationException", HTTPStatus.BAD_REQUEST, str(error))
        form = self._answers.form_for(converse.text)
        if refused := refusal(form):
            status, name, message = refused
            return _aws_error(name, status, message)
        milliseconds = round((time.perf_counter() - started) * 1000)
        return JSONResponse(reshaped(_answer(converse, milliseconds), form))


def choose(line: Line) -> dict[str, Any]:
    """The tool's entry for one line, in the form that the prompt requires.

    The chosen candidate has a similar name and fits the notes best, the first one of a tie;
    ``productId`` is null if no name is similar.
    """
    description = " ".join([line.name, *line.notes])
    similar = [one for one in line.candidates if _similarity(line.name, one) >= MINIMUM_SIMILARITY]
    best = max((_similarity(description, one) for one in similar), default=0.0)
    for candidate in similar:
        if _similarity(description, candidate) >= best - _TIE_MARGIN:
            confidence = round(_similarity(line.name, candidate) / 100, 2)
            return {"line": line.line, "productId": candidate.id, "confidence": confidence}
    return {"line": line.line, "productId": None, "confidence": 0.9}


def error_answer(fault: Fault) -> Response:
    """The AWS error for an injected fault."""
    match fault.mode:
        case Mode.THROTTLE:
            response = _aws_error("ThrottlingException", HTTPStatus.TOO_MANY_REQUESTS)
            response.headers["retry-after"] = str(fault.retry_after_seconds)
            return response
        case Mode.BAD_REQUEST:
            return _aws_error("ValidationException", HTTPStatus.BAD_REQUEST)
        case Mode.OUTAGE:
            return _aws_error("ServiceUnavailableException", HTTPStatus.SERVICE_UNAVAILABLE)
        case Mode.TIMEOUT:
            return _aws_error("ModelTimeoutException", HTTPStatus.REQUEST_TIMEOUT)
        case _:
            return _aws_error("InternalServerException", HTTPStatus.INTERNAL_SERVER_ERROR)


def _answer(converse: ConverseRequest, milliseconds: int) -> dict[str, Any]:
    content, stop_reason = _reply(converse)
    read, written = _tokens(converse.text), _tokens(json.dumps(content))
    return {
        "output": {"message": {"role": "assistant", "content": [content]}},
        "stopReason": stop_reason,
        "usage": {"inputTokens": read, "outputTokens": written, "totalTokens": read + written},
        "metrics": {"latencyMs": milliseconds},
    }


def _reply(request: ConverseRequest) -> tuple[dict[str, Any], str]:
    """A content block and its stop reason."""
    document = _find_document(request.messages[-1])
    if document is None or request.tool_config is None:
        return {"text": "I can only choose products for the lines of a grocery list."}, "end_turn"
    use = {
        "toolUseId": f"tooluse_{uuid4().hex[:22]}",
        "name": request.tool_config.tools[0].tool_spec.name,
        "input": {"choices": [choose(line) for line in document.lines]},
    }
    return {"toolUse": use}, "tool_use"


def _find_document(message: _Message) -> _Document | None:
    """The JSON document with the lines, found anywhere in the message."""
    text = "\n".join(part.text for part in message.content)
    try:
        found, _ = json.JSONDecoder().raw_decode(text, max(text.find("{"), 0))
        return _Document.model_validate(found)
    except ValueError:
        return None


def _similarity(words: str, candidate: Candidate) -> float:
    """The similarity, 0 to 100, of words to the product's name, brand and synonyms."""
    name = f"{candidate.name} {candidate.brand}"
    return max(
        fuzz.token_set_ratio(words, name, processor=default_process),
        *(fuzz.ratio(words, other, processor=default_process) for other in candidate.also_called),
        0.0,
    )


def _tokens(text: str) -> int:
    return max(1, len(text) // _CHARACTERS_PER_TOKEN)


def _aws_error(name: str, status: HTTPStatus, message: str | None = None) -> Response:
    body = {"message": message or name}
    return JSONResponse(body, status, {"x-amzn-errortype": name})
