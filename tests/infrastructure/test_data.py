"""The data stack: the tables, the key and the users."""

from itertools import pairwise
from typing import Any

import aws_cdk
import pytest
from aws_cdk.assertions import Template

from cdk.orders_indexes import CURRENT_INDEXES
from cdk.settings import Settings
from cdk.stacks.data import DataStack
from tests.support.tables import TABLES
from tests.support.templates import Synthesize, Templates, readable


def _table(templates: Templates, partition: str) -> dict[str, Any]:
    (table,) = [
        each
        for each in templates.properties("AWS::DynamoDB::Table")
        if each["KeySchema"][0] == {"AttributeName": partition, "KeyType": "HASH"}
    ]
    return table


def test_every_table_is_encrypted_with_our_key_and_can_be_restored(templates: Templates) -> None:
    tables = templates.properties("AWS::DynamoDB::Table")
    assert len(tables) == 6
    for table in tables:
        assert table["SSESpecification"]["SSEType"] == "KMS"
        assert "Key" in table["SSESpecification"]["KMSMasterKeyId"]["Fn::GetAtt"][0]
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_tests_create_the_tables_that_are_deployed(templates: Templates) -> None:
    deployed = [_schema(table) for table in templates.properties("AWS::DynamoDB::Table")]
    ours = [_schema(table.creation()) for table in TABLES]
    assert sorted(map(repr, deployed)) == sorted(map(repr, ours)), "change tests/support/tables.py"


def _schema(table: dict[str, Any]) -> dict[str, Any]:
    """What a table's requests depend on."""
    attributes = {
        each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]
    }
    indexes = {
        index["IndexName"]: (index["KeySchema"], sorted(index["Projection"].items()))
        for index in table.get("GlobalSecondaryIndexes", [])
    }
    return {
        "key": table["KeySchema"],
        "attributes": sorted(attributes.items()),
        "indexes": sorted(indexes.items()),
    }


def _indexes(templates: Templates) -> dict[str, tuple[list[str], list[str], dict[str, Any]]]:
    """By name, the attributes of the partition key, those to sort by, and what it holds."""

    def of(index: dict[str, Any], kind: str) -> list[str]:
        return [key["AttributeName"] for key in index["KeySchema"] if key["KeyType"] == kind]

    return {
        index["IndexName"]: (of(index, "HASH"), of(index, "RANGE"), index["Projection"])
        for index in _table(templates, "orderId")["GlobalSecondaryIndexes"]
    }


EVERYTHING = {"ProjectionType": "ALL"}


def test_orders_are_indexed_by_what_is_looked_for(templates: Templates) -> None:
    assert _indexes(templates) == {
        "byCustomerKeys": (["customerId"], ["createdAt"], {"ProjectionType": "KEYS_ONLY"}),
        "byStatusShard": (
            ["status", "indexShard"],
            ["createdAt"],
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["updatedAt"]},
        ),
        "byRefund": (["refundState"], ["refundDueAt"], EVERYTHING),
        "byLinkCheckShard": (
            ["linkCheckState", "indexShard"],
            ["linkCheckAt"],
            {"ProjectionType": "KEYS_ONLY"},
        ),
        "byReversal": (["reversalState"], ["reversalCheckAt"], EVERYTHING),
        "byIdShard": (["indexShard"], ["orderId"], {"ProjectionType": "KEYS_ONLY"}),
    }


def test_each_status_is_spread_over_several_partitions(templates: Templates) -> None:
    """All orders of a status are written to its partitions: see docs/decisions/0035."""
    every_order = {"status", "linkCheckState"}
    for name, (partition, _, projection) in _indexes(templates).items():
        if every_order & {*partition}:
            assert "indexShard" in partition, name
            assert projection != EVERYTHING, name


def test_a_stage_of_an_earlier_release_goes_to_todays_indexes_one_by_one(
    synthesize: Synthesize,
) -> None:
    earlier = ("byCustomer", "byStatus", "byRefund", "byLinkCheck")
    new = ("byStatusShard", "byLinkCheckShard", "byReversal", "byCustomerKeys", "byIdShard")
    steps = [
        earlier,
        (*earlier, *new[:1]),
        (*earlier, *new[:2]),
        (*earlier, *new[:3]),
        (*earlier, *new[:4]),
        (*earlier, *new),
        ("byCustomer", "byStatus", "byRefund", *new),
        ("byCustomer", "byRefund", *new),
        CURRENT_INDEXES,
    ]
    for before, after in pairwise(steps):
        assert len({*before} ^ {*after}) == 1
    for step in steps:
        settings = Settings.for_stage("prod").model_copy(update={"orders_indexes": step})
        stack = DataStack(aws_cdk.App(), "Data", settings)
        template = Template.from_stack(stack).to_json()
        (indexes,) = (
            resource["Properties"]["GlobalSecondaryIndexes"]
            for resource in template["Resources"].values()
            if "GlobalSecondaryIndexes" in resource["Properties"]
        )
        assert {index["IndexName"] for index in indexes} == {*step}


def test_the_catalog_is_keyed_by_kind_and_id(templates: Templates) -> None:
    assert [key["AttributeName"] for key in _table(templates, "kind")["KeySchema"]] == [
        "kind",
        "id",
    ]


