"""A process that calls the provider once through its breaker, and is killed meanwhile."""

from __future__ import annotations

import sys

import boto3
import urllib3

from orderflow.breakers.breaker import Breaker
from orderflow.breakers.settings import BreakerPolicy
from orderflow.breakers.store import DynamoBreakerStore
from orderflow.payments.guarded import PAYSTACK
from tests.breaker.provider_server import call_provider
from tests.breaker.silence import Silence


def main(table: str, url: str) -> None:
    breaker = Breaker(
        PAYSTACK,
        DynamoBreakerStore(boto3.resource("dynamodb").Table(table)),
        BreakerPolicy,
        snapshot=None,
        by="probe",
        events=Silence(),
    )
    with breaker.call():
        call_provider(url, urllib3.PoolManager())


if __name__ == "__main__":
    main(*sys.argv[1:])
