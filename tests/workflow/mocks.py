"""The answers of mocked states, from ``mocks.json``.

A case names the states whose answers differ from the defaults. The answers of a state are one or a
list, given one to a visit; a success at the end of the list is repeated. After an error at the end
the state makes its real call. A name that is not among ``answers`` is an error of that name.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MOCKS = json.loads((Path(__file__).parent / "mocks.json").read_text())
CASES: frozenset[str] = frozenset(MOCKS["cases"])

# More visits than any state has in one execution.
_LAST_VISIT = 9


def mock_config(state_machine: str) -> dict[str, Any]:
    """All cases of the state machine in the format of AWS Step Functions Local."""
    cases = {name: MOCKS["defaults"] | differences for name, differences in MOCKS["cases"].items()}
    responses = [answers for states in cases.values() for answers in states.values()]
    return {
        "StateMachines": {
            state_machine: {
                "TestCases": {
                    case: {state: _name(answers) for state, answers in states.items()}
                    for case, states in cases.items()
                }
            }
        },
        "MockedResponses": {_name(answers): _by_visit(answers) for answers in responses},
    }


def _name(answers: str | list[str]) -> str:
    return answers if isinstance(answers, str) else ",".join(answers)


def _by_visit(answers: str | list[str]) -> dict[str, Any]:
    sequence = [_answer(name) for name in _name(answers).split(",")]
    by_visit = {str(visit): answer for visit, answer in enumerate(sequence)}
    if "Return" in sequence[-1]:
        by_visit[f"{len(sequence)}-{_LAST_VISIT}"] = sequence[-1]
    return by_visit


def _answer(name: str) -> dict[str, Any]:
    answer = MOCKS["answers"].get(name, {"error": name})
    if "error" not in answer:
        return {"Return": answer}
    error = answer["error"]
    cause = {"errorType": error, "errorMessage": answer.get("message", "mocked")}
    return {"Throw": {"Error": error, "Cause": json.dumps(cause)}}
