"""Deploys the CDK app's ``local`` stage into the emulator."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from cdk.build_cache import built
from cdk.local_stage import LOCAL_ASSETS_BUCKET, LocalAddress
from scripts.local import time_factor
from scripts.local.assembly import assembly
from scripts.local.errors import LocalStackError
from scripts.local.stack import aws, processes
from scripts.local.stack.state import PROJECT, REGION, Home, Urls

_CDK: Final = PROJECT / "cdk" / "node_modules" / ".bin" / "cdk"
_UV: Final = Path(sys.executable).with_name("uv")
_NODE: Final = Path(sys.executable).with_name("node")
#: Starts the names of the local stage's resources.
PREFIX: Final = "grocery-local-"
_BUILD: Final = PROJECT / ".build"
#: Stacks of the assembly that the emulator can't deploy; others read their templates.
NOT_DEPLOYED: Final = ("guard", "paging")
_INSTALL_TIMEOUT_SECONDS: Final = 180.0
_DEPLOY_TIMEOUT_SECONDS: Final = 300.0


def check_tools() -> None:
    """Checks that the tools of a deployment are installed.

    Raises:
        LocalStackError: if one is missing; names it and the remedy.
    """
    for tool in (_UV, _NODE, _CDK):
        processes.require_tool(tool)


def lambda_runtime(home: Home) -> Path:
    """The folder with the Lambda runtime (``awslambdaric``, ``boto3``); installs it if missing.

    Its name contains a digest of its requirements; all stacks share it.
    """
    requirements = _runtime_requirements()
    digest = hashlib.sha256(requirements).hexdigest()[:12]
    folder = _BUILD / f"lambda-runtime-{platform.python_version()}-{digest}"
    return built(folder, lambda draft: _install(requirements, draft, home))


def deploy(home: Home, urls: Urls, runtime: Path, factor: float) -> dict[str, str]:
    """Deploys the stacks of the ``local`` stage, and returns their outputs by key.

    The templates of the others (:data:`NOT_DEPLOYED`) are put into the stack's folder.


    Args:
        home: the stack's folder.
        urls: the addresses of its parts.
        runtime: the folder with the Lambda runtime.
        factor: what the stage's durations are divided by.

    Raises:
        LocalStackError: if synthesis or deployment fails.
    """
    _create_asset_bucket(urls)
    outputs = home.path / "outputs.json"
    settings = {
        "ORDERS_LOCAL_PYTHON": sys.executable,
        "ORDERS_LOCAL_RUNTIME_DIR": str(runtime),
        time_factor.VARIABLE: str(factor),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
    }
    app = assembly(home, settings)
    command: list[str] = [
        *(str(_CDK), "deploy", *_stacks(app), "--require-approval", "never", "--method", "direct"),
        *("--app", str(app), "--outputs-file", str(outputs)),
        *(f"--parameters={each}" for each in _addresses(urls)),
        *("--no-notices", "--ci", "--no-color"),
    ]
    processes.run_tool(
        command,
        folder=PROJECT / "cdk",
        environment=processes.environment(home.path, {**settings, "AWS_ENDPOINT_URL": urls.aws}),
        output=home.logs / "deploy.log",
        timeout_seconds=_DEPLOY_TIMEOUT_SECONDS,
    )
    for name in NOT_DEPLOYED:
        shutil.copy(app / _template(name), template_of(home, name))
    stacks: dict[str, dict[str, str]] = json.loads(outputs.read_bytes())
    return {key: value for stack in stacks.values() for key, value in stack.items()}


def template_of(home: Home, stack: str) -> Path:
    """The template of a stack that is not deployed, in the folder of a local stack."""
    return home.path / _template(stack)


def _template(stack: str) -> str:
    return f"{PREFIX}{stack}.template.json"


def _stacks(app: Path) -> list[str]:
    """The stacks of an assembly that the emulator can deploy."""
    artifacts = json.loads((app / "manifest.json").read_bytes())["artifacts"]
    stacks = (
        name for name, each in artifacts.items() if each["type"] == "aws:cloudformation:stack"
    )
    return [name for name in stacks if name.removeprefix(PREFIX) not in NOT_DEPLOYED]


def _addresses(urls: Urls) -> list[str]:
    """The template's parameters, each as ``NAME=VALUE``."""
    addresses = {
        LocalAddress.AWS: urls.aws,
        LocalAddress.PAYSTACK: urls.paystack,
        LocalAddress.BEDROCK: urls.bedrock,
        LocalAddress.DYNAMODB: urls.dynamodb,
        LocalAddress.FRONT_DOOR: urls.front_door,
        LocalAddress.COGNITO: urls.cognito,
    }
    return [f"{name}={url}" for name, url in addresses.items()]


def _create_asset_bucket(urls: Urls) -> None:
    """Creates the only resource of ``cdk bootstrap`` that a deployment without roles needs."""
    s3 = aws.client("s3", urls.aws)
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(
            Bucket=LOCAL_ASSETS_BUCKET,
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )


def _runtime_requirements() -> bytes:
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
