"""botocore's descriptions of services, read once for all sessions and without what nobody reads.

Each session of botocore has a loader of its own, which parses them again, endpoints above all (1.2
MB of JSON), keeps their documentation, and looks for each file in the folders of all services.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from botocore import register_initializer
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

_DOCUMENTATION: Final = "documentation"


class _FileLoader(JSONFileLoader):
    """Reads JSON into plain dictionaries, and operations and shapes without documentation."""

    def _load_file(self, full_path: str, open_method: Any) -> Any:
        path = Path(full_path)
        if not path.is_file():
            return None
        # As a hook takes time for each object, and there are 15,000 in the file of endpoints.
        hook = _without_documentation if path.name.startswith("service-") else None
        with open_method(path, "rb") as file:
            return json.loads(file.read(), object_hook=hook)


def _without_documentation(part: dict[str, Any]) -> dict[str, Any]:
    if isinstance(part.get(_DOCUMENTATION), str):  # else a field that is called so
        part[_DOCUMENTATION] = ""  # botocore expects one of some parts
    return part


class _Loader(Loader):
    """Looks for a file in the folders of its service alone."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002
        """All services, whether they have files of this type or not."""
        folders = (Path(path) for path in self.search_paths)
        return sorted({each.name for path in folders if path.is_dir() for each in path.iterdir()})

    def determine_latest_version(self, service_name: str, type_name: str) -> str:
        """The newest version of the service that has a file of this type.

        Raises:
            botocore.exceptions.DataNotFoundError: there is none.
        """
        return max(self.list_api_versions(service_name, type_name))


@cache
def loader() -> Loader:
    """The one that all sessions share, as the clients of one session share theirs."""
    return _Loader(file_loader=_FileLoader())


@cache
def share_models() -> None:
    """Has all sessions that are made from now on share :func:`loader`."""
    register_initializer(_share)


def read_ahead() -> None:
    """Reads what most functions' clients are made of; for a process that others are forked from."""
    for name in ("endpoints", "partitions", "sdk-default-configuration", "_retry"):
        loader().load_data(name)
    for service in ("dynamodb", "secretsmanager", "sns", "ssm"):
        for kind in ("service-2", "endpoint-rule-set-1"):
            loader().load_service_model(service, kind)


def _share(session: Session) -> None:
    shared = loader()
    # Each session of boto3 appends the folder of its own descriptions.
    shared.search_paths[:] = dict.fromkeys(shared.search_paths)
    session.register_component("data_loader", shared)
