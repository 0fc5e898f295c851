"""MiniStack, writing down each JSONata expression that it evaluates and each Task's arguments.

``python recording_emulator.py FILE`` appends one JSON object a line, which the judges read.
"""

from __future__ import annotations

import json
import runpy
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ministack.services import stepfunctions

_evaluate = stepfunctions._evaluate_jsonata
_arguments = stepfunctions._apply_jsonata_arguments
_lock = threading.Lock()
_file = Path(sys.argv.pop(1))  # the emulator reads what is left


def _write(record: dict[str, Any]) -> None:
    line = json.dumps(record, default=str)
    with _lock, _file.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def _recorded_evaluation(
    expression: str, raw_input: Any, ctx: Any = None, result: Any = None, error_output: Any = None
) -> Any:
    context = {k: v for k, v in (ctx or {}).items() if k not in {"variables", "_query_language"}}
    states = {"input": raw_input, "context": context}
    states |= {"result": result} if result is not None else {}
    states |= {"errorOutput": error_output} if error_output is not None else {}
    record = {
        "expression": expression,
        "states": states,
        "variables": dict((ctx or {}).get("variables", {})),
        "millis": time.time_ns() // 1_000_000,
    }
    try:
        value = _evaluate(expression, raw_input, ctx, result, error_output)
    except stepfunctions._ExecutionError as error:
        _write({**record, "error": str(error)})
        raise
    _write({**record, "value": value})
    return value


def _recorded_arguments(state: dict[str, Any], raw_input: Any, ctx: Any = None) -> Any:
    value = _arguments(state, raw_input, ctx)
    if "Resource" in state:
        name = (ctx or {}).get("State", {}).get("Name")
        _write({"state": name, "resource": state["Resource"], "arguments": value})
    return value


stepfunctions._evaluate_jsonata = _recorded_evaluation
stepfunctions._apply_jsonata_arguments = _recorded_arguments
runpy.run_module("ministack", run_name="__main__", alter_sys=True)
