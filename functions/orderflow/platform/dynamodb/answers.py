"""DynamoDB's answers, whose values are taken as they come.

botocore looks in each value for each of the ten kinds of values that there are: most of the time of
reading an item.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from botocore import register_initializer
from botocore.parsers import JSONParser, ResponseParserFactory
from botocore.session import Session

_VALUE: Final = "AttributeValue"

#: Kinds whose values in JSON are what botocore makes of them.
_PLAIN: Final = frozenset({"S", "N", "BOOL", "NULL", "SS", "NS"})


class ItemParser(JSONParser):
    """Parses answers of services that speak JSON, and DynamoDB's values plainly."""

    def _handle_structure(self, shape: Any, value: Any) -> Any:
        if shape.name == _VALUE and type(value) is dict and len(value) == 1:
            ((kind, content),) = value.items()
            if kind in _PLAIN:
                return value
            if kind == "M":
                parse = self._handle_structure
                return {"M": {name: parse(shape, each) for name, each in content.items()}}
            if kind == "L":
                return {"L": [self._handle_structure(shape, each) for each in content]}
        return super()._handle_structure(shape, value)


class _Factory(ResponseParserFactory):
    def create_parser(self, protocol_name: str) -> Any:
        made = super().create_parser(protocol_name)
        if type(made) is not JSONParser:
            return made
        return ItemParser(**self._defaults)


@cache
def parse_plainly() -> None:
    """Has the clients of all sessions that are made from now on parse by :class:`ItemParser`."""
    register_initializer(_register)


def _register(session: Session) -> None:
    session.register_component("response_parser_factory", _Factory())
