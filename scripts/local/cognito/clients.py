"""The properties of app clients that the emulator does not keep."""

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal


class _Properties(BaseModel):
    """Properties as templates name them; others are ignored."""

    model_config = ConfigDict(
        alias_generator=to_pascal, populate_by_name=True, frozen=True, extra="ignore"
    )


class Rotation(_Properties):
    """``RefreshTokenRotation``: whether refresh tokens are used once, and the grace period."""

    feature: str = "DISABLED"
    retry_grace_period_seconds: int = Field(default=0, ge=0, le=60)

    @property
    def is_enabled(self) -> bool:
        """Whether the client's refresh tokens are used once."""
        return self.feature == "ENABLED"


class AppClient(_Properties):
    """``AWS::Cognito::UserPoolClient``, with CloudFormation's defaults.

    ``auth_session_validity`` is in minutes: a challenge has to be answered within them.
    """

    auth_session_validity: int = Field(default=3, ge=3, le=15)
    refresh_token_rotation: Rotation = Rotation()


class AppClients:
    """App clients by id; one that is not set has the defaults."""

    def __init__(self) -> None:
        self._clients: dict[str, AppClient] = {}

    def set(self, client_id: str, client: AppClient) -> None:
        """Sets a client's properties."""
        self._clients[client_id] = client

    def get(self, client_id: str) -> AppClient:
        """A client's properties."""
        return self._clients.get(client_id, AppClient())
