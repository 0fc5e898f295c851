"""The canary's credentials, which a secret holds."""

from __future__ import annotations

from typing import Final

from pydantic import SecretStr

from orderflow.platform import aws
from orderflow.platform.parameters import parameter_outages, read_secret
from orderflow.records import Record

_REMEDY: Final = "`orders canary set-up` makes the canary's account."


class CanaryAccount(Record):
    """The account in the user pool.

    Attributes:
        email: the address that it signs in with.
        password: its password.
        totp_secret: the secret (base32) of its authenticator app.
    """

    email: str
    password: SecretStr
    totp_secret: SecretStr

    def as_secret(self) -> dict[str, str]:
        """What the secret holds, as JSON."""
        return {
            "email": self.email,
            "password": self.password.get_secret_value(),
            "totpSecret": self.totp_secret.get_secret_value(),
        }


def load_account(secret_name: str) -> CanaryAccount:
    """The account; read anew for each run, for operators replace it.

    Raises:
        ConfigurationError: the secret holds no account: none was set up.
        StoreUnavailable: Secrets Manager throttled, failed or could not be reached.
    """
    with parameter_outages():
        raw = aws.secrets().get(secret_name, force_fetch=True)
    return read_secret(secret_name, str(raw), CanaryAccount, _REMEDY)
