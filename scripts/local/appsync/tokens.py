"""Verification of Cognito user pool tokens, as AppSync does it.

Rules: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import jwt

#: Fetches the pool's JWKS document.
FetchKeys = Callable[[], Awaitable[dict[str, Any]]]
#: Whether the sign-in behind a token's claims is to be trusted.
IsKnown = Callable[[Mapping[str, Any]], bool]

_ALGORITHM: Final = "RS256"
#: An unknown key id causes a new fetch; forged ids must not cause one for each request.
_REFETCH_SECONDS: Final = 5.0


class TokenRefusedError(Exception):
    """The token is malformed, forged, expired or of another pool; the message is for the caller."""


@dataclass(frozen=True)
class Caller:
    """The caller: a signed-in user with groups and claims, or an AWS principal (``iam``)."""

    iam: bool = False
    groups: frozenset[str] = frozenset()
    claims: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> dict[str, Any]:
        """``ctx.identity`` of resolvers, as far as it is known here."""
        if self.iam:
            return {}
        claims = dict(self.claims)
        return {
            "sub": claims.get("sub"),
            "issuer": claims.get("iss"),
            "username": claims.get("cognito:username", claims.get("username")),
            "claims": claims,
            "groups": sorted(self.groups) or None,
        }


class TokenVerifier:
    """Verifies ID and access tokens of one user pool.

    Args:
        issuer: ``https://cognito-idp.<region>.amazonaws.com/<poolId>``.
        client_ids: the app clients whose tokens are accepted.
        fetch_keys: fetches the pool's public keys.
        is_known: refuses tokens that the emulator issued without the second factor.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        issuer: str,
        client_ids: frozenset[str],
        fetch_keys: FetchKeys,
        is_known: IsKnown = lambda _: True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._client_ids = client_ids
        self._fetch_keys = fetch_keys
        self._is_known = is_known
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")

    async def verify(self, token: str) -> Caller:
        """The caller behind a token.

        Raises:
            TokenRefusedError: if the token is not valid.
        """
        try:
            claims = self._decode(token, await self._key(token))
        except jwt.ExpiredSignatureError as error:
            raise TokenRefusedError("Token has expired.") from error
        except jwt.PyJWTError as error:
            raise TokenRefusedError("Valid authorization header not provided.") from error
        self._check_use(claims)
        if not self._is_known(claims):
            raise TokenRefusedError("Valid authorization header not provided.")
        return Caller(groups=frozenset(claims.get("cognito:groups", ())), claims=claims)

    async def _key(self, token: str) -> jwt.PyJWK:
        key_id = str(jwt.get_unverified_header(token).get("kid"))
        if key_id not in self._keys and self._clock() - self._fetched_at > _REFETCH_SECONDS:
            key_set = jwt.PyJWKSet.from_dict(await self._fetch_keys())
            self._keys = {str(key.key_id): key for key in key_set.keys}
            self._fetched_at = self._clock()
        if key_id not in self._keys:
            raise jwt.InvalidTokenError("unknown key")
        return self._keys[key_id]

    def _decode(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            issuer=self._issuer,
            # An access token names its client in `client_id` and has no audience.
            options={"require": ["exp", "iat", "iss", "sub", "token_use"], "verify_aud": False},
        )

    def _check_use(self, claims: dict[str, Any]) -> None:
        client_claim = {"id": "aud", "access": "client_id"}.get(claims["token_use"])
        if client_claim is None or claims.get(client_claim) not in self._client_ids:
            raise TokenRefusedError("Valid authorization header not provided.")
