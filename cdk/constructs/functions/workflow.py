"""The functions that the workflow calls: each with everything that it may use."""

from constructs import Construct

from cdk.constructs.bedrock import model
from cdk.constructs.functions.function import FunctionProps, OrdersFunction
from cdk.constructs.functions.resources import READ_AND_CHANGE, Resources
from orderflow.breakers.providers import ProviderName


def workflow_functions(
    scope: Construct, resources: Resources, return_url: str
) -> dict[str, OrdersFunction]:
    """The functions by the name that the definition gives them.

    Args:
        scope: the stack.
        resources: what they may use.
        return_url: where PayStack's checkout sends customers afterwards.
    """
    return {
        "ParseOrderFunction": _parse_order(scope, resources),
        "MatchProductsFunction": _match_products(scope, resources),
        "CreatePaymentLinkFunction": _create_payment_link(scope, resources, return_url),
        "NotifyCustomerFunction": _send_payment_link(scope, resources),
        "VerifyPaymentFunction": _verify_payment(scope, resources),
    }


def _parse_order(scope: Construct, resources: Resources) -> OrdersFunction:
    return OrdersFunction(
        scope,
        "ParseOrder",
        resources.foundation,
        FunctionProps(
            name="parse_order",
            description="Writes the order with its parsed lines",
            timeout_seconds=10,
            capabilities=[
                resources.orders_table(*READ_AND_CHANGE, "dynamodb:PutItem"),
                resources.catalog_table("dynamodb:GetItem"),
            ],
        ),
    )


def _match_products(scope: Construct, resources: Resources) -> OrdersFunction:
    return OrdersFunction(
        scope,
        "MatchProducts",
        resources.foundation,
        FunctionProps(
            name="match_products",
            description="Matches an order's lines to products of the catalog",
            timeout_seconds=30,
            memory_mb=1024,
            capabilities=[
                resources.orders_table(*READ_AND_CHANGE),
                resources.catalog_table(
                    "dynamodb:BatchGetItem",
                    "dynamodb:BatchWriteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                ),
                resources.tunables(),
                *resources.breaker(ProviderName.BEDROCK),
                resources.operations_topic(),
                *model(scope, resources.foundation.settings),
            ],
        ),
    )


def _create_payment_link(scope: Construct, resources: Resources, return_url: str) -> OrdersFunction:
    return OrdersFunction(
        scope,
        "CreatePaymentLink",
        resources.foundation,
        FunctionProps(
            name="create_payment_link",
            description="Asks PayStack for the order's payment link",
            # It may ask about an earlier link first: two calls of up to 13 s.
            timeout_seconds=30,
            environment={"PAYMENT_CALLBACK_URL": return_url},
            capabilities=[
                resources.orders_table(*READ_AND_CHANGE),
                *resources.paystack_api(),
                resources.operations_topic(),
                resources.link_checks(),
            ],
        ),
    )


def _verify_payment(scope: Construct, resources: Resources) -> OrdersFunction:
    settings = resources.foundation.settings
    return OrdersFunction(
        scope,
        "VerifyPayment",
        resources.foundation,
        FunctionProps(
            name="verify_payment",
            description="Asks PayStack whether an order is paid",
            timeout_seconds=20,
            environment={"UNDECIDED_ALERT_SECONDS": str(settings.undecided_alert_seconds)},
            capabilities=[
                resources.orders_table(*READ_AND_CHANGE),
                *resources.paystack_api(),
                resources.operations_topic(),
            ],
        ),
    )


def _send_payment_link(scope: Construct, resources: Resources) -> OrdersFunction:
    return OrdersFunction(
        scope,
        "NotifyCustomer",
        resources.foundation,
        FunctionProps(
            name="send_payment_link",
            description="E-mails the payment link to the customer",
            timeout_seconds=15,
            capabilities=[resources.orders_table(*READ_AND_CHANGE), *resources.customer_emails()],
        ),
    )
