"""Which traces X-Ray records of a stage: of its API's requests and of its executions.

What they call follows their decision. Functions that nothing traced calls (streams, queues,
schedules) are sampled by Lambda, which takes no rules.
"""

from collections.abc import Mapping

from aws_cdk import aws_xray as xray
from constructs import Construct

from cdk.settings import Settings

#: Before X-Ray's default rule, which has 10,000.
_PRIORITY = 1000

#: So many a second are recorded whatever the rate.
RESERVOIR = 1


class TraceSampling(Construct):
    """One sampling rule for each source of traces; the emulator has a rate of its own.

    Args:
        sources: the ARNs of what begins traces, by a short name.
    """

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, sources: Mapping[str, str]
    ) -> None:
        super().__init__(scope, construct_id)
        if settings.emulator is not None:
            return
        for name, arn in sources.items():
            xray.CfnSamplingRule(
                self,
                name.title(),
                sampling_rule=xray.CfnSamplingRule.SamplingRuleProperty(
                    rule_name=f"{settings.prefix}-{name}",
                    resource_arn=arn,
                    fixed_rate=settings.trace_rate,
                    reservoir_size=RESERVOIR,
                    priority=_PRIORITY,
                    service_name="*",
                    service_type="*",
                    host="*",
                    http_method="*",
                    url_path="*",
                    version=1,
                ),
            )
