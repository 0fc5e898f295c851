"""The problems that pydantic finds, in one form for all messages. None of them quotes the input."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import ValidationError


class FieldProblem(NamedTuple):
    """One problem.

    ``field`` is the dotted path to the value, empty for the whole input. ``kind`` is pydantic's
    name of the problem, such as ``missing``: unlike ``message``, it never names an unknown value.
    """

    field: str
    message: str
    kind: str


def field_problems(error: ValidationError) -> list[FieldProblem]:
    """All problems, in the order of the fields."""
    return [
        FieldProblem(
            field=".".join(map(str, each["loc"])),
            message=each["msg"].removeprefix("Value error, "),
            kind=each["type"],
        )
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def problems_in_words(error: ValidationError) -> str:
    """Each field with its problem: ``limit: Input should be greater than 0; name: ...``."""
    return "; ".join(
        f"{field or 'content'}: {message}" for field, message, _ in field_problems(error)
    )


def fields_in_words(error: ValidationError) -> str:
    """The fields that have a problem: ``usage.inputTokens, output``."""
    return ", ".join(problem.field for problem in field_problems(error))
