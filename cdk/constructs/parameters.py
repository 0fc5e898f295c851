"""Settings that operations may change while the system runs: one SSM parameter (JSON) each."""

from aws_cdk import aws_ssm as ssm
from constructs import Construct
from pydantic import BaseModel

from cdk.settings import Settings
from orderflow.breakers.providers import ProviderName
from orderflow.matching.tunables import Tunables
from orderflow.orders.submission_limits import SubmissionLimit
from orderflow.payments.settings import WebhookSettings
from orderflow.recovery.settings import RecoverySettings


class Parameters(Construct):
    """The stage's parameters, with their defaults.

    Attributes:
        tunables: the matcher's.
        breakers: a breaker's policy, by provider.
        recovery: how parked and stuck orders are handled.
        webhook: the networks that may call the webhook.
        submissions: how many lists one customer may send.
        breaker_prefix: the start of the breakers' names; the provider is the rest.
    """

    def __init__(self, scope: Construct, construct_id: str, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self._path = settings.path
        self.tunables = self._parameter(
            "Tunables",
            "tunables",
            "Settings of the matcher; functions notice a change within a minute.",
            Tunables(
                model_id=settings.model_id,
                guardrail_id=settings.guardrail_id,
                guardrail_version=settings.guardrail_version,
                input_token_price=settings.input_token_price,
                output_token_price=settings.output_token_price,
            ),
        )
        self.breaker_prefix = f"{self._path}/breakers/"
        self.breakers: dict[ProviderName, ssm.StringParameter] = {
            provider: self._parameter(
                f"{provider.title()}Breaker",
                f"breakers/{provider}",
                f"The circuit breaker of {provider}: threshold, cooldown and lease.",
                settings.durations.breaker_policy,
            )
            for provider in ProviderName
        }
        self.recovery = self._parameter(
            "Recovery",
            "recovery",
            "How parked and stuck orders are handled.",
            RecoverySettings(),
        )
        self.webhook = self._parameter(
            "Webhook",
            "webhook",
            "The networks that may call PayStack's webhook; an empty list allows all.",
            WebhookSettings(allowed_sources=[*settings.guard.webhook_sources]),
        )
        self.submissions = self._parameter(
            "Submissions",
            "submissions",
            "How many lists one customer may send at once, and how fast that fills again.",
            SubmissionLimit(
                capacity=settings.submission_capacity,
                refill_seconds=settings.submission_refill_seconds,
            ),
        )

    def _parameter(
        self, construct_id: str, name: str, description: str, content: BaseModel
    ) -> ssm.StringParameter:
        return ssm.StringParameter(
            self,
            construct_id,
            parameter_name=f"{self._path}/{name}",
            description=description,
            string_value=content.model_dump_json(by_alias=True),
        )
