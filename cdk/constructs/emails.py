"""E-mails to customers: the sender, and what SES reports of its messages."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ses as ses
from constructs import Construct

from cdk.constructs.foundation import Foundation
from cdk.constructs.messaging.topics import encrypted_topic

_EMAILED = (
    "PAYMENT_DELAYED", "NEEDS_ATTENTION", "FAILED",
    "EXPIRED", "CANCELLED", "AWAITING_REVIEW", "REJECTED",
)  # fmt: skip
_PAID = "PAYMENT_COMPLETED"


def emailed_changes(*, own_receipts: bool) -> list[dict[str, Any]]:
    """Patterns of the changed orders that ``send_status_emails`` is invoked for; one must match.

    A paid order without anything to explain invokes it with ``own_receipts`` alone: PayStack sends
    a receipt. Without them there are five patterns, the most that Lambda takes by default.
    """
    always: list[dict[str, Any]] = [
        {"refundState": {"S": ["DUE"]}},
        {"unsettledAlertedAt": {"S": [{"exists": True}]}},
    ]
    if own_receipts:
        return [_in_status(*_EMAILED, _PAID), *always]
    return [
        _in_status(*_EMAILED),
        *always,
        # An e-mail before has promised news. Sets are never empty.
        _in_status(_PAID) | {"told": {"SS": [{"exists": True}]}},
        _in_status(_PAID) | {"cancelRequested": {"M": {"at": {"S": [{"exists": True}]}}}},
    ]


def _in_status(*statuses: str) -> dict[str, Any]:
    return {"status": {"S": [*statuses]}}


class CustomerEmails(Construct):
    """The sender's identity; its configuration set reports bounces and complaints to a topic.

    Attributes:
        feedback: the topic.
        sending_arns: what SES checks for permission to send.
    """

    def __init__(self, scope: Construct, construct_id: str, foundation: Foundation) -> None:
        super().__init__(scope, construct_id)
        settings = foundation.settings
        self.feedback = encrypted_topic(
            self,
            "Feedback",
            foundation,
            name="email-feedback",
            display_name="Bounces and complaints of e-mails to customers",
        )
        name = f"{settings.prefix}-emails"
        configuration = ses.ConfigurationSet(
            self,
            "Configuration",
            configuration_set_name=name,
            # SES, too, keeps such addresses from getting more mail.
            suppression_reasons=ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
        )
        configuration.add_event_destination(
            "ToTopic",
            destination=ses.EventDestination.sns_topic(self.feedback),
            events=[ses.EmailSendingEvent.BOUNCE, ses.EmailSendingEvent.COMPLAINT],
        )
        # In the stack's own scope: another path would be another identity, to be verified again.
        sender = ses.EmailIdentity(
            scope,
            "Sender",
            identity=ses.Identity.email(settings.sender_email),
            configuration_set=configuration,
        )
        configuration_arn = cdk.Stack.of(self).format_arn(
            service="ses", resource="configuration-set", resource_name=name
        )
        self.sending_arns = [sender.email_identity_arn, configuration_arn]
