"""The sign-in with a second factor, as Amazon Cognito requires it.

After the password the emulator returns tokens. Here they are withheld: the caller gets a challenge,
and new tokens once it is answered.

Sources: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-totp.html
and the operations' pages in the API reference.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import jwt

from scripts.local.cognito.clients import AppClients
from scripts.local.cognito.emulated import EmulatedCognito
from scripts.local.cognito.errors import CognitoError, not_authorized
from scripts.local.cognito.sessions import Session, Sessions, User
from scripts.local.cognito.software_tokens import (
    Clock,
    Enrolment,
    SoftwareToken,
    SoftwareTokens,
    UserKey,
)

SOFTWARE_TOKEN_MFA: Final = "SOFTWARE_TOKEN_MFA"  # noqa: S105
MFA_SETUP: Final = "MFA_SETUP"
NEW_PASSWORD_REQUIRED: Final = "NEW_PASSWORD_REQUIRED"  # noqa: S105
#: The state of a session whose new authenticator app has shown a code.
_SET_UP: Final = "MFA_SETUP, verified"

Content = dict[str, Any]


class MfaSignIn:
    """Withholds tokens until the user's second factor is checked.

    Args:
        cognito: the emulator's.
        clients: the app clients, which say how long a challenge can be answered.
        clock: the time, in epoch seconds.
    """

    def __init__(self, cognito: EmulatedCognito, clients: AppClients, clock: Clock) -> None:
        self._cognito = cognito
        self._clients = clients
        self._clock = clock
        self._sessions = Sessions(clock)
        self._software_tokens = SoftwareTokens(clock)
        self._pending: dict[UserKey, SoftwareToken] = {}

    # --- sign-in ---

    async def after_password(self, client_id: str, answer: Content) -> Content:
        """The answer to a caller who has proved the password: tokens, or the next challenge."""
        if answer.get("ChallengeName") == NEW_PASSWORD_REQUIRED:
            names = _names_in_challenge(answer["ChallengeParameters"])
            session = self._session(NEW_PASSWORD_REQUIRED, client_id, names)
            return answer | {"Session": self._sessions.open(session)}
        if "AuthenticationResult" not in answer:
            return answer
        claims = jwt.decode(
            answer["AuthenticationResult"]["IdToken"], options={"verify_signature": False}
        )
        user = User(claims["iss"].rpartition("/")[2], claims["sub"])
        challenge = await self._challenge(user)
        if challenge is None:
            return answer
        names = frozenset(
            str(claims[name]).lower()
            for name in ("sub", "cognito:username", "email")
            if name in claims
        )
        session = replace(self._session(challenge, client_id, names), user=user)
        return {
            "ChallengeName": challenge,
            "Session": self._sessions.open(session),
            "ChallengeParameters": _parameters(challenge, claims["sub"]),
        }

    def check_new_password(self, content: Content) -> None:
        """Checks the session of a new password, which the emulator does not."""
        self._find(content, NEW_PASSWORD_REQUIRED)

    def use(self, content: Content) -> None:
        """Ends the request's session."""
        self._sessions.close(content["Session"])

    async def answer_code(self, content: Content) -> Content:
        """``RespondToAuthChallenge`` with a code."""
        session = self._find(content, SOFTWARE_TOKEN_MFA)
        code = str(_responses(content).get("SOFTWARE_TOKEN_MFA_CODE", ""))
        self._software_tokens.check(_user(session).key, code)
        return await self._tokens(content)

    async def answer_setup(self, content: Content) -> Content:
        """``RespondToAuthChallenge`` after an app was set up."""
        self._find(content, _SET_UP)
        return await self._tokens(content)

    async def _tokens(self, content: Content) -> Content:
        """Tokens of the emulator, which asks for no proof that an app was set up."""
        self.use(content)
        asked = {"ClientId", "ChallengeResponses", "ClientMetadata"} & content.keys()
        return await self._cognito.ask(
            "RespondToAuthChallenge",
            {name: content[name] for name in asked} | {"ChallengeName": MFA_SETUP},
        )

    async def _challenge(self, user: User) -> str | None:
        mfa = await self._mfa_of(user.pool_id)
        enrolment = self._software_tokens.of(user.key)
        required = mfa.get("MfaConfiguration") == "ON"
        if mfa.get("MfaConfiguration", "OFF") == "OFF":
            return None
        if enrolment.verified and (required or enrolment.enabled):
            return SOFTWARE_TOKEN_MFA
        return MFA_SETUP if required else None

    def _session(self, challenge: str, client_id: str, names: frozenset[str]) -> Session:
        lifetime = self._clients.get(client_id).auth_session_validity * 60
        return Session(challenge, client_id, names, self._clock() + lifetime)

    def _find(self, content: Content, challenge: str) -> Session:
        """The session that a challenge's answer names, which must be its user's and client's."""
        session = self._sessions.find(content.get("Session"), challenge)
        name = str(_responses(content).get("USERNAME", "")).lower()
        if name not in session.names or content.get("ClientId") != session.client_id:
            raise not_authorized("Invalid session for the user.")
        return session

    # --- authenticator apps ---

    async def associate(self, content: Content) -> Content:
        """``AssociateSoftwareToken``, with the session of a set-up or an access token."""
        pending = SoftwareToken()
        if "AccessToken" in content:
            user = await self._signed_in(content["AccessToken"])
            await self._require_software_tokens(user.pool_id)
            self._pending[user.key] = pending
            return {"SecretCode": pending.secret}
        session = self._sessions.find(content.get("Session"), MFA_SETUP)
        await self._require_software_tokens(_user(session).pool_id)
        return {"SecretCode": pending.secret, "Session": self._next(content, session, pending)}

    async def verify(self, content: Content) -> Content:
        """``VerifySoftwareToken``, which replaces the user's earlier app."""
        code = str(content.get("UserCode", ""))
        if "AccessToken" in content:
            user = await self._signed_in(content["AccessToken"])
            self._software_tokens.verify(user.key, self._pending.get(user.key), code)
            del self._pending[user.key]
            return {"Status": "SUCCESS"}
        session = self._sessions.find(content.get("Session"), MFA_SETUP)
        key = _user(session).key
        self._software_tokens.verify(key, session.pending, code)
        self._software_tokens.prefer(key, enabled=True)
        verified = replace(session, challenge=_SET_UP)
        return {"Status": "SUCCESS", "Session": self._next(content, verified, None)}

    def _next(self, content: Content, session: Session, pending: SoftwareToken | None) -> str:
        self.use(content)
        return self._sessions.open(replace(session, pending=pending))

    async def set_preference(self, content: Content) -> Content:
        """``SetUserMFAPreference``."""
        user = await self._signed_in(content.get("AccessToken", ""))
        return self._prefer(user, content)

    async def admin_set_preference(self, content: Content) -> Content:
        """``AdminSetUserMFAPreference``: no reset of an app where the pool requires MFA."""
        return self._prefer(await self._named(content), content)

    async def admin_delete(self, content: Content) -> Content:
        """``AdminDeleteSoftwareToken``: the next sign-in sets a new app up."""
        user = await self._named(content)
        self._software_tokens.forget(user.key)
        return {}

    def described(self, pool_id: str, answer: Content) -> Content:
        """``GetUser`` and ``AdminGetUser`` with the user's second factor."""
        own = {"UserMFASettingList", "PreferredMfaSetting"}
        rest = {name: value for name, value in answer.items() if name not in own}
        return rest | _settings(self._software_tokens.of((pool_id, _sub(answer))))

    def _prefer(self, user: User, content: Content) -> Content:
        settings = content.get("SoftwareTokenMfaSettings", {})
        if "Enabled" in settings:
            self._software_tokens.prefer(user.key, enabled=settings["Enabled"])
        return {}

    async def _signed_in(self, access_token: str) -> User:
        """The user of an access token, which the emulator checks."""
        answer = await self._cognito.ask("GetUser", {"AccessToken": access_token})
        return User(pool_of(access_token), _sub(answer))

    async def _named(self, content: Content) -> User:
        """The user that an operation of administrators names."""
        names = {name: content.get(name) for name in ("UserPoolId", "Username")}
        answer = await self._cognito.ask_as_root("AdminGetUser", names)
        return User(content["UserPoolId"], _sub(answer))

    async def _mfa_of(self, pool_id: str) -> Content:
        return await self._cognito.ask_as_root("GetUserPoolMfaConfig", {"UserPoolId": pool_id})

    async def _require_software_tokens(self, pool_id: str) -> None:
        mfa = await self._mfa_of(pool_id)
        if not mfa.get("SoftwareTokenMfaConfiguration", {}).get("Enabled"):
            raise CognitoError(
                "SoftwareTokenMFANotFoundException",
                "Software Token MFA has not been enabled by the userPool.",
            )


