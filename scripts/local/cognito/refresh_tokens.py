"""Refresh tokens that are used once: rotation, with its grace period.

Rules: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
and RefreshTokenRotationType in the API reference. A token that was rotated out is accepted for the
grace period, so that a client whose answer was lost can ask again, and refused afterwards.
"""

import secrets
from dataclasses import dataclass

from scripts.local.cognito.clients import AppClients
from scripts.local.cognito.errors import CognitoError, not_authorized
from scripts.local.cognito.software_tokens import Clock


@dataclass
class _Issued:
    """A token that a client has: the emulator's token behind it, and when it was rotated out."""

    emulated: str
    client_id: str
    rotated_at: float | None = None


class RefreshTokens:
    """The refresh tokens of all clients that rotate them.

    Args:
        clients: the app clients.
        clock: the time, in epoch seconds.
    """

    def __init__(self, clients: AppClients, clock: Clock) -> None:
        self._clients = clients
        self._clock = clock
        self._issued: dict[str, _Issued] = {}

    def rotates(self, client_id: str) -> bool:
        """Whether the client's tokens are used once."""
        return self._clients.get(client_id).refresh_token_rotation.is_enabled

    def issue(self, client_id: str, emulated: str) -> str:
        """A new token for the client, in place of the emulator's."""
        token = secrets.token_urlsafe(64)
        self._issued[token] = _Issued(emulated, client_id)
        return token

    def redeem(self, client_id: str, token: str) -> str:
        """The emulator's token behind a token of the client.

        Raises:
            CognitoError: ``NotAuthorizedException`` for an unknown token,
                ``RefreshTokenReuseException`` for one whose grace period has passed.
        """
        issued = self._issued.get(token)
        if issued is None or issued.client_id != client_id:
            raise not_authorized("Invalid Refresh Token")
        if issued.rotated_at is not None:
            rotation = self._clients.get(client_id).refresh_token_rotation
            if self._clock() >= issued.rotated_at + rotation.retry_grace_period_seconds:
                raise CognitoError(
                    "RefreshTokenReuseException", "Refresh token has been rotated out."
                )
        return issued.emulated

    def rotate(self, token: str) -> str:
        """The successor of a token, which is rotated out from its first use on."""
        issued = self._issued[token]
        if issued.rotated_at is None:
            issued.rotated_at = self._clock()
        return self.issue(issued.client_id, issued.emulated)

    def revoke(self, token: str) -> str:
        """Forgets a token with its predecessors and successors; returns the emulator's token."""
        if token not in self._issued:
            return token
        emulated = self._issued[token].emulated
        self._issued = {
            each: issued for each, issued in self._issued.items() if issued.emulated != emulated
        }
        return emulated
