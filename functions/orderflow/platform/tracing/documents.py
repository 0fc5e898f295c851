"""What may stand in a segment document."""

from __future__ import annotations

import re
import traceback
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aws_xray_sdk.core.models.entity import Entity

#: A segment or subsegment, as X-Ray reads it.
Document = dict[str, Any]

#: The annotation with an order's id, by which an order's traces are found.
ORDER_ID: Final = "order_id"

#: The name of subsegments that only carry that annotation.
ORDER_NAME: Final = "order"

_LONGEST_NAME: Final = 200
_LONGEST_TEXT: Final = 250

#: What names may hold, of ASCII; https://docs.aws.amazon.com/xray/latest/devguide/
#: xray-api-segmentdocuments.html#api-segmentdocuments-fields.
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9 _.:/%&#=+\\@-]")
_NOT_PRINTABLE: Final = re.compile(r"[^!-~]")


def name_of(text: str) -> str:
    """The text as a segment's name."""
    return _NOT_IN_NAMES.sub("_", text)[:_LONGEST_NAME] or "_"


def short(text: object) -> str:
    """The text as a field: printable ASCII without spaces, and no longer than X-Ray allows."""
    return _NOT_PRINTABLE.sub("_", str(text))[:_LONGEST_TEXT]


def add_class_of(error: BaseException, entity: Entity) -> None:
    """Adds an error's class, and the flag of a fault. Its message may hold personal data."""
    without_message = type(short(type(error).__name__), (Exception,), {})()
    entity.add_exception(without_message, traceback.StackSummary())
