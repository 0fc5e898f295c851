"""MiniStack's functions with other values of names that they find in their module."""

import types
from collections.abc import Callable
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])


def with_names(function: _Function, **names: Any) -> _Function:
    """The same code, for which some of its module's names have other values.

    The module itself stays as it is: other requests use it meanwhile.
    """
    rebound: Any = types.FunctionType(
        function.__code__,
        {**function.__globals__, **names},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    return rebound  # type: ignore[no-any-return]
