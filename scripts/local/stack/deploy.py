"""Deploys the CDK app's ``local`` stage into the emulator."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cdk.build_cache import built
from cdk.local_stage import LOCAL_ASSETS_BUCKET, LocalAddress
from scripts.local import time_factor
from scripts.local.deployment.assembly import assembly
from scripts.local.deployment.cloudformation import Deployment
from scripts.local.errors import LocalStackError
from scripts.local.stack import aws, processes
from scripts.local.stack.state import PROJECT, REGION, Home, Urls

_UV: Final = Path(sys.executable).with_name("uv")
_NODE: Final = Path(sys.executable).with_name("node")
#: Starts the names of the local stage's resources.
PREFIX: Final = "grocery-local-"
_BUILD: Final = PROJECT / ".build"
#: Stacks of the assembly that the emulator can't deploy; others read their templates.
NOT_DEPLOYED: Final = ("guard", "paging")
_INSTALL_TIMEOUT_SECONDS: Final = 180.0


def check_tools() -> None:
    """Checks that the tools of a deployment are installed.

    Raises:
        LocalStackError: if one is missing; names it and the remedy.
    """
    for tool in (_UV, _NODE):
        processes.require_tool(tool)


@dataclass(frozen=True)
class Built:
    """What is deployed.

    Attributes:
        runtime: the folder with the Lambda runtime (``awslambdaric``, ``boto3``).
        app: the folder with the synthesized CDK app.
    """

    runtime: Path
    app: Path


def build(home: Home, factor: float) -> Built:
    """Builds the Lambda runtime and the ``local`` stage side by side; what is kept is not built.

    Args:
        home: the stack's folder; its log receives the tools' output.
        factor: what the stage's durations are divided by.

    Raises:
        LocalStackError: if an installation or the synthesis fails.
    """
    runtime = _Runtime.required()
    settings = {
        "ORDERS_LOCAL_PYTHON": sys.executable,
        "ORDERS_LOCAL_RUNTIME_DIR": str(runtime.folder),
        time_factor.VARIABLE: str(factor),
    }
    with ThreadPoolExecutor(1) as beside:
        installation = beside.submit(runtime.install, home)
        app = assembly(home, settings)
        return Built(installation.result(), app)


def lambda_runtime(home: Home) -> Path:
    """The folder with the Lambda runtime; installs it if missing."""
    return _Runtime.required().install(home)


def deploy(home: Home, urls: Urls, app: Path) -> dict[str, str]:
    """Deploys the stacks of the ``local`` stage, and returns their outputs by key.

    The templates of the others (:data:`NOT_DEPLOYED`) are put into the stack's folder.

    Args:
        home: the stack's folder.
        urls: the addresses of its parts.
        app: the folder with the synthesized CDK app.

    Raises:
        LocalStackError: CloudFormation rolled a stack back.
        botocore.exceptions.ClientError: AWS refuses a request.
    """
    _create_asset_bucket(urls)
    for name in NOT_DEPLOYED:
        shutil.copy(app / _template(name), template_of(home, name))
    deployment = Deployment(urls.aws, app)
    outputs: dict[str, str] = {}
    for stack in deployment.stacks:
        if stack.removeprefix(PREFIX) not in NOT_DEPLOYED:
            outputs |= deployment.deploy(stack, _addresses(urls))
    return outputs


def template_of(home: Home, stack: str) -> Path:
    """The template of a stack that is not deployed, in the folder of a local stack."""
    return home.path / _template(stack)


def _template(stack: str) -> str:
    return f"{PREFIX}{stack}.template.json"


def _addresses(urls: Urls) -> dict[str, str]:
    """The values of the template's parameters."""
    return {
        LocalAddress.AWS: urls.aws,
        LocalAddress.PAYSTACK: urls.paystack,
        LocalAddress.BEDROCK: urls.bedrock,
        LocalAddress.DYNAMODB: urls.dynamodb,
        LocalAddress.FRONT_DOOR: urls.front_door,
        LocalAddress.COGNITO: urls.cognito,
    }


def _create_asset_bucket(urls: Urls) -> None:
    """Creates the only resource of ``cdk bootstrap`` that a deployment without roles needs."""
    s3 = aws.client("s3", urls.aws)
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(
            Bucket=LOCAL_ASSETS_BUCKET,
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )


@dataclass(frozen=True)
class _Runtime:
    """The Lambda runtime, which all stacks with the same requirements share."""

    requirements: bytes
    folder: Path

    @classmethod
    def required(cls) -> Self:
        """The one that the lock file names; it may not be installed yet."""
        requirements = _locked_requirements()
        digest = hashlib.sha256(requirements).hexdigest()[:12]
        return cls(requirements, _BUILD / f"lambda-runtime-{platform.python_version()}-{digest}")

    def install(self, home: Home) -> Path:
        """Its folder, filled if it is not there."""
        return built(self.folder, lambda draft: _install(self.requirements, draft, home))


def _locked_requirements() -> bytes:
    command = [
        str(_UV),
        "export",
        "--frozen",
        "--only-group",
        "lambda-runtime",
        "--no-hashes",
        "-q",
    ]
    try:
        return subprocess.run(  # noqa: S603  # nosec B603 # our own command
            command, cwd=PROJECT, capture_output=True, check=True, timeout=30
        ).stdout
    except subprocess.CalledProcessError as error:
        raise LocalStackError(f"uv export failed:\n{error.stderr.decode()}") from error


def _install(requirements: bytes, folder: Path, home: Home) -> None:
    listing = folder / "requirements.txt"
    listing.write_bytes(requirements)
    command: list[str] = [
        *(str(_UV), "pip", "install", "--quiet", "--no-deps", "--compile-bytecode"),
        *("--python", sys.executable),
        *("--target", str(folder), "--requirement", str(listing)),
    ]
    processes.run_tool(
        command,
        folder=PROJECT,
        environment=dict(os.environ),
        output=home.logs / "deploy.log",
        timeout_seconds=_INSTALL_TIMEOUT_SECONDS,
    )
