"""Topics: encrypted, with one service of AWS that may publish."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk.constructs.foundation import Foundation


def encrypted_topic(
    scope: Construct,
    construct_id: str,
    foundation: Foundation,
    *,
    name: str,
    display_name: str,
    publisher: str,
    sid: str | None = None,
) -> sns.Topic:
    """A topic to which a service publishes on behalf of this account.

    Args:
        publisher: the service's principal, such as ``cloudwatch.amazonaws.com``.
        sid: the name of the policy's statement.
    """
    topic = sns.Topic(
        scope,
        construct_id,
        topic_name=name,
        display_name=display_name,
        master_key=foundation.key,
        enforce_ssl=foundation.settings.speaks_tls,
    )
    # A topic's policy replaces the default one, which lets the account's services publish.
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            sid=sid,
            principals=[iam.ServicePrincipal(publisher)],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(topic).account}},
        )
    )
    return topic
