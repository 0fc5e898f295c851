"""CloudTrail: what it records, where its files go, and which events raise an alarm."""

import json
from typing import Any

import pytest

from cdk.constructs.security.trail_filters import MAX_PATTERN, TrailFilter, trail_filters
from scripts.local.filter_patterns import matches
from tests.support.templates import Synthesize, readable

SECRET = "grocery/prod/paystack"
ROLES = ["grocery-prod-orders-CreatePaymentLinkRole", "grocery-prod-orders-PaymentWebhookRole"]
FILTERS = {each.name: each for each in trail_filters(SECRET, ROLES)}


def properties(synthesize: Synthesize, kind: str, stage: str = "prod") -> list[dict[str, Any]]:
    trail = synthesize(stage).trail
    assert trail is not None
    return [each["Properties"] for each in trail["Resources"].values() if each["Type"] == kind]


def only(synthesize: Synthesize, kind: str, stage: str = "prod") -> dict[str, Any]:
    (found,) = properties(synthesize, kind, stage)
    return found


def test_the_local_stage_has_no_trail(synthesize: Synthesize) -> None:
    assert synthesize("local").trail is None


def test_the_trail_records_all_regions_and_its_files_are_validated(synthesize: Synthesize) -> None:
    trail = only(synthesize, "AWS::CloudTrail::Trail")

    assert trail["IsLogging"] is True
    assert trail["IsMultiRegionTrail"] is True
    assert trail["IncludeGlobalServiceEvents"] is True
    assert trail["EnableLogFileValidation"] is True
    assert readable(trail["KMSKeyId"]) == "<Key.Arn>"
    assert readable(trail["CloudWatchLogsLogGroupArn"]) == "<Log.Arn>"


def test_it_records_management_events_and_the_data_of_orders_and_of_the_archive(
    synthesize: Synthesize,
) -> None:
    (selector,) = only(synthesize, "AWS::CloudTrail::Trail")["EventSelectors"]

    assert (selector["IncludeManagementEvents"], selector["ReadWriteType"]) == (True, "All")
    table, archive = selector["DataResources"]
    assert (table["Type"], len(table["Values"])) == ("AWS::DynamoDB::Table", 1)
    assert "Orders" in json.dumps(table["Values"])
    assert archive["Type"] == "AWS::S3::Object"
    assert "AuditArchive" in json.dumps(archive["Values"])
    # All objects: the ARN ends with the slash.
    assert archive["Values"][0]["Fn::Join"][1][-1] == "/"


