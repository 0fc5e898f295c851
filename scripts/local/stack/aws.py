"""boto3 clients for the emulated AWS, independent of the user's own AWS settings."""

import os
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader, create_loader

from scripts.local.stack.processes import EMULATOR_ROOT
from scripts.local.stack.state import REGION

if TYPE_CHECKING:
    from boto3.session import Session

#: Short timeouts (s): the emulator is on this machine.
_CONFIG = Config(connect_timeout=5, read_timeout=60, proxies={}, retries={"total_max_attempts": 2})


def session() -> "Session":
    """A session with the emulator's root credentials.

    Profiles and configuration files are ignored: boto3 fails for a profile that does not exist.
    """
    plain = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    plain.register_component("data_loader", _loader())
    return boto3.Session(
        aws_access_key_id=EMULATOR_ROOT,
        aws_secret_access_key=EMULATOR_ROOT,
        region_name=REGION,
        botocore_session=plain,
    )


@cache
def _loader() -> Loader:
    """Reads the services' descriptions, megabytes of JSON, once for all sessions."""
    return create_loader()


def client(service: str, endpoint_url: str, config: Config | None = None) -> Any:
    """A client of one service of the emulator; ``config`` changes how it calls."""
    return session().client(service, endpoint_url=endpoint_url, config=_merged(config))  # type: ignore[call-overload]


def _merged(config: Config | None) -> Config:
    return _CONFIG.merge(config) if config else _CONFIG


def kept_client(service: str, endpoint_url: str) -> Callable[[], Any]:
    """Returns the same client at each call; it is made at the first one, which takes 50 ms."""
    return cache(partial(client, service, endpoint_url))


def resource(service: str, endpoint_url: str, config: Config | None = None) -> Any:
    """A resource (boto3's object interface) of one service of the emulator; see :func:`client`."""
    return session().resource(service, endpoint_url=endpoint_url, config=_merged(config))  # type: ignore[call-overload]
