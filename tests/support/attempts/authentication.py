"""API2: tokens that the pool did not issue, or not for this."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.support.attempts.attempt import Attempt, Channel, Facts, Request, Risk
from tests.support.attempts.requests import GET, Build, raw, rows, subscribe

UNAUTHORIZED: Final = "401"
_BODY: Final = json.dumps({"query": GET, "variables": {"orderId": "<order>"}})

#: Makes a token from what the attacker knows.
Forge = Callable[[Facts], str]


@cache
def _rsa_key() -> rsa.RSAPrivateKey:
    """The attacker's own."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


@cache
def _ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _own_public_key() -> dict[str, Any]:
    return dict(jwt.algorithms.RSAAlgorithm.to_jwk(_rsa_key().public_key(), as_dict=True))


def _encoded(value: bytes | dict[str, Any]) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _claims(facts: Facts, **changes: Any) -> dict[str, Any]:
    """The attacker's claims, who would be the victim."""
    own: dict[str, Any] = jwt.decode(facts.token, options={"verify_signature": False})
    return own | {"sub": facts.victim_sub, "cognito:username": facts.victim_sub} | changes


def _hmac(secret: Callable[[Facts], bytes], **header: Any) -> Forge:
    """A token signed with a secret that the attacker knows, by HMAC."""

    def forge(facts: Facts) -> str:
        start = {"alg": "HS256", "kid": facts.key_id, **header}
        signed = f"{_encoded(start)}.{_encoded(_claims(facts))}"
        mac = hmac.new(secret(facts), signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{_encoded(mac)}"

    return forge


def _unsigned(algorithm: str) -> Forge:
    return lambda facts: f"{_encoded({'alg': algorithm})}.{_encoded(_claims(facts))}."


def with_own_key(algorithm: str = "RS256", **header: Any) -> Forge:
    """A token signed with the attacker's own key, under the id of the pool's."""

    def forge(facts: Facts) -> str:
        key = _ec_key() if algorithm.startswith("ES") else _rsa_key()
        headers = {"kid": facts.key_id, **header}
        return jwt.encode(_claims(facts), key, algorithm, headers=headers)

    return forge


def _with_claims(**changes: Any) -> Forge:
    """The attacker's token with other claims under the old signature."""

    def forge(facts: Facts) -> str:
        header, _, signature = facts.token.split(".")
        return f"{header}.{_encoded(_claims(facts, **changes))}.{signature}"

    return forge


def _parts(*kept: int) -> Forge:
    return lambda facts: ".".join(facts.token.split(".")[each] for each in kept)


def _edited(edit: Callable[[str], str]) -> Forge:
    return lambda facts: edit(facts.token)


def _certificate(facts: Facts) -> str:
    pem = (
        _rsa_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return with_own_key(x5c=[base64.b64encode(pem).decode()])(facts)


FORGED: Final[dict[str, Forge]] = {
    "a text that is no token": lambda _: "nonsense",
    "dots": lambda _: "..",
    "the signature reversed": _edited(
        lambda token: token[: token.rindex(".") + 1] + token[:-40:-1]
    ),
    "the signature shortened": _edited(lambda token: token[:-8]),
    "the signature left out": _edited(lambda token: token[: token.rindex(".") + 1]),
    "no signature part": _parts(0, 1),
    "the parts in another order": _parts(1, 0, 2),
    "five parts, as encrypted tokens have": _parts(0, 1, 2, 1, 2),
    "two tokens": _edited(lambda token: f"{token}, {token}"),
    "the victim's id under the old signature": _with_claims(),
    "the staff's group under the old signature": _with_claims(**{"cognito:groups": ["ops"]}),
    "a later end under the old signature": _with_claims(exp=4_102_444_800),
    "algorithm none": _unsigned("none"),
    "algorithm None": _unsigned("None"),
    "algorithm NONE": _unsigned("NONE"),
    "no algorithm": _unsigned(""),
    "HMAC with the pool's public key": _hmac(lambda facts: facts.public_key),
    "HMAC with an empty secret": _hmac(lambda _: b""),
    "HMAC with the key's id": _hmac(lambda facts: facts.key_id.encode()),
    "HMAC with a key's id that is a file": _hmac(lambda _: b"", kid="../../../../dev/null"),
    "HMAC with a key's id that is SQL": _hmac(lambda _: b"x", kid="' UNION SELECT 'x'; --"),
    "HMAC under the name RS256": _hmac(lambda facts: facts.public_key, alg="RS256"),
    "another key under the pool's key id": with_own_key(),
    "another key under an id of its own": with_own_key(kid="attackers"),
    "another key, brought along as jwk": with_own_key(jwk=_own_public_key()),
    "another key, brought along as x5c": _certificate,
    "another key and a critical extension": with_own_key(crit=["exp"]),
    "algorithm PS256": with_own_key("PS256"),
    "algorithm RS512": with_own_key("RS512"),
    "an elliptic curve's key": with_own_key("ES256"),
}

#: Ways to hand over a token, or another credential, that are none.
_ELSEWHERE: Final[dict[str, Build]] = {
    "no credentials": raw(_BODY, token=""),
    "an empty bearer token": raw(_BODY, token="Bearer"),
    "the token in the query string": raw(_BODY, token="", path="/graphql?authorization=<token>"),
    "the token in a cookie": raw(_BODY, token="", headers={"cookie": "authorization=<token>"}),
    "the token as an API key": raw(_BODY, token="", headers={"x-api-key": "<token>"}),
    "the token in another header": raw(_BODY, token="", headers={"x-authorization": "<token>"}),
    "a made-up API key": raw(
        _BODY, token="", headers={"x-api-key": "da2-aaaaaaaaaaaaaaaaaaaaaaaaaa"}
    ),
    "basic authentication": raw(_BODY, token="Basic dmljdGltOnBhc3N3b3Jk"),
    "the customer's id in a header": raw(
        _BODY, token="", headers={"x-amzn-oidc-identity": "<victim>"}
    ),
    "the token behind another scheme": raw(_BODY, token="Negotiate <token>"),
}

#: Validly signed, by claims that the API must not accept. None leaves a claim out.
_ISSUED: Final[dict[str, dict[str, Any]]] = {
    "an expired token": {"exp": 1},
    "a token that is not valid yet": {"nbf": 4_102_444_800},
    "a token of another pool": {"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x"},
    "an issuer that starts as the pool's": {
        "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc.attacker.example"
    },
    "a token for another app": {"aud": "another-app"},
    "an access token of another app": {
        "token_use": "access", "aud": None, "client_id": "another-app"
    },
    "an access token without an app": {"token_use": "access", "aud": None},
    "a refresh token": {"token_use": "refresh"},
    "a token for nothing": {"token_use": None},
    "a token without an end": {"exp": None},
    "a token without a subject": {"sub": None},
    "a token without an issuer": {"iss": None},
}  # fmt: skip


def presented(forge: Forge) -> Build:
    def build(facts: Facts) -> Request:
        headers = {"authorization": forge(facts), "content-type": "application/json"}
        return Request(Channel.GRAPHQL, facts.fill(_BODY).encode(), headers)

    return build


def attempts(issue: Callable[..., str] | None = None) -> list[Attempt]:
    """The attempts.

    Args:
        issue: makes a token with the pool's own key; without it, those that need it are left out.
    """
    found = [
        *rows(
            Risk.AUTHENTICATION,
            UNAUTHORIZED,
            {name: presented(forge) for name, forge in FORGED.items()} | _ELSEWHERE,
        ),
        *rows(Risk.AUTHENTICATION, "UnauthorizedException", {
            "a WebSocket without a token": subscribe({"customerId": "<victim>"}, connect_token=""),
            "a WebSocket with a made-up token": subscribe(
                {"customerId": "<victim>"}, connect_token="nonsense"
            ),
            "a subscription without a token": subscribe({"customerId": "<victim>"}, start_token=""),
            "a subscription with a made-up token": subscribe(
                {"customerId": "<victim>"}, start_token="a.b.c"
            ),
        }),
    ]  # fmt: skip
    if issue is not None:
        issued = {name: _with_issued(issue, changes) for name, changes in _ISSUED.items()}
        found += rows(Risk.AUTHENTICATION, UNAUTHORIZED, issued)
    return found


def _with_issued(issue: Callable[..., str], changes: dict[str, Any]) -> Build:
    return presented(lambda facts: issue(**{"sub": facts.victim_sub, **changes}))
