"""Writes a web ACL's counts to the emulator's CloudWatch, as WAF writes its metrics.

https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
"""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from scripts.local.stack.state import REGION
from scripts.local.waf.guard import Publish
from scripts.local.waf.web_acl import Action

NAMESPACE: Final = "AWS/WAFV2"
METRICS: Final = {
    Action.ALLOW: "AllowedRequests",
    Action.BLOCK: "BlockedRequests",
    Action.COUNT: "CountedRequests",
}
#: The name of the default action in the dimension `Rule`.
_DEFAULT: Final = "Default_Action"

log = logging.getLogger(__name__)


def to_cloudwatch(cloudwatch: Callable[[], Any]) -> Publish:
    """Publishes to CloudWatch; a failure is logged and loses the counts.

    Args:
        cloudwatch: returns a boto3 CloudWatch client, which is used in threads.
    """

    def publish(name: str, counts: Counter[tuple[Action, str]]) -> None:
        try:
            cloudwatch().put_metric_data(Namespace=NAMESPACE, MetricData=metric_data(name, counts))
        except (BotoCoreError, ClientError) as error:
            log.warning("WAF's metrics are lost: %s", error)

    return publish


def metric_data(name: str, counts: Counter[tuple[Action, str]]) -> list[dict[str, Any]]:
    """The counts by rule, and of each action in all."""
    totals: Counter[tuple[Action, str]] = Counter()
    for (action, _), count in counts.items():
        totals[action, "ALL"] += count
    return [
        {
            "MetricName": METRICS[action],
            "Dimensions": [
                {"Name": "WebACL", "Value": name},
                {"Name": "Rule", "Value": rule or _DEFAULT},
                {"Name": "Region", "Value": REGION},
            ],
            "Value": count,
            "Unit": "Count",
        }
        for (action, rule), count in [*counts.items(), *totals.items()]
    ]
