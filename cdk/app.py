"""Entry of the CDK app: ``cdk synth -c stage=dev``; without a stage, ``local``."""

import sys
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from cdk.constructs.foundation import CodeFor
from cdk.constructs.functions.bundling import AWS_LAMBDA, BundlingError, bundle, local_target
from cdk.local_stage import LOCAL_ASSETS_BUCKET
from cdk.settings import Settings, SettingsError
from cdk.stacks.backup import add_backups
from cdk.stacks.data import DataStack
from cdk.stacks.guard import GuardStack
from cdk.stacks.operations import OperationsStack
from cdk.stacks.orders import OrdersStack
from cdk.stacks.paging import PagingStack
from cdk.stacks.trail import TrailStack


def add_stacks(
    app: cdk.App, settings: Settings, code_for: CodeFor
) -> tuple[DataStack, OrdersStack]:
    """The stacks of one stage; cdk-nag checks those that are for AWS."""
    data = DataStack(app, f"{settings.prefix}-data", settings, **_stack_props(settings))
    orders = OrdersStack(app, f"{settings.prefix}-orders", data, code_for, **_stack_props(settings))
    GuardStack(app, f"{settings.prefix}-guard", data, orders, **_stack_props(settings))
    if settings.backup_region:
        add_backups(app, data, _stack_props(settings))
    operations = OperationsStack(
        app, f"{settings.prefix}-operations", orders, **_stack_props(settings)
    )
    alarmed: list[cdk.Stack] = [orders, operations]
    if settings.emulator is None:
        trail = TrailStack(app, f"{settings.prefix}-trail", data, orders, **_stack_props(settings))
        alarmed.append(trail)
        _check_by_cdk_nag(app)
    PagingStack(app, f"{settings.prefix}-paging", operations, alarmed, **_stack_props(settings))
    return data, orders


def _check_by_cdk_nag(app: cdk.App) -> None:
    # The local stage, which is not checked, need not load it.
    from cdk_nag import AwsSolutionsChecks  # noqa: PLC0415

    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def _stack_props(settings: Settings) -> dict[str, Any]:
    props = {
        "env": cdk.Environment(account=settings.account, region=settings.region),
        "tags": {"service": "grocery-orders", "stage": settings.stage.value},
    }
    if settings.emulator:
        # The emulator has no bootstrap stack, so the CLI uses its own credentials.
        props["synthesizer"] = cdk.CliCredentialsStackSynthesizer(
            file_assets_bucket_name=LOCAL_ASSETS_BUCKET
        )
    return props


def bundled_code(settings: Settings) -> CodeFor:
    """The deployment packages for the platform of the stage."""
    target = local_target(settings.emulator.python) if settings.emulator else AWS_LAMBDA

    def code_for(function: str) -> lambda_.Code:
        package = bundle(function, target)
        return lambda_.Code.from_asset(str(package.path), asset_hash=package.digest)

    return code_for


def main() -> None:
    """Synthesizes the stage that the context names.

    Exits with status 1 and a message when the settings or a package are faulty.
    """
    app = cdk.App()
    try:
        settings = Settings.for_stage(app.node.try_get_context("stage") or "local")
        add_stacks(app, settings, bundled_code(settings))
    except (SettingsError, BundlingError) as error:
        sys.exit(str(error))
    app.synth()


if __name__ == "__main__":
    main()