@pytest.mark.parametrize(("stage", "days"), [("dev", 90), ("staging", 90), ("prod", 1100)])
def test_its_bucket_is_private_encrypted_versioned_and_expires(
    synthesize: Synthesize, stage: str, days: int
) -> None:
    bucket = only(synthesize, "AWS::S3::Bucket", stage)

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert readable(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]) == "<Key.Arn>"
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (lifecycle,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (lifecycle["Status"], lifecycle["ExpirationInDays"]) == ("Enabled", days)
    assert bool(lifecycle.get("Transitions")) is (stage == "prod")
    assert bool(bucket.get("ObjectLockEnabled")) is (stage != "dev")


def test_its_bucket_is_reached_over_tls_alone_and_written_by_this_trail_alone(
    synthesize: Synthesize,
) -> None:
    statements = only(synthesize, "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]

    tls, others = [each for each in statements if each["Effect"] == "Deny"]
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert (tls["Principal"], tls["Action"]) == ({"AWS": "*"}, "s3:*")
    assert others["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
    assert "trail/grocery-prod-trail" in json.dumps(others["Condition"]["StringNotEquals"])
    allowed = [each for each in statements if each["Effect"] == "Allow"]
    assert {each["Principal"]["Service"] for each in allowed} == {"cloudtrail.amazonaws.com"}
    assert {each["Action"] for each in allowed} == set(others["Action"])


def test_only_this_trail_encrypts_with_its_key(synthesize: Synthesize) -> None:
    policy = only(synthesize, "AWS::KMS::Key")["KeyPolicy"]["Statement"]

    (trail,) = [
        each for each in policy if each["Principal"].get("Service") == "cloudtrail.amazonaws.com"
    ]
    assert trail["Action"] == ["kms:DescribeKey", "kms:GenerateDataKey*"]
    assert "trail/grocery-prod-trail" in json.dumps(trail["Condition"])


def test_each_pattern_is_deployed_with_an_alarm_to_operations(synthesize: Synthesize) -> None:
    deployed = {
        each["MetricTransformations"][0]["MetricName"]: each
        for each in properties(synthesize, "AWS::Logs::MetricFilter")
    }
    alarms = {each["MetricName"]: each for each in properties(synthesize, "AWS::CloudWatch::Alarm")}

    assert set(deployed) == set(alarms) == set(FILTERS)
    for name, alarm in alarms.items():
        (metric,) = deployed[name]["MetricTransformations"]
        assert (metric["MetricNamespace"], metric["MetricValue"]) == (alarm["Namespace"], "1")
        assert (alarm["Threshold"], alarm["Statistic"]) == (1, "Sum")
        assert alarm["TreatMissingData"] == "notBreaching"
        assert "Operations" in json.dumps(alarm["AlarmActions"])
        assert "security-alarms.md" in alarm["AlarmDescription"]
        assert readable(deployed[name]["LogGroupName"]) == "<Log>"
    for name in set(FILTERS) - {"ForeignSecretReads"}:
        assert deployed[name]["FilterPattern"] == FILTERS[name].pattern


def test_the_functions_that_read_the_secret_are_the_ones_that_may(synthesize: Synthesize) -> None:
    """PayStack's key; the canary may read its own account alone."""
    templates = synthesize("prod")
    readers = {
        name
        for function in templates.properties("AWS::Lambda::Function")
        for name in [function["Handler"].partition(".")[0]]
        if "PAYSTACK_SECRET_NAME" in function["Environment"]["Variables"]
        and "secretsmanager:GetSecretValue" in json.dumps(templates.function_statements(name))
    }
    (pattern,) = [
        json.dumps(each["FilterPattern"])
        for each in properties(synthesize, "AWS::Logs::MetricFilter")
        if each["MetricTransformations"][0]["MetricName"] == "ForeignSecretReads"
    ]

    roles = [templates.function(name)["Role"]["Fn::GetAtt"][0] for name in readers]
    assert readers
    assert "run_canary" not in readers
    assert pattern.count("userIdentity.arn !=") == len(roles)
    for role in roles:
        assert role in pattern


def event(**fields: Any) -> dict[str, Any]:
    """An event as CloudTrail writes it, of a function that reads nothing special."""
    return {
        "eventVersion": "1.11",
        "eventType": "AwsApiCall",
        "eventSource": "dynamodb.amazonaws.com",
        "eventName": "DescribeTable",
        "readOnly": True,
        "userIdentity": role("grocery-prod-orders-ParseOrderRole"),
        "requestParameters": {},
        "responseElements": None,
        **fields,
    }


def role(name: str) -> dict[str, Any]:
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::123456789012:assumed-role/{name}/session",
        "sessionContext": {"sessionIssuer": {"type": "Role", "userName": name}},
    }


def console(outcome: str) -> dict[str, Any]:
    return event(
        eventType="AwsConsoleSignIn",
        eventSource="signin.amazonaws.com",
        eventName="ConsoleLogin",
        userIdentity={"type": "IAMUser", "userName": "ada"},
        responseElements={"ConsoleLogin": outcome},
        requestParameters=None,
    )


def iam(name: str, *, read_only: bool) -> dict[str, Any]:
    return event(eventSource="iam.amazonaws.com", eventName=name, readOnly=read_only)


def kms(name: str) -> dict[str, Any]:
    return event(eventSource="kms.amazonaws.com", eventName=name)


def cloudtrail(name: str) -> dict[str, Any]:
    return event(eventSource="cloudtrail.amazonaws.com", eventName=name)


def secret(identity: dict[str, Any], **request: Any) -> dict[str, Any]:
    return event(
        eventSource="secretsmanager.amazonaws.com",
        eventName="GetSecretValue",
        userIdentity=identity,
        requestParameters=request or {"secretId": SECRET},
    )


ROOT = {"type": "Root", "arn": "arn:aws:iam::123456789012:root"}
ARN = f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{SECRET}-AbCdEf"

ALARMING = [
    ("RootUse", event(userIdentity=ROOT)),
    ("RootUse", console("Success") | {"userIdentity": ROOT}),
    ("FailedSignIns", console("Failure")),
    ("IamChanges", iam("PutRolePolicy", read_only=False)),
    ("IamChanges", iam("CreateAccessKey", read_only=False)),
    ("IamChanges", iam("UpdateAssumeRolePolicy", read_only=False)),
    ("KeyDeletions", kms("ScheduleKeyDeletion")),
    ("KeyDeletions", kms("DisableKey")),
    ("KeyDeletions", kms("DeleteImportedKeyMaterial")),
    *(
        ("StoppedTrails", cloudtrail(name))
        for name in (
            "StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "PutInsightSelectors",
        )
    ),
    ("ForeignSecretReads", secret(role("Administrator"))),
    ("ForeignSecretReads", secret({"type": "IAMUser", "userName": "ada"})),
    ("ForeignSecretReads", secret(role("Administrator"), secretId=ARN)),
    # A batch that finds its secrets by filters names none.
    ("ForeignSecretReads",
     secret(role("Administrator"), filters=[]) | {"eventName": "BatchGetSecretValue"}),
    # Refused attempts count, too.
    ("ForeignSecretReads",
     secret(role("grocery-prod-orders-ParseOrderRole")) | {"errorCode": "AccessDenied"}),
]  # fmt: skip

HARMLESS = [
    event(),
    # What a service does in the root user's name, and for the account itself.
    event(userIdentity=ROOT | {"invokedBy": "support.amazonaws.com"}),
    event(userIdentity=ROOT, eventType="AwsServiceEvent"),
    console("Success"),
    iam("GetRole", read_only=True),
    kms("Decrypt"),
    kms("CancelKeyDeletion"),
    cloudtrail("LookupEvents"),
    cloudtrail("StartLogging"),
    *(secret(role(name)) for name in ROLES),
    secret(role("Administrator"), secretId="grocery/dev/other"),
]


@pytest.mark.parametrize(("name", "alarming"), ALARMING)
def test_an_alarming_event_raises_its_alarm_and_no_other(
    name: str, alarming: dict[str, Any]
) -> None:
    found = [each.name for each in FILTERS.values() if matches(each.pattern, json.dumps(alarming))]

    assert found == [name]


@pytest.mark.parametrize("harmless", HARMLESS)
def test_a_harmless_event_raises_no_alarm(harmless: dict[str, Any]) -> None:
    assert [each for each in FILTERS.values() if matches(each.pattern, json.dumps(harmless))] == []


def test_every_alarm_is_tried() -> None:
    assert {name for name, _ in ALARMING} == set(FILTERS)


def test_a_pattern_has_room_for_the_roles_with_their_longest_names() -> None:
    (found,) = [each for each in trail_filters(SECRET, ["r" * 64] * 4) if "Secret" in each.name]

    assert len(found.pattern) <= MAX_PATTERN
    with pytest.raises(ValueError, match="too many"):
        trail_filters(SECRET, ["r"] * 20)


def test_filters_have_names_of_their_own() -> None:
    assert len(FILTERS) == len(trail_filters(SECRET, ROLES))
    assert all(isinstance(each, TrailFilter) for each in FILTERS.values())
