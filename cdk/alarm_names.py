"""The names of alarms and metrics, apart from themselves: commands know them without the CDK."""

from pathlib import Path
from typing import Final

from cdk.settings import Settings

METRICS_NAMESPACE: Final = "GroceryOrders"
"""Of the metrics that functions emit."""

#: An alarm takes no more metrics.
MOST_METRICS: Final = 10
#: The alarm that Bedrock refuses our requests.
BEDROCK_REFUSES: Final = "BedrockRefuses"
#: The incident of a provider that is out.
PROVIDER_OUT: Final = "ProviderOut"
#: The alarm of test pages, and the metric that operators count up to set it off.
TEST_PAGE: Final = "TestPage"
TEST_PAGES_METRIC: Final = "TestPages"
RELEASE_EXECUTIONS: Final = "release-executions-failed"
RELEASE_FUNCTIONS: Final = "release-function-errors"

_FUNCTIONS: Final = Path(__file__).parents[1] / "functions"


def alarm_name(settings: Settings, name: str) -> str:
    """The full name of an alarm: ``grocery-<stage>-<name>``."""
    return f"{settings.prefix}-{name}"


def release_alarm_names(settings: Settings) -> list[str]:
    """The names of the alarms that stop a deployment.

    By name, because the alarms are about functions that start executions with the alias. An alarm
    that does not exist yet, in the first deployment, counts as quiet.
    """
    functions = sum(1 for _ in _FUNCTIONS.glob("*/handler.py"))
    groups = 0 if settings.emulator else -(-functions // MOST_METRICS)
    return [
        alarm_name(settings, RELEASE_EXECUTIONS),
        *(alarm_name(settings, f"{RELEASE_FUNCTIONS}-{number + 1}") for number in range(groups)),
    ]