def pool_of(access_token: str) -> str:
    """The id of the pool that issued a token."""
    claims = jwt.decode(access_token, options={"verify_signature": False})
    return str(claims["iss"]).rpartition("/")[2]


def _user(session: Session) -> User:
    if session.user is None:
        raise not_authorized("Invalid session for the user.")
    return session.user


def _responses(content: Content) -> Content:
    responses = content.get("ChallengeResponses")
    return responses if isinstance(responses, dict) else {}


def _sub(answer: Content) -> str:
    attributes = answer.get("UserAttributes", [])
    return next(str(each["Value"]) for each in attributes if each["Name"] == "sub")


def _names_in_challenge(parameters: Mapping[str, str]) -> frozenset[str]:
    attributes = json.loads(parameters.get("userAttributes", "{}"))
    names = (parameters["USER_ID_FOR_SRP"], attributes.get("email"), attributes.get("sub"))
    return frozenset(name.lower() for name in names if name)


def _parameters(challenge: str, user_id: str) -> dict[str, str]:
    if challenge == MFA_SETUP:
        return {
            "MFAS_CAN_SETUP": json.dumps([SOFTWARE_TOKEN_MFA]),
            "USER_ID_FOR_SRP": user_id,
        }
    return {"USER_ID_FOR_SRP": user_id}


def _settings(enrolment: Enrolment) -> Content:
    if enrolment.verified is None or not enrolment.enabled:
        return {}
    return {
        "UserMFASettingList": [SOFTWARE_TOKEN_MFA],
        "PreferredMfaSetting": SOFTWARE_TOKEN_MFA,
    }
