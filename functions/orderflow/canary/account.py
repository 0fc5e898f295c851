"""The canary's credentials, which a secret holds."""

from __future__ import annotations

from pydantic import SecretStr, ValidationError

from orderflow.errors import ConfigurationError
from orderflow.platform import aws
from orderflow.platform.parameters import parameter_outages
from orderflow.records import Record
from orderflow.validation import problems_in_words


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
    try:
        return CanaryAccount.model_validate_json(str(raw))
    except ValidationError as error:
        # `from None`: pydantic's error would carry the secret into the log.
        raise ConfigurationError(
            f"Secret {secret_name}: {problems_in_words(error)} "
            "`orders canary set-up` makes the canary's account."
        ) from None
