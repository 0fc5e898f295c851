"""The alarm on the canary: two runs in a row missed, or did not happen."""

from cdk.canary_times import MISSED_RUNS
from cdk.constructs.alarms.alarm import AlarmProps, function_metric
from cdk.constructs.alarms.incident import Incident
from cdk.settings import Settings


def canary_missed(settings: Settings) -> AlarmProps:
    """The alarm. On the local stage no schedule runs the canary, so that its silence says nothing.

    The minimum: in a period with a run that passed, the shop works.
    """
    return AlarmProps(
        "CanaryMissed",
        function_metric("CanaryMissed", "run_canary", "Minimum"),
        "The canary, a synthetic customer, could not order twice in a row.",
        "canary.md",
        incident=Incident.SERVICE_DEGRADED,
        periods=MISSED_RUNS,
        missing_is_bad=settings.emulator is None,
    )
