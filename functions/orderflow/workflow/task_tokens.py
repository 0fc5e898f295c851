"""Answers the task tokens that executions wait for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from orderflow.platform.aws_errors import error_code

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: Step Functions' errors for a token that has been answered or timed out, or whose execution ended.
_SPENT: Final = frozenset({"TaskDoesNotExist", "TaskTimedOut", "InvalidToken"})


def answer(sfn: SFNClient, token: str, output: Mapping[str, Any]) -> bool:
    """Complete the task that waits for this token.

    Returns:
        Whether a task was waiting; False for a spent token.
    """
    try:
        sfn.send_task_success(taskToken=token, output=json.dumps(output))
    except ClientError as error:
        if error_code(error) not in _SPENT:
            raise
        return False
    return True
