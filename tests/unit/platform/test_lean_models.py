"""The descriptions of services that our clients share are botocore's own, but for documentation."""

from __future__ import annotations

from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader

from orderflow.platform import aws
from orderflow.platform.lean_models import _FileLoader, _Loader, loader

SERVICES = (
    *("bedrock-runtime", "cognito-idp", "dynamodb", "logs", "s3", "secretsmanager", "sesv2"),
    *("sns", "sqs", "ssm", "stepfunctions"),
)


def undocumented(part: Any) -> Any:
    match part:
        case dict():
            return {
                name: ""
                if name == "documentation" and isinstance(value, str)
                else undocumented(value)
                for name, value in part.items()
            }
        case list():
            return [undocumented(each) for each in part]
        case _:
            return part


def unused() -> Loader:
    """botocore writes into what it has read, for all clients of a session."""
    return _Loader(file_loader=_FileLoader())


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_missing_but_documentation(service: str) -> None:
    theirs = Loader().load_service_model(service, "service-2")
    assert unused().load_service_model(service, "service-2") == undocumented(theirs)
    for kind in ("endpoint-rule-set-1", "paginators-1"):
        theirs = Loader().load_service_model(service, kind)
        assert unused().load_service_model(service, kind) == theirs


@pytest.mark.parametrize("name", ["endpoints", "partitions", "sdk-default-configuration"])
def test_what_is_no_services_is_as_it_was(name: str) -> None:
    assert unused().load_data(name) == Loader().load_data(name)


def test_the_newest_version_is_taken() -> None:
    assert loader().determine_latest_version("dynamodb", "service-2") == "2012-08-10"


def test_a_service_or_a_file_that_is_not_there_has_botocores_errors() -> None:
    with pytest.raises(UnknownServiceError, match="fax"):
        unused().load_service_model("fax", "service-2")
    with pytest.raises(DataNotFoundError):
        unused().load_service_model("sqs", "faxes-1")


def test_all_sessions_share_them() -> None:
    clients: list[Any] = [boto3.Session().client("sqs", region_name="eu-west-1"), aws.sqs()]

    for each in clients:
        description = each.meta.service_model._service_description
        assert description is loader().load_service_model("sqs", "service-2")


def test_sessions_of_boto3_do_not_add_their_folder_again_and_again() -> None:
    for _ in range(3):
        boto3.Session()
    botocore.session.Session()

    assert len(loader().search_paths) == len({*loader().search_paths})
