"""Settings in Parameter Store and secrets, read at most once a minute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from pydantic import BaseModel, ValidationError

from orderflow.errors import ConfigurationError, StoreUnavailable
from orderflow.platform import aws
from orderflow.platform.aws_errors import outages_as
from orderflow.validation import problems_in_words

#: How many seconds a function keeps a secret or a setting. Changes reach warm functions within this
#: time, without a deployment.
PARAMETER_MAX_AGE = 60


M = TypeVar("M", bound=BaseModel)


def load_parameter(parameter_name: str, model: type[M]) -> M:
    """A parameter of Parameter Store, at most :data:`PARAMETER_MAX_AGE` seconds old.

    Raises:
        ConfigurationError: the parameter is not the JSON that ``model`` describes.
        StoreUnavailable: Parameter Store throttled, failed or could not be reached.
    """
    with parameter_outages():
        raw = aws.ssm_parameters().get(parameter_name, max_age=PARAMETER_MAX_AGE)
    try:
        return model.model_validate_json(str(raw))
    except ValidationError as error:
        raise ConfigurationError(
            f"Parameter {parameter_name}: {problems_in_words(error)}"
        ) from error


def read_secret(secret_name: str, raw: str, model: type[M], remedy: str = "") -> M:
    """The content of a secret, from its text.

    Args:
        secret_name: its name.
        raw: its text.
        model: describes its JSON.
        remedy: the end of the error's message: what to do.

    Raises:
        ConfigurationError: the text is not the JSON that ``model`` describes.
    """
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        problems = f"Secret {secret_name}: {problems_in_words(error)}"
        # `from None`: pydantic's error would carry the secret into the log.
        raise ConfigurationError(f"{problems} {remedy}".rstrip()) from None


@contextmanager
def parameter_outages() -> Iterator[None]:
    """Turn outages into ``StoreUnavailable``: Powertools wraps every failure into one error."""
    try:
        yield
    except GetParameterError as error:
        with outages_as(StoreUnavailable, "The settings' store"):
            raise error.__context__ or error from None
