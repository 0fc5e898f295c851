"""The keys that sign PayStack's events, while one takes over from the other.

PayStack signs with the account's secret key. After a rotation the secret's version AWSCURRENT has
the new key, and AWSPREVIOUS the old one
(https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html). Events signed
with the old key are accepted for :data:`PREVIOUS_KEY_LIFETIME` after the rotation.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from pydantic import SecretStr

from orderflow.clock import Clock, utc_now
from orderflow.errors import ConfigurationError, StoreUnavailable
from orderflow.payments.paystack import is_signed
from orderflow.payments.settings import read_paystack_key
from orderflow.platform.aws_errors import error_code, outages_as
from orderflow.platform.parameters import PARAMETER_MAX_AGE

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

#: PayStack repeats an event hourly for 72 hours
#: (https://paystack.com/docs/payments/webhooks/#supported-events), and one hour more.
PREVIOUS_KEY_LIFETIME: Final = timedelta(hours=73)

#: An unknown signature may be a new key's: the secret is read again, at most so often (seconds).
REREAD_SECONDS: Final = 1.0


@dataclass(frozen=True)
class _Keys:
    """The current key at the time of a reading, and the one before it, read when it is needed.

    ``read_at`` is in seconds of a monotonic clock.
    """

    current: SecretStr
    rotated_at: datetime
    read_previous: Callable[[], SecretStr | None]
    read_at: float

    @cached_property
    def previous(self) -> SecretStr | None:
        """None without one, and for one that can't be read."""
        return self.read_previous()

    def sign(self, body: bytes, signature: str, now: datetime) -> bool:
        """Whether one of the keys that are valid now signed the body."""
        if is_signed(body, signature, self.current):
            return True
        if now >= self.rotated_at + PREVIOUS_KEY_LIFETIME or self.previous is None:
            return False
        return is_signed(body, signature, self.previous)


class WebhookKeys:
    """The keys in the secret, each read at most once a minute, and again for an unknown signature.

    Args:
        secrets: AWS Secrets Manager.
        secret_name: the secret's name.
        clock: the time.
        monotonic: seconds, for the age of a reading.
    """

    def __init__(
        self,
        secrets: SecretsManagerClient,
        secret_name: str,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secrets = secrets
        self._secret_name = secret_name
        self._clock = clock
        self._monotonic = monotonic
        self._keys: _Keys | None = None

    def sign(self, body: bytes, signature: str) -> bool:
        """Whether a valid key signed the raw body.

        Raises:
            ConfigurationError: the current key can't be read from the secret.
            StoreUnavailable: Secrets Manager throttled, failed or could not be reached.
        """
        keys = self._not_older_than(PARAMETER_MAX_AGE)
        if keys.sign(body, signature, self._clock()):
            return True
        again = self._not_older_than(REREAD_SECONDS)
        return again is not keys and again.sign(body, signature, self._clock())

    def _not_older_than(self, seconds: float) -> _Keys:
        now = self._monotonic()
        if self._keys is None or now - self._keys.read_at >= seconds:
            self._keys = self._read(now)
        return self._keys

    def _read(self, now: float) -> _Keys:
        with outages_as(StoreUnavailable, "The settings' store"):
            current = self._version("AWSCURRENT")
        return _Keys(
            current=read_paystack_key(self._secret_name, current["SecretString"]),
            rotated_at=current["CreatedDate"],
            read_previous=self._previous,
            read_at=now,
        )

    def _previous(self) -> SecretStr | None:
        """The key before the current one; None without one, and for one that can't be read."""
        try:
            with outages_as(StoreUnavailable, "The settings' store"):
                version = self._version("AWSPREVIOUS")
            return read_paystack_key(self._secret_name, version["SecretString"])
        except ConfigurationError:
            return None
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            return None

    def _version(self, stage: str) -> Any:
        return self._secrets.get_secret_value(SecretId=self._secret_name, VersionStage=stage)
