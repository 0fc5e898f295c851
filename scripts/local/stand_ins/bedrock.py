"""A stand-in for Amazon Bedrock's Converse API: a very small model that can choose a product.

It answers the forced tool call of the prompt in ``functions/orderflow/matching/prompts/`` as a
model would: it reads the lines and their candidates out of the message and chooses by the likeness
of names. A message that it does not understand is answered in words, without a tool call.

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

from scripts.local.stand_ins.faults import (
    Fault,
    FaultInjector,
    FaultMiddleware,
    Mode,
    admin_routes,
    by_path,
)

#: Below this likeness (0 to 100) a candidate is something else.
CLOSE_ENOUGH: Final = 60.0
_EQUALS: Final = 5.0
_CHARACTERS_A_TOKEN: Final = 4


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
    """The part of Converse's request that this model looks at."""

    messages: list[_Message] = Field(min_length=1)
    system: list[_Text] = Field(default_factory=list)
    tool_config: _ToolConfig | None = None

    @property
    def words(self) -> str:
        """Everything that the model is given to read."""
        spoken = [part.text for message in self.messages for part in message.content]
        return "\n".join([*(part.text for part in self.system), *spoken])


class Candidate(_Shape):
    """A product that a line may mean."""

    id: str
    name: str
    brand: str = ""
    also_called: list[str] = Field(default_factory=list)


class Line(_Shape):
    """A line of the grocery list, as the prompt puts it."""

    line: int
    name: str
    notes: list[str] = Field(default_factory=list)
    candidates: list[Candidate]


class _Document(_Shape):
    lines: list[Line]


class BedrockStandIn:
    """Serves every model id alike.

    Args:
        injector: the faults that callers meet.
    """

    def __init__(self, injector: FaultInjector | None = None) -> None:
        self._injector = injector or FaultInjector()

    def app(self) -> Starlette:
        """The ASGI app to serve."""
        app = Starlette(
            routes=[
                # An ARN or a profile is a model id too, slashes and colons included.
                Route("/model/{model_id:path}/converse", _converse, methods=["POST"]),
                *admin_routes(self._injector),
            ]
        )
        app.add_middleware(
            FaultMiddleware,
            injector=self._injector,
            operation_of=by_path({"/model/": "converse"}),
            error_answer=error_answer,
        )
        return app


def choose(line: Line) -> dict[str, Any]:
    """The tool's entry for one line, as the prompt asks for it.

    Of the candidates that bear the name, the one that the notes fit best; of equals, the earlier;
    null if none bears it.
    """
    wanted = " ".join([line.name, *line.notes])
    named = [one for one in line.candidates if _likeness(line.name, one) >= CLOSE_ENOUGH]
    best = max((_likeness(wanted, one) for one in named), default=0.0)
    for candidate in named:
        if _likeness(wanted, candidate) >= best - _EQUALS:
            confidence = round(_likeness(line.name, candidate) / 100, 2)
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


async def _converse(request: Request) -> Response:
    started = time.perf_counter()
    if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256"):
        return _aws_error("MissingAuthenticationTokenException", HTTPStatus.FORBIDDEN)
    try:
        asked = ConverseRequest.model_validate_json(await request.body())
    except ValidationError as error:
        return _aws_error("ValidationException", HTTPStatus.BAD_REQUEST, str(error))
    content, stop_reason = _think(asked)
    read, written = _tokens(asked.words), _tokens(json.dumps(content))
    return JSONResponse(
        {
            "output": {"message": {"role": "assistant", "content": [content]}},
            "stopReason": stop_reason,
            "usage": {"inputTokens": read, "outputTokens": written, "totalTokens": read + written},
            "metrics": {"latencyMs": round((time.perf_counter() - started) * 1000)},
        }
    )


def _think(asked: ConverseRequest) -> tuple[dict[str, Any], str]:
    """A content block and the reason to stop after it."""
    document = _find_document(asked.messages[-1])
    if document is None or asked.tool_config is None:
        return {"text": "I can only choose products for the lines of a grocery list."}, "end_turn"
    use = {
        "toolUseId": f"tooluse_{uuid4().hex[:22]}",
        "name": asked.tool_config.tools[0].tool_spec.name,
        "input": {"choices": [choose(line) for line in document.lines]},
    }
    return {"toolUse": use}, "tool_use"


def _find_document(message: _Message) -> _Document | None:
    """The JSON document with the lines, wherever in the message it stands."""
    text = "\n".join(part.text for part in message.content)
    try:
        found, _ = json.JSONDecoder().raw_decode(text, max(text.find("{"), 0))
        return _Document.model_validate(found)
    except ValueError:
        return None


def _likeness(words: str, candidate: Candidate) -> float:
    """0 to 100: whether the words are all in the product's name, or nearly."""
    name = f"{candidate.name} {candidate.brand}"
    return max(
        fuzz.token_set_ratio(words, name, processor=default_process),
        *(fuzz.ratio(words, other, processor=default_process) for other in candidate.also_called),
        0.0,
    )


def _tokens(text: str) -> int:
    return max(1, len(text) // _CHARACTERS_A_TOKEN)


def _aws_error(name: str, status: HTTPStatus, message: str | None = None) -> Response:
    body = {"message": message or name}
    return JSONResponse(body, status, {"x-amzn-errortype": name})
