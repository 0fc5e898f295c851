"""What the page asks of Cognito: its requests, and the user pool that answers them."""

from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, Field, SecretStr, TypeAdapter

from scripts import accounts, auth
from scripts.auth import Challenge, Step, Tokens, UserPool

_Email = Annotated[str, Field(min_length=1, max_length=254)]
_Password = Annotated[SecretStr, Field(min_length=1, max_length=256)]
_Code = Annotated[SecretStr, Field(min_length=1, max_length=10)]
_Session = Annotated[str, Field(min_length=20, max_length=2048)]


class Credentials(BaseModel):
    """The start of a sign-in."""

    email: _Email
    password: _Password


class Answer(BaseModel):
    """The answer to a step of a sign-in: a code, or the new password."""

    step: Step
    email: _Email
    session: _Session
    answer: _Password


class SignUp(Credentials):
    """A new account."""

    action: Literal["sign-up"]


class Confirmation(BaseModel):
    """The code that was sent to a new account's address."""

    action: Literal["confirm"]
    email: _Email
    code: _Code


class CodeRequest(BaseModel):
    """Another code for a new account, or a code to reset a password with."""

    action: Literal["send-code", "forgot-password"]
    email: _Email


class Reset(BaseModel):
    """A new password, with the code that was sent."""

    action: Literal["reset-password"]
    email: _Email
    code: _Code
    password: _Password


Request = SignUp | Confirmation | CodeRequest | Reset
REQUEST: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="action")])


class Accounts(Protocol):
    """The customers' accounts; each method raises SignInError with a message for the customer."""

    def begin(self, credentials: Credentials) -> Tokens | Challenge:
        """Starts a sign-in."""

    def answer(self, answer: Answer) -> Tokens | Challenge:
        """Answers a step of a sign-in."""

    def change(self, request: Request) -> None:
        """Signs up, confirms, or resets a password."""

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens."""

    def sign_out(self, refresh_token: str) -> None:
        """Revokes the tokens."""


class PoolAccounts:
    """The accounts of a user pool."""

    def __init__(self, pool: UserPool) -> None:
        self._pool = pool

    def begin(self, credentials: Credentials) -> Tokens | Challenge:
        """See :class:`Accounts`."""
        password = credentials.password.get_secret_value()
        return auth.begin(self._pool, credentials.email, password)

    def answer(self, answer: Answer) -> Tokens | Challenge:
        """See :class:`Accounts`."""
        challenge = Challenge(answer.step, answer.email, answer.session)
        given = answer.answer.get_secret_value()
        match answer.step:
            case Step.CODE:
                return auth.answer_code(self._pool, challenge, given)
            case Step.SET_UP:
                return auth.answer_set_up(self._pool, challenge, given)
            case Step.NEW_PASSWORD:
                return auth.answer_new_password(self._pool, challenge, given)

    def change(self, request: Request) -> None:
        """See :class:`Accounts`."""
        pool, email = self._pool, request.email
        match request:
            case SignUp(password=password):
                accounts.sign_up(pool, email, password.get_secret_value())
            case Confirmation(code=code):
                accounts.confirm_sign_up(pool, email, code.get_secret_value())
            case CodeRequest(action="send-code"):
                accounts.send_code_again(pool, email)
            case CodeRequest():
                accounts.forgot_password(pool, email)
            case Reset(code=code, password=password):
                accounts.reset_password(
                    pool, email, code.get_secret_value(), password.get_secret_value()
                )

    def refresh(self, refresh_token: str) -> Tokens:
        """See :class:`Accounts`."""
        return auth.refresh(self._pool, refresh_token)

    def sign_out(self, refresh_token: str) -> None:
        """See :class:`Accounts`."""
        auth.sign_out(self._pool, refresh_token)
