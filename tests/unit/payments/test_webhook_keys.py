"""Events signed with the old key are accepted for a while after a rotation, and refused then."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from orderflow.errors import ConfigurationError, StoreUnavailable
from orderflow.payments.webhook_keys import PREVIOUS_KEY_LIFETIME, REREAD_SECONDS, WebhookKeys
from orderflow.platform.parameters import PARAMETER_MAX_AGE
from scripts.local.stand_ins.paystack.webhook import RETRY_DELAYS_SECONDS, Domain

START = datetime(2026, 1, 31, 12, tzinfo=UTC)
SECRET = "grocery/test/paystack"
BODY = b'{"event": "charge.success"}'
OLDEST, OLD, NEW = (f"sk_test_{name}_0123456789" for name in ("oldest", "old", "new"))


def signed(key: str) -> str:
    return hmac.new(key.encode(), BODY, hashlib.sha512).hexdigest()


def refusal(code: str, status_code: int = 400) -> ClientError:
    status = {"ResponseMetadata": {"HTTPStatusCode": status_code}}
    return ClientError({"Error": {"Code": code, "Message": ""}, **status}, "GetSecretValue")  # type: ignore[arg-type]


class World:
    """A secret with its versions, and the time."""

    def __init__(self) -> None:
        self.now = START
        self.versions: dict[str, dict[str, Any]] = {}
        self.reads = 0
        self.error: ClientError | None = None
        self.put(OLD)
        self.keys = WebhookKeys(
            self,  # type: ignore[arg-type]
            SECRET,
            lambda: self.now,
            self.seconds,
        )

    def seconds(self) -> float:
        return self.now.timestamp()

    def put(self, key: str) -> None:
        self.put_text(json.dumps({"secretKey": key}))

    def put_text(self, text: str) -> None:
        if "AWSCURRENT" in self.versions:
            self.versions["AWSPREVIOUS"] = self.versions["AWSCURRENT"]
        self.versions["AWSCURRENT"] = {"SecretString": text, "CreatedDate": self.now}

    def get_secret_value(self, SecretId: str, VersionStage: str) -> Any:  # noqa: N803
        assert SecretId == SECRET
        self.reads += 1
        if self.error:
            raise self.error
        if VersionStage not in self.versions:
            raise refusal("ResourceNotFoundException")
        return self.versions[VersionStage]

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def accepts(self, key: str) -> bool:
        return self.keys.sign(BODY, signed(key))


@pytest.fixture
def world() -> World:
    return World()


def test_without_a_rotation_only_the_current_key_signs(world: World) -> None:
    assert world.accepts(OLD)
    assert not world.accepts(NEW)
    assert not world.keys.sign(BODY, "")


@pytest.mark.parametrize("warm", [True, False])
def test_a_rotation_refuses_no_event(world: World, warm: bool) -> None:
    """Even an event that PayStack signs with the new key before the kept one is a minute old."""
    if warm:
        assert world.accepts(OLD)
        world.wait(REREAD_SECONDS)
    world.put(NEW)

    assert world.accepts(NEW)
    assert world.accepts(OLD)


def test_the_old_key_is_refused_after_its_time(world: World) -> None:
    world.put(NEW)
    world.now += PREVIOUS_KEY_LIFETIME - timedelta(seconds=1)
    assert world.accepts(OLD)
    world.wait(1)
    assert not world.accepts(OLD)
    assert world.accepts(NEW)


def test_its_time_is_an_hour_longer_than_paystack_repeats_events() -> None:
    repeated = timedelta(seconds=sum(RETRY_DELAYS_SECONDS[Domain.LIVE]))
    assert timedelta(hours=73) == PREVIOUS_KEY_LIFETIME > repeated


def test_a_key_from_before_the_previous_one_is_refused(world: World) -> None:
    world.put(NEW)
    world.wait(1)
    world.put(OLDEST)
    assert world.accepts(NEW)
    assert not world.accepts(OLD)


def test_a_previous_key_that_is_withdrawn_is_refused_within_a_minute(world: World) -> None:
    world.put(NEW)
    assert world.accepts(OLD)

    del world.versions["AWSPREVIOUS"]
    world.wait(PARAMETER_MAX_AGE)

    assert not world.accepts(OLD)


def test_a_previous_version_that_is_no_key_is_ignored(world: World) -> None:
    world.put_text("{}")
    world.put(NEW)
    assert world.accepts(NEW)


def test_a_current_version_that_is_no_key_is_a_configuration_error(world: World) -> None:
    world.put_text('{"secretKey": "sk_"}')
    with pytest.raises(ConfigurationError) as error:
        world.accepts(OLD)
    assert "sk_" not in str(error.value)


@pytest.mark.parametrize(
    ("code", "status"), [("ThrottlingException", 400), ("InternalServiceError", 500)]
)
def test_an_outage_of_the_store_is_one(world: World, code: str, status: int) -> None:
    world.error = refusal(code, status)
    with pytest.raises(StoreUnavailable):
        world.accepts(OLD)


def test_forged_events_read_the_secret_once_a_second(world: World) -> None:
    for _ in range(50):
        assert not world.keys.sign(BODY, signed("sk_test_forged_0123"))
        world.wait(0.1)
    assert world.reads <= 2 * (5 / REREAD_SECONDS + 1)


def test_after_the_old_keys_time_they_read_the_current_one_alone(world: World) -> None:
    world.put(NEW)
    world.now += PREVIOUS_KEY_LIFETIME
    for _ in range(50):
        assert not world.accepts(OLD)
        world.wait(0.1)
    assert world.reads <= 5 / REREAD_SECONDS + 1


def test_genuine_events_read_the_current_key_once_a_minute(world: World) -> None:
    for _ in range(100):
        assert world.accepts(OLD)
        world.wait(1)
    assert world.reads == 2


def test_events_of_the_old_key_read_both_once_a_minute(world: World) -> None:
    world.put(NEW)
    for _ in range(100):
        assert world.accepts(OLD)
        world.wait(1)
    assert world.reads == 2 * 2


@given(
    rotations=st.lists(st.integers(1, 400_000), min_size=1, max_size=4),
    pauses=st.lists(st.integers(0, 200_000), min_size=1, max_size=6),
)
def test_only_the_current_and_for_its_time_the_previous_key_sign(
    rotations: list[int], pauses: list[int]
) -> None:
    world = World()
    keys, times = [OLD], [START]
    for number, pause in enumerate(rotations):
        world.wait(pause)
        keys.append(f"sk_test_{number}_0123456789")
        times.append(world.now)
        world.put(keys[-1])
    for pause in pauses:
        world.wait(pause + PARAMETER_MAX_AGE)
        in_time = world.now < times[-1] + PREVIOUS_KEY_LIFETIME
        accepted = [key for key in keys if world.accepts(key)]
        assert accepted == (keys[-2:] if in_time else keys[-1:])
