"""The alarms about attacks and about the audit, and the subscriptions that fill the audit log."""

import json

from tests.support.templates import Templates, readable

#: Threshold and page by namespace, metric and its dimensions.
ALARMS = {
    ("AWS/AppSync", "4XXError", "<Api.ApiId>"): (50, "Attack"),
    ("GroceryOrders", "WebhooksForged", "payment_webhook"): (5, "Attack"),
    ("GroceryOrders", "PaymentsDenied", "verify_payment"): (1, "{}DeniedPayments"),
    ("GroceryOrders", "CustomersProbing", "api"): (1, "Attack"),
    ("GroceryOrders", "AuditLinesLost", "collect_audit"): (1, "AuditIncomplete"),
    ("AWS/Lambda", "Errors", "{}collect-audit"): (1, "AuditIncomplete"),
}


def test_operations_are_told_of_attacks_and_of_a_broken_audit(templates: Templates) -> None:
    alarms = {
        (
            alarm["Namespace"],
            alarm["MetricName"],
            readable(alarm["Dimensions"][0]["Value"]),
        ): alarm
        for alarm in templates.properties("AWS::CloudWatch::Alarm")
        if "security-alarms.md" in alarm["AlarmDescription"]
    }

    prefix = f"grocery-{templates.stage}-"
    expected = {(*key[:2], key[2].format(prefix)): value for key, value in ALARMS.items()}
    assert alarms.keys() == expected.keys()
    for key, alarm in alarms.items():
        threshold, page = expected[key]
        assert (alarm["Threshold"], alarm["Statistic"]) == (threshold, "Sum")
        assert templates.pages_of(alarm) == [page.format(prefix)]
        assert (alarm["Period"], alarm["EvaluationPeriods"]) == (300, 1)
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert alarm["TreatMissingData"] == "notBreaching"


def test_the_audit_lines_of_every_function_are_collected(templates: Templates) -> None:
    subscriptions = {
        readable(each["LogGroupName"]): each
        for each in templates.properties("AWS::Logs::SubscriptionFilter")
    }
    logs = {
        each["Handler"].partition(".")[0]: readable(each["LoggingConfig"]["LogGroup"])
        for each in templates.properties("AWS::Lambda::Function")
    }

    own = logs.pop("collect_audit")
    assert subscriptions.keys() == {*logs.values(), "<AuditLog>"}
    assert own not in subscriptions
    for log, each in subscriptions.items():
        pattern = "" if log == "<AuditLog>" else '{ $.message = "audit" }'
        assert each["FilterPattern"] == pattern
        assert readable(each["DestinationArn"]) == "<AuditCollectLive>"


def test_logs_of_this_stage_alone_invoke_the_collector(templates: Templates) -> None:
    (permission,) = [
        each
        for each in templates.properties("AWS::Lambda::Permission")
        if each["Principal"] == "logs.amazonaws.com"
    ]

    assert f"log-group:/grocery/{templates.stage}/*" in json.dumps(permission["SourceArn"])
    assert permission["SourceAccount"]


def test_subscriptions_wait_for_that_permission(templates: Templates) -> None:
    for each in templates.resources("AWS::Logs::SubscriptionFilter").values():
        assert any("Logs" in name for name in each["DependsOn"])
