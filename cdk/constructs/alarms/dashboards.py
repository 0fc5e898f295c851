"""Dashboards: orders, providers, API and real time, firewall, queues and functions, cost."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cdk.alarm_names import METRICS_NAMESPACE
from cdk.constructs.alarms.alarm import counted, function_metric, metric
from cdk.constructs.alarms.objectives import OBJECTIVES
from cdk.constructs.functions.function import OrdersFunction
from cdk.guard_settings import API_ACL, SIGN_IN_ACL
from cdk.settings import Settings
from orderflow.breakers.events import COUNTED_AS, REFUSED_METRIC, SKIPPED_METRIC, STATE_METRICS
from orderflow.breakers.providers import ProviderName

_WIDTH = 12
_DAY = cdk.Duration.days(1)

Metrics = Sequence[cloudwatch.IMetric]


class Dashboards(Construct):
    """One dashboard for each subject, ``grocery-<stage>-<subject>``.

    Args:
        functions: all functions of the stage.
        machine: the ARN of the state machine.
        api_id: the id of the GraphQL API.
        queues: the queues' names, by what is written on their plots.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        settings: Settings,
        *,
        functions: Sequence[OrdersFunction],
        machine: str,
        api_id: str,
        queues: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self._add("orders", _orders(machine))
        self._add("providers", _providers())
        self._add("api", _api(api_id))
        self._add("firewall", _firewall(settings))
        self._add("queues", _queues(queues) | _functions(functions))
        self._add("cost", _cost(functions, settings))

    def _add(self, subject: str, plots: Mapping[str, Metrics]) -> None:
        widgets = [
            cloudwatch.GraphWidget(
                title=title, left=[*metrics], width=_WIDTH, region=self._settings.region
            )
            for title, metrics in plots.items()
        ]
        dashboard = cloudwatch.Dashboard(
            self,
            subject.title(),
            dashboard_name=f"{self._settings.prefix}-{subject}",
            default_interval=cdk.Duration.hours(12),
        )
        for pair in zip(widgets[::2], [*widgets[1::2], None], strict=False):
            dashboard.add_widgets(*(each for each in pair if each is not None))


