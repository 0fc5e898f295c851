"""The subscribers of the topic of operations."""

import aws_cdk as cdk
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk.on_call import OnCall

PAGES = {"AlarmName": [{"exists": True}]}
"""Matches the messages of alarms: those of functions are no JSON."""


class Subscribers(Construct):
    """Subscribes mailboxes, chat rooms and pagers; AWS asks each of them to confirm."""

    def __init__(
        self, scope: Construct, construct_id: str, topic: sns.ITopic, on_call: OnCall
    ) -> None:
        super().__init__(scope, construct_id)
        self._topic = topic
        for number, address in enumerate(on_call.mailboxes, 1):
            self._add(f"Mailbox{number}", "email", address)
        for number, url in enumerate(on_call.chat, 1):
            self._add(f"Chat{number}", "https", url)
        for number, url in enumerate(on_call.pagers, 1):
            self._add(f"Pager{number}", "https", url, pages_only=True)

    def _add(self, name: str, protocol: str, endpoint: str, *, pages_only: bool = False) -> None:
        sns.CfnSubscription(
            self,
            name,
            topic_arn=self._topic.topic_arn,
            protocol=protocol,
            endpoint=endpoint,
            region=cdk.Stack.of(self).region,
            filter_policy=PAGES if pages_only else None,
            filter_policy_scope="MessageBody" if pages_only else None,
        )
