"""E-mails to customers: the sender, and what SES reports of its messages."""

import aws_cdk as cdk
from aws_cdk import aws_ses as ses
from constructs import Construct

from cdk.constructs.foundation import Foundation
from cdk.constructs.messaging.topics import encrypted_topic


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
