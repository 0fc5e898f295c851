"""What pydantic refuses, in words."""

from __future__ import annotations

from pydantic import ValidationError


def problems_in_words(error: ValidationError) -> str:
    """Each field with what is wrong with it, without the input."""
    return "; ".join(
        f"{'.'.join(map(str, problem['loc'])) or 'content'}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_context=False)
    )
