"""Every error that crosses a function's boundary.

Lambda reports an exception to Step Functions under its class name, so these names are what the
Retry and Catch blocks of ``workflows/order.asl.yaml`` match. Two families, answered differently:

* :class:`BusinessRefusalError`: the order can't go on for a reason the customer can understand.
  Nothing is broken; nothing is retried.
* :class:`ProviderUnavailableError`: something we depend on did not answer properly. Retried with
  backoff, then answered with the fallback the state machine holds for it.

Class names in the second half are part of the state machine's contract, hence no ``Error`` suffix.
"""


class OrderflowError(Exception):
    """Base of every error that this package raises on purpose."""


class BusinessRefusalError(OrderflowError):
    """The order itself can't go on; its message is fit for the customer's eyes."""


class ProviderUnavailableError(OrderflowError):
    """A provider did not answer, or not in a way we understand. Counts against its health.

    Args:
        message: what happened, without secrets or personal data.
        retry_after_seconds: how long the provider asked us to wait (``Retry-After``), if it did.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class InvalidOrder(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """The list is empty, too long, or nothing in it can be understood as an item."""


class PaymentRefused(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """PayStack understood the request and refused it (4xx about the order, not our keys)."""


class NotificationRefused(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """The e-mail service will never deliver this message (address or content refused)."""


class OrderAlreadyClosed(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """The order has ended (paid, expired, cancelled, rejected) before this step ran."""


class PaymentNotConfirmed(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """The order is still to be paid: nothing was reported, or PayStack does not confirm it."""


class PaymentLinkExpired(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """As :class:`PaymentNotConfirmed`, and the time to pay is over."""


class PaymentUnsettled(OrderflowError):  # noqa: N818 - an ASL error name
    """PayStack can't say yet whether a reported payment is good: ask again later."""


class BreakerOpen(OrderflowError):  # noqa: N818 - an ASL error name
    """The provider's circuit breaker is open: the call was skipped, not tried."""


class BedrockUnavailable(ProviderUnavailableError):  # noqa: N818 - an ASL error name
    """Amazon Bedrock timed out, throttled, failed, or answered with something unreadable."""


class PaystackUnavailable(ProviderUnavailableError):  # noqa: N818 - an ASL error name
    """PayStack timed out, throttled, failed, or answered with something unreadable."""


class NotificationUnavailable(ProviderUnavailableError):  # noqa: N818 - an ASL error name
    """The e-mail service timed out, throttled or failed."""


class StoreUnavailable(ProviderUnavailableError):  # noqa: N818 - an ASL error name
    """DynamoDB, or where settings are kept, throttled, failed or could not be reached."""


class ApiUnavailable(ProviderUnavailableError):  # noqa: N818 - as its siblings
    """Our own GraphQL API timed out, throttled, failed, or answered with something unreadable."""


class ApiRefusedError(OrderflowError):
    """Our own GraphQL API refuses what one of our functions asked: a fault of ours."""


class DuplicateReferenceError(OrderflowError):
    """PayStack knows this reference: an earlier answer was lost on its way to us."""


class UnknownTransactionError(OrderflowError):
    """PayStack knows no transaction with this reference."""


class PaystackCredentialsError(OrderflowError):
    """PayStack refuses our key or our address book: a fault of ours, not of the order."""


class OrderNotFoundError(OrderflowError):
    """No order has this id."""


class IllegalTransitionError(OrderflowError):
    """A status change that the order's present status does not allow.

    Args:
        order_id: the order.
        status: its present status.
        wanted: the status that was asked for.
    """

    def __init__(self, order_id: str, status: str, wanted: str) -> None:
        super().__init__(f"Order {order_id} is {status}; it can't become {wanted}.")
        self.order_id = order_id
        self.status = status
        self.wanted = wanted


class ConfigurationError(OrderflowError):
    """The function's environment or a stored setting is missing or malformed."""
