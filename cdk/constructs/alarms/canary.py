"""The alarm on the canary: two runs in a row missed, or did not happen."""

from aws_cdk import aws_cloudwatch as cloudwatch

from cdk.canary_times import MISSED_RUNS
from cdk.constructs.alarms.alarm import AlarmProps, function_metric
from cdk.constructs.alarms.incident import Incident
from cdk.settings import Settings


def canary_missed(settings: Settings) -> AlarmProps:
    """The alarm. On the local stage no schedule runs the canary, so that its silence says nothing.

    The minimum: in a period with a run that passed, the shop works.
    """
    missing = cloudwatch.TreatMissingData
    return AlarmProps(
        "CanaryMissed",
        function_metric("CanaryMissed", "run_canary", "Minimum"),
        "The canary, a synthetic customer, could not order twice in a row.",
        "canary.md",
        incident=Incident.SERVICE_DEGRADED,
        periods=MISSED_RUNS,
        missing=missing.NOT_BREACHING if settings.emulator else missing.BREACHING,
    )
