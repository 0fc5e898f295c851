"""What pages: a composite alarm for each incident, so that one outage is one page.

The emulator's CloudFormation has no composite alarms. The local stage synthesizes this stack and
does not deploy it: the local stack puts the alarms of its template by CloudWatch's own API.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from cdk.alarm_names import alarm_name
from cdk.constructs.alarms.alarm import (
    OperationsAlarm,
    described,
    operations_topic,
)
from cdk.constructs.alarms.incident import Incident
from cdk.constructs.alarms.objectives import when
from cdk.stacks.operations import OperationsStack

_WAIT_FOR_A_CAUSE = cdk.Duration.minutes(2)
"""A symptom may come before its cause: so long its page waits for that."""

_AFTER_THE_CAUSE = cdk.Duration.minutes(5)


class PagingStack(cdk.Stack):
    """The composite alarms."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        operations: OperationsStack,
        alarmed: Sequence[cdk.Stack],
        **kwargs: Any,
    ) -> None:
        """``alarmed``: the stacks with alarms."""
        super().__init__(scope, construct_id, **kwargs)
        self._settings = operations.settings
        self._topic = operations_topic(self, self._settings)
        for stack in alarmed:
            self.add_stack_dependency(stack)
        alarms = [*_alarms(alarmed)]
        recent = self._composite(
            "RecentCause",
            cloudwatch.AlarmRule.any_of(*map(when, operations.orders.recent_causes)),
            described(
                "A provider was out, or executions failed, within the last hour.",
                Incident.PROVIDER_OUT.runbook,
            ),
        )
        for incident in Incident:
            rules = [when(each) for each in alarms if each.incident is incident]
            if incident is Incident.SERVICE_DEGRADED:
                rules += [each.rule for each in operations.objectives]
                self._symptoms(incident, rules, recent)
            else:
                self._page(incident, cloudwatch.AlarmRule.any_of(*rules))

    def _symptoms(
        self,
        incident: Incident,
        rules: Iterable[cloudwatch.IAlarmRule],
        recent: cloudwatch.CompositeAlarm,
    ) -> None:
        """The rule says itself that a cause silences it: the emulator suppresses no actions."""
        silenced = cloudwatch.AlarmRule.from_string(
            f'ALARM("{alarm_name(self._settings, recent.node.id)}")'
        )
        self._page(
            incident,
            cloudwatch.AlarmRule.all_of(
                cloudwatch.AlarmRule.any_of(*rules), cloudwatch.AlarmRule.not_(silenced)
            ),
            actions_suppressor=recent,
            actions_suppressor_wait_period=_WAIT_FOR_A_CAUSE,
            actions_suppressor_extension_period=_AFTER_THE_CAUSE,
        )

    def _page(self, incident: Incident, rule: cloudwatch.IAlarmRule, **suppressed: Any) -> None:
        description = described(incident.what, incident.runbook)
        page = self._composite(incident.title, rule, description, **suppressed)
        page.add_alarm_action(actions.SnsAction(self._topic))
        page.add_ok_action(actions.SnsAction(self._topic))

    def _composite(
        self, name: str, rule: cloudwatch.IAlarmRule, description: str, **suppressed: Any
    ) -> cloudwatch.CompositeAlarm:
        return cloudwatch.CompositeAlarm(
            self,
            name,
            composite_alarm_name=alarm_name(self._settings, name),
            alarm_description=description,
            alarm_rule=rule,
            **suppressed,
        )


def _alarms(stacks: Iterable[cdk.Stack]) -> Iterable[OperationsAlarm]:
    for stack in stacks:
        yield from (each for each in stack.node.find_all() if isinstance(each, OperationsAlarm))