@pytest.mark.parametrize(
    ("partition", "expires"),
    [("orderId", True), ("kind", True), ("address", True), ("caller", True), ("customerId", True)],
)
def test_items_expire_by_their_ttl(templates: Templates, partition: str, expires: bool) -> None:
    assert _table(templates, partition)["TimeToLiveSpecification"] == {
        "AttributeName": "ttl",
        "Enabled": expires,
    }


def test_a_breaker_never_expires(templates: Templates) -> None:
    assert "TimeToLiveSpecification" not in _table(templates, "provider")


def test_the_key_is_ours_and_rotates(templates: Templates) -> None:
    assert templates.only("AWS::KMS::Key")["EnableKeyRotation"] is True


@pytest.mark.parametrize(
    ("stage", "policy"),
    [("local", "Delete"), ("dev", "Delete"), ("staging", "Retain"), ("prod", "Retain")],
)
def test_data_outlives_its_stack_from_staging_on(
    synthesize: Synthesize, stage: str, policy: str
) -> None:
    templates = synthesize(stage)
    for kind in ("AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::Cognito::UserPool"):
        for resource in templates.resources(kind).values():
            assert resource["DeletionPolicy"] == policy


def test_signing_in_takes_a_time_based_code_and_never_a_text_message(templates: Templates) -> None:
    pool = templates.only("AWS::Cognito::UserPool")
    assert pool["MfaConfiguration"] == "ON"
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]


def test_passwords_are_long_and_mixed(templates: Templates) -> None:
    policy = templates.only("AWS::Cognito::UserPool")["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] >= 12
    assert all(
        policy[f"Require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols")
    )


def test_customers_sign_up_themselves_with_their_email(templates: Templates) -> None:
    pool = templates.only("AWS::Cognito::UserPool")
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["AutoVerifiedAttributes"] == ["email"]
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False


@pytest.mark.parametrize(
    ("stage", "domain"),
    [("staging", "staging.grocery.example.com"), ("prod", "grocery.example.com")],
)
def test_cognito_sends_its_e_mails_through_ses_where_there_are_customers(
    synthesize: Synthesize, stage: str, domain: str
) -> None:
    """Cognito's own mailer sends 50 e-mails a day."""
    email = synthesize(stage).only("AWS::Cognito::UserPool")["EmailConfiguration"]
    assert email["EmailSendingAccount"] == "DEVELOPER"
    assert email["From"] == f"orders@{domain}"
    assert readable(email["SourceArn"]) == (
        f"arn:aws:ses:eu-west-1:<AWS::AccountId>:identity/{domain}"
    )


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_cognito_sends_its_e_mails_itself_elsewhere(synthesize: Synthesize, stage: str) -> None:
    assert "EmailConfiguration" not in synthesize(stage).only("AWS::Cognito::UserPool")


def test_a_changed_address_is_verified_before_it_takes_the_place_of_the_old_one(
    templates: Templates,
) -> None:
    pool = templates.only("AWS::Cognito::UserPool")
    assert pool["UserAttributeUpdateSettings"] == {
        "AttributesRequireVerificationBeforeUpdate": ["email"]
    }


def test_suspicious_sign_ins_are_stopped(templates: Templates) -> None:
    pool = templates.only("AWS::Cognito::UserPool")
    assert pool["UserPoolAddOns"]["AdvancedSecurityMode"] == "ENFORCED"


def test_apps_sign_in_by_srp_only_and_without_a_secret(templates: Templates) -> None:
    client = templates.only("AWS::Cognito::UserPoolClient")
    # ALLOW_REFRESH_TOKEN_AUTH would be a second way to refresh, without rotation.
    assert client["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH"]
    assert client["GenerateSecret"] is False
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["AllowedOAuthFlowsUserPoolClient"] is False


def test_refresh_tokens_rotate(templates: Templates) -> None:
    client = templates.only("AWS::Cognito::UserPoolClient")
    assert client["RefreshTokenRotation"] == {
        "Feature": "ENABLED",
        "RetryGracePeriodSeconds": 30,
    }
    assert client["EnableTokenRevocation"] is True


def test_operations_staff_and_the_canary_are_groups(templates: Templates) -> None:
    groups = templates.properties("AWS::Cognito::UserPoolGroup")
    assert {each["GroupName"] for each in groups} == {"ops", "canary"}


def test_the_data_stack_outputs_the_names_of_its_resources(templates: Templates) -> None:
    names = {name for name in templates.data["Outputs"] if not name.startswith("Exports")}
    assert names == {
        "AuditArchiveBucket",
        "OrdersTable",
        "OrdersIndexShards",
        "CatalogTable",
        "BreakersTable",
        "SubmissionsTable",
        "UserPoolId",
        "UserPoolClientId",
    }


def test_the_audit_is_kept_in_a_private_bucket(templates: Templates) -> None:
    bucket = templates.only("AWS::S3::Bucket")
    days = {"local": 90, "dev": 90, "staging": 90, "prod": 1100}[templates.stage]

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert readable(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]) == "<Key.Arn>"
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == days
    locked = templates.stage in ("staging", "prod")
    assert bool(bucket.get("ObjectLockConfiguration")) is locked
    statements = [
        statement
        for policy in templates.properties("AWS::S3::BucketPolicy")
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    if templates.on_aws:
        (tls,) = statements
        assert (tls["Effect"], tls["Condition"]) == (
            "Deny",
            {"Bool": {"aws:SecureTransport": "false"}},
        )
