"""Topics: encrypted with the stage's key."""

from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk.constructs.foundation import Foundation


def encrypted_topic(
    scope: Construct, construct_id: str, foundation: Foundation, *, name: str, display_name: str
) -> sns.Topic:
    """A topic whose name starts with the stage's prefix."""
    return sns.Topic(
        scope,
        construct_id,
        topic_name=f"{foundation.settings.prefix}-{name}",
        display_name=display_name,
        master_key=foundation.key,
        enforce_ssl=foundation.settings.speaks_tls,
    )
