"""Every error that crosses a function's boundary.

Lambda reports an exception to Step Functions under its class name, so these names are what the
Retry and Catch blocks of ``workflows/order.asl.yaml`` match. There are two families:

* :class:`BusinessRefusalError`: the order can't go on, for a reason that concerns the customer. It
  is not retried.
* :class:`ProviderUnavailableError`: a provider did not answer, or not properly. It is retried with
  backoff; then the state machine's fallback applies.

Class names in the second half are part of the state machine's contract, hence no ``Error`` suffix.
"""


class OrderflowError(Exception):
    """Base of every error that this package raises on purpose."""


class BusinessRefusalError(OrderflowError):
    """The order can't go on; the message is written for the customer."""


class RetryLaterError(BusinessRefusalError):
    """As :class:`BusinessRefusalError`, for now: the same request may be accepted later.

    Args:
        message: for the customer; it says how long to wait.
        retry_after_seconds: the wait, in whole seconds, at least 1.
    """

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ProviderUnavailableError(OrderflowError):
    """A provider gave no answer, or an unreadable one. Counts as a failure of the provider.

    Args:
        message: what happened, without secrets or personal data.
        retry_after_seconds: the wait that the provider asks for (``Retry-After``), if any.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class InvalidOrder(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """The list is empty, too long, or nothing in it can be understood as an item."""


class PaymentRefused(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """PayStack understood the request and refused it: the request itself is at fault."""


class NotificationRefused(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """The e-mail service refuses the message (its address, its content) or our account."""


class OrderAlreadyClosed(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """The order has ended (paid, expired, cancelled, rejected) before this step ran."""


class PaymentNotConfirmed(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """The order is not paid: no payment was reported, or PayStack does not confirm it."""


class PaymentLinkExpired(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """As :class:`PaymentNotConfirmed`, and the payment link has expired."""


class OrderToBeCancelled(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """Its cancellation is wished, and PayStack knows of no payment; the message is the reason."""


class OrderToBeRejected(BusinessRefusalError):  # noqa: N818 - an ASL error name
    """The order can't go on, and PayStack knows of no payment; the message is its reference."""


class PaymentUnsettled(OrderflowError):  # noqa: N818 - an ASL error name
    """PayStack can't confirm or deny a payment yet; ask again later."""


class BreakerOpen(OrderflowError):  # noqa: N818 - an ASL error name
    """The provider's circuit breaker is open: the call was not made."""


class BedrockUnavailable(ProviderUnavailableError):  # noqa: N818 - an ASL error name
    """Amazon Bedrock timed out, throttled, failed, or gave no answer of its Converse API."""


class PaystackUnavailable(ProviderUnavailableError):  # noqa: N818 - an ASL error name
    """PayStack timed out, throttled, failed, or answered with something unreadable."""


class PaystackRefusedUs(PaystackUnavailable):
    """PayStack refuses our key, our business or our requests: orders wait until that is mended."""


class NotificationUnavailable(ProviderUnavailableError):  # noqa: N818 - an ASL error name
    """The e-mail service timed out, throttled or failed."""


class StoreUnavailable(ProviderUnavailableError):  # noqa: N818 - an ASL error name
    """DynamoDB or the settings' store throttled, failed or could not be reached."""


class AccountsUnavailable(ProviderUnavailableError):  # noqa: N818 - named like the others
    """Amazon Cognito throttled, failed or could not be reached."""


class ApiUnavailable(ProviderUnavailableError):  # noqa: N818 - named like the providers' errors
    """Our own GraphQL API timed out, throttled, failed, or answered with something unreadable."""


class ApiRefusedError(OrderflowError):
    """Our own GraphQL API refuses a request of one of our functions: an error of ours."""


class DuplicateReferenceError(OrderflowError):
    """PayStack knows this reference already: the answer to an earlier request was lost."""


class UnknownTransactionError(OrderflowError):
    """PayStack knows no transaction with this reference."""


class RefundRefusedError(BusinessRefusalError):
    """A refund can't be made; the message says to operations why, and what to do."""


class OrderNotFoundError(OrderflowError):
    """No order has this id."""


class IllegalTransitionError(OrderflowError):
    """The order's present status does not allow this change.

    Args:
        order_id: the order.
        status: its present status.
        wanted: the requested status.
    """

    def __init__(self, order_id: str, status: str, wanted: str) -> None:
        super().__init__(f"Order {order_id} is {status}; it can't become {wanted}.")
        self.order_id = order_id
        self.status = status
        self.wanted = wanted


class ConfigurationError(OrderflowError):
    """The function's environment or a stored setting is missing or malformed."""


class CatalogEmptyError(ConfigurationError):
    """The catalog holds no products, so that no list can be matched: it is to be loaded."""
