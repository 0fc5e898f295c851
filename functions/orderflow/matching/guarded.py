"""Bedrock behind its circuit breaker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orderflow.breakers.breaker import Breaker
from orderflow.breakers.providers import CallOutcome, Provider, ProviderName
from orderflow.errors import BedrockUnavailable
from orderflow.matching.chooser import Answer, Chooser, Question
from orderflow.platform.aws import BEDROCK_READ_TIMEOUT, CONNECT_TIMEOUT


def classify(error: Exception) -> CallOutcome:
    """What an error of a call says about Bedrock's health.

    What Bedrock refuses is an answer, not an error: it shows that the service is up.
    """
    is_failure = isinstance(error, BedrockUnavailable)
    return CallOutcome.FAILURE if is_failure else CallOutcome.UNKNOWN


BEDROCK: Final = Provider(ProviderName.BEDROCK, CONNECT_TIMEOUT + BEDROCK_READ_TIMEOUT, classify)


def guarded_chooser(inner: Chooser, breaker: Breaker) -> Chooser:
    """A chooser behind Bedrock's breaker; it raises BreakerOpen if the model is not called."""

    def choose(questions: Sequence[Question]) -> Answer:
        with breaker.call():
            return inner(questions)

    return choose
