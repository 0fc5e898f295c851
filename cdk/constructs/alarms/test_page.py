"""The alarm that `orders alerts test` sets off: a page on the way of all others."""

import aws_cdk as cdk
from aws_cdk import aws_sns as sns

from cdk.alarm_names import METRICS_NAMESPACE, TEST_PAGE, TEST_PAGES_METRIC
from cdk.constructs.alarms.alarm import AlarmProps, counted


def test_page(operations: sns.ITopic) -> AlarmProps:
    """The alarm. It begins with the next minute's evaluation, and ends by itself."""
    return AlarmProps(
        TEST_PAGE,
        counted(METRICS_NAMESPACE, TEST_PAGES_METRIC, cdk.Duration.minutes(1)),
        "This is a test: answer it, nothing else.",
        "test-page.md",
        pages=operations,
    )