def _orders(machine: str) -> dict[str, Metrics]:
    late = {
        f"{each.promise} (part that is late)": [
            function_metric(each.measured.metric, each.function, "Average")
        ]
        for each in OBJECTIVES
    }
    endings = ("ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
    return {
        "Orders accepted, links, payments": [
            function_metric("OrdersAccepted", "api"),
            function_metric("PaymentLinksReady", "create_payment_link"),
            function_metric("PaymentsConfirmed", "verify_payment"),
            function_metric("OrdersCancelled", "api"),
        ],
        "Executions by their end": [
            counted("AWS/States", each, StateMachineArn=machine) for each in endings
        ],
        "Orders that wait or stand still": [
            function_metric(each, "reconcile_orders", "Maximum")
            for each in ("OrdersParked", "OrdersStuck")
        ],
        "Runs of the canary that missed": [function_metric("CanaryMissed", "run_canary")],
        "Duration of the canary's runs (s)": [
            function_metric("CanarySeconds", "run_canary", "Maximum")
        ],
        "Age of the oldest parked order (s)": [
            function_metric("ParkedOrdersAge", "reconcile_orders", "Maximum")
        ],
        **late,
    }


def _providers() -> dict[str, Metrics]:
    plots: dict[str, Metrics] = {
        f"Breaker of {provider.display_name}": [
            counted(METRICS_NAMESPACE, each, provider=provider, service=COUNTED_AS)
            for each in (*STATE_METRICS.values(), SKIPPED_METRIC)
        ]
        for provider in ProviderName
    }
    plots["Requests that providers refuse"] = [
        counted(METRICS_NAMESPACE, REFUSED_METRIC, provider=each, service=COUNTED_AS)
        for each in (*ProviderName, "ses")
    ]
    plots["E-mails"] = [
        function_metric("CustomersTold", "send_status_emails"),
        function_metric("CustomersNotTold", "send_status_emails"),
        function_metric("AddressesMarked", "record_email_feedback"),
    ]
    plots["Payments and refunds of PayStack"] = [
        function_metric("PaymentsDenied", "verify_payment"),
        function_metric("PaymentsUndecided", "verify_payment"),
        function_metric("RefundsFailed", "payment_webhook"),
        function_metric("LinksFoundPaid", "reconcile_orders"),
    ]
    return plots


def _api(api_id: str) -> dict[str, Metrics]:
    def of_api(name: str, statistic: str) -> cloudwatch.Metric:
        return metric("AWS/AppSync", name, statistic, GraphQLAPIId=api_id)

    return {
        "Refused and failed requests": [of_api("4XXError", "Sum"), of_api("5XXError", "Sum")],
        "Latency (ms)": [of_api("Latency", "p50"), of_api("Latency", "p99")],
        "Subscribers": [
            of_api("ActiveConnections", "Maximum"),
            of_api("ActiveSubscriptions", "Maximum"),
        ],
        "Updates": [
            function_metric("UpdatesPublished", "publish_order_updates"),
            function_metric("UpdatesNotPublished", "publish_order_updates"),
            of_api("PublishDataMessageSuccess", "Sum"),
        ],
        "Webhooks of PayStack": [
            function_metric(each, "payment_webhook")
            for each in ("WebhooksForged", "WebhooksFromElsewhere", "WebhooksUnreadable")
        ],
    }


def _firewall(settings: Settings) -> dict[str, Metrics]:
    return {
        f"Requests to {acl}": [
            counted(
                "AWS/WAFV2",
                each,
                WebACL=f"{settings.prefix}-{acl}",
                Rule="ALL",
                Region=settings.region,
            )
            for each in ("AllowedRequests", "BlockedRequests", "CountedRequests")
        ]
        for acl in (API_ACL, SIGN_IN_ACL)
    }


def _queues(queues: Mapping[str, str]) -> dict[str, Metrics]:
    return {
        "Messages that are visible": [
            metric(
                "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", QueueName=name
            ).with_(label=title)
            for title, name in queues.items()
        ],
        "Age of the oldest message (s)": [
            metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", QueueName=name).with_(
                label=title
            )
            for title, name in queues.items()
        ],
        "Dead letters": [
            function_metric("DeadLettersRetried", "handle_dead_letters"),
            function_metric("DeadLettersKept", "handle_dead_letters"),
        ],
    }


def _functions(functions: Sequence[OrdersFunction]) -> dict[str, Metrics]:
    return {
        title: [
            metric("AWS/Lambda", name, statistic, FunctionName=each.deployed_name).with_(
                label=each.folder
            )
            for each in functions
        ]
        for title, name, statistic in (
            ("Errors of functions", "Errors", "Sum"),
            ("Throttles of functions", "Throttles", "Sum"),
            ("Duration of functions (ms, p99)", "Duration", "p99"),
        )
    }


def _cost(functions: Sequence[OrdersFunction], settings: Settings) -> dict[str, Metrics]:
    """What is charged by use. AWS writes its estimates of charges in us-east-1 alone."""
    return {
        "Tokens of the model, a day": [
            function_metric(each, "match_products", "Sum", _DAY)
            for each in ("ModelInputTokens", "ModelOutputTokens")
        ],
        "Calls of functions, a day": [
            counted("AWS/Lambda", "Invocations", _DAY, FunctionName=each.deployed_name).with_(
                label=each.folder
            )
            for each in functions
        ],
        "Requests that the firewall inspects, a day": [
            counted(
                "AWS/WAFV2",
                "AllowedRequests",
                _DAY,
                WebACL=f"{settings.prefix}-{API_ACL}",
                Rule="ALL",
                Region=settings.region,
            )
        ],
    }
