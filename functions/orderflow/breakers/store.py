"""Circuit breakers in DynamoDB: the ``breakers`` table, with one item for each provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from orderflow.breakers.ports import Written
from orderflow.breakers.state import BreakerItem, Mode, State
from orderflow.breakers.transitions import Transition
from orderflow.clock import epoch_ms
from orderflow.platform.dynamodb import (
    condition_failed,
    from_wire,
    item_at_failure,
    placeholders,
    translated_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

#: Placeholders that stand for themselves.
CONSTANTS: Final[Mapping[str, Any]] = {
    **{str(value): str(value) for value in (*State, *Mode)},
    "zero": 0,
    "one": 1,
}

_FRESH: Final = (
    "#state = if_not_exists(#state, :CLOSED), #epoch = if_not_exists(#epoch, :zero), "
    "#failures = if_not_exists(#failures, :zero), #opens = if_not_exists(#opens, :zero)"
)

FORCE: Final = f"SET #mode = :mode, #modeReason = :reason, #updatedBy = :by, {_FRESH}"

RELEASE: Final = f"SET #mode = :AUTO, #updatedBy = :by, {_FRESH} REMOVE #modeReason"

#: Every call has gone out for a while. The breaker does not go back to a cooldown from before, and
#: operators' reason for closing it is the reason of its state.
RELEASE_CLOSED: Final = (
    "SET #mode = :AUTO, #state = :CLOSED, #epoch = #epoch + :one, #failures = :zero, "
    "#closedAt = :now, #reason = if_not_exists(#modeReason, :reason), #updatedBy = :by "
    "REMOVE #probeId, #probeUntil, #modeReason"
)

IS_FORCED_CLOSED: Final = "#mode = :FORCED_CLOSED AND (#state = :OPEN OR #state = :HALF_OPEN)"


class DynamoBreakerStore:
    """A :class:`~orderflow.breakers.ports.BreakerStore`.

    Every method raises :class:`~orderflow.errors.StoreUnavailable` when DynamoDB throttles, fails
    or can't be reached.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, provider: str) -> BreakerItem:
        """The item as it is now (strongly consistent), or a new breaker's if there is none."""
        with translated_errors():
            answer = self._table.get_item(Key={"provider": provider}, ConsistentRead=True)
        return BreakerItem.model_validate(answer.get("Item") or {"provider": provider})

    def write(
        self, provider: str, transition: Transition, epoch: int, values: Mapping[str, Any]
    ) -> Written:
        """Make the transition if its condition holds for a caller that saw ``epoch``."""
        try:
            item = self._update(
                provider,
                transition.update,
                {**values, "epoch": epoch},
                condition=transition.condition_at(epoch),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            # ALL_OLD: the refused caller gets the present item without another read.
            item = BreakerItem.model_validate({"provider": provider, **item_at_failure(error)})
            return Written(applied=False, item=item)
        return Written(applied=True, item=item)

    def force(self, provider: str, mode: Mode, reason: str, by: str) -> BreakerItem:
        """Force the breaker, or return it to AUTO.

        Its own state and that state's reason are kept meanwhile. One that was forced closed is
        CLOSED when it returns to AUTO.

        Args:
            provider: the provider's name.
            mode: the new mode.
            reason: why.
            by: the operator.
        """
        if mode is not Mode.AUTO:
            return self._update(provider, FORCE, {"mode": str(mode), "reason": reason, "by": by})
        values = {"reason": reason, "by": by, "now": epoch_ms()}
        try:
            return self._update(provider, RELEASE_CLOSED, values, condition=IS_FORCED_CLOSED)
        except ClientError as error:
            if not condition_failed(error):
                raise
            return self._update(provider, RELEASE, values)

    def _update(
        self, provider: str, update: str, values: Mapping[str, Any], condition: str | None = None
    ) -> BreakerItem:
        text = f"{update} {condition or ''}"
        known = {**CONSTANTS, **values}
        conditional: Any = {
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        with translated_errors():
            answer = self._table.update_item(
                Key={"provider": provider},
                UpdateExpression=update,
                ExpressionAttributeNames={f"#{name}": name for name in placeholders("#", text)},
                ExpressionAttributeValues={
                    f":{name}": known[name] for name in placeholders(":", text)
                },
                ReturnValues="ALL_NEW",
                **(conditional if condition else {}),
            )
        return BreakerItem.model_validate(answer["Attributes"])


def from_attributes(provider: str, attributes: Mapping[str, Any] | None) -> BreakerItem:
    """The breaker of an item in DynamoDB's wire format (``{"epoch": {"N": "3"}}``)."""
    return BreakerItem.model_validate({"provider": provider, **from_wire(attributes or {})})
