"""What the customer reads where Cognito refuses: our words, and the field of the form to mend.

Errors: those of each operation in Cognito's service model. Cognito's own texts are for developers
and differ from one version to the next.
"""

from typing import Final, NamedTuple


class Words(NamedTuple):
    """A message for the customer, and the name of the field that is wrong, if one is."""

    message: str
    field: str | None = None


_WRONG_CODE: Final = Words(
    "This code is not right. Please look again and type it once more.", "code"
)
_WAIT: Final = Words("There were too many attempts. Please wait some minutes, then try again.")

#: For every step but the first, where the same errors mean the password.
_WORDS: Final = {
    "CodeMismatchException": _WRONG_CODE,
    "EnableSoftwareTokenMFAException": _WRONG_CODE,
    "ExpiredCodeException": Words(
        "This code was used before, or is too old. Please take the next one.", "code"
    ),
    "InvalidPasswordException": Words(
        "This password is too simple. It needs at least 12 characters: capital and small letters, "
        "digits and symbols.",
        "password",
    ),
    "UsernameExistsException": Words(
        "There is an account with this address. Please sign in, or reset its password.", "email"
    ),
    "UserNotConfirmedException": Words("Please confirm your address with the code in our e-mail."),
    "InvalidParameterException": Words("Something in the form is not right. Please check it."),
    "CodeDeliveryFailureException": Words(
        "We could not send an e-mail to this address. Please check it.", "email"
    ),
    "NotAuthorizedException": Words("This sign-in has run out. Please start again."),
    "LimitExceededException": _WAIT,
    "TooManyRequestsException": _WAIT,
    "TooManyFailedAttemptsException": _WAIT,
}
_WRONG_PASSWORD: Final = Words(
    "The e-mail address or the password is not right. Please check both.", "password"
)
_FIRST_STEP: Final = {
    "NotAuthorizedException": _WRONG_PASSWORD,
    "UserNotFoundException": _WRONG_PASSWORD,
    "PasswordResetRequiredException": Words(
        "Your password has to be set anew: “Forgot your password?” does it.", "password"
    ),
}
_OTHERWISE: Final = Words("Signing in does not work at the moment. Please try again in a minute.")


def in_words(code: str, *, first_step: bool) -> Words:
    """Say what an error means.

    Args:
        code: Cognito's name of the error; empty if Cognito did not answer.
        first_step: whether it refuses the e-mail address and the password of a sign-in.
    """
    own = _FIRST_STEP.get(code) if first_step else None
    return own or _WORDS.get(code, _OTHERWISE)
