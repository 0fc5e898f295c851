"""The paths of events in a template, and the calls that AWS makes on them.

A path is a reference from one resource to another. Each kind of path, named by the two types and
the property between them, has either the calls that it leads to, or the reason why it leads to
none. A path of any other kind has no proof, which a test reports.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.support.definition_checks import OPERATIONS
from tests.support.policies.account import ACCOUNT, POLICY_TYPES, REGION, Account, Resource
from tests.support.policies.calls import ANYBODY, Call, requests


@dataclass(frozen=True)
class Path:
    """A reference from one resource to another, ``by`` a property (less positions in lists)."""

    source: Resource
    by: str
    target: Resource

    @property
    def kind(self) -> str:
        return f"{self.source.type} {self.by} -> {self.target.type}"

    def __str__(self) -> str:
        return f"{self.source.id} {self.by} -> {self.target.id}"


_POLICY_PROPERTIES = {"KeyPolicy", "AssumeRolePolicyDocument", "Policies"}


def paths(account: Account) -> Iterator[Path]:
    """Every reference outside of policies."""
    for source in account.resources.values():
        for name, value in source.raw.items():
            if source.type not in POLICY_TYPES and name not in _POLICY_PROPERTIES:
                yield from _references(account, source, name, value)


def _references(account: Account, source: Resource, name: str, value: Any) -> Iterator[Path]:
    if targets := account.referred(value):
        yield from (Path(source, name, target) for target in dict.fromkeys(targets))
    elif _is_arn(account, value):
        arn = account.text(value)
        # A stack may name another one's resource by its ARN.
        target = account.by_name.get(arn) or Resource(arn, "another resource", {})
        yield Path(source, name, target)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _references(account, source, f"{name}.{key}", part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(account, source, name, part)


def _is_arn(account: Account, value: Any) -> bool:
    """Whether the property names something outside of the templates."""
    return isinstance(value, str | Mapping) and account.text(value).startswith("arn:")


def calls_of(account: Account, path: Path) -> list[Call] | None:
    """The calls that the path leads to; None for a path of a kind without a proof."""
    if path.kind in PROOFS:
        return [*PROOFS[path.kind](account, path)]
    if any(fnmatchcase(path.kind, kind) for kind in WITHOUT_CALLS):
        return []
    return None


def _by(service: str, action: str) -> Callable[[Account, Path], Iterator[Call]]:
    """The service calls the target for the source."""

    def calls(account: Account, path: Path) -> Iterator[Call]:
        source = {"aws:SourceArn": account.arn(path.source)}
        yield from requests(account, path, service, action, account.arn(path.target), source)

    return calls


def _assumed_by(service: str) -> Callable[[Account, Path], Iterator[Call]]:
    """The service takes on the role for the source."""

    def calls(account: Account, path: Path) -> Iterator[Call]:
        role = account.arn(path.target)
        yield from requests(account, path, service, "sts:AssumeRole", role, {})

    return calls


def _function_runs(account: Account, path: Path) -> Iterator[Call]:
    yield from _assumed_by("lambda.amazonaws.com")(account, path)
    if path.source.raw["TracingConfig"] == {"Mode": "Active"}:
        for action in ("xray:PutTraceSegments", "xray:PutTelemetryRecords"):
            yield from requests(account, path, account.arn(path.target), action, "*", {})


def _function_logs(account: Account, path: Path) -> Iterator[Call]:
    (role,) = account.referred(path.source.raw["Role"])
    yield from _writes_log(account, path, role, path.target)


def _writes_log(account: Account, path: Path, role: Resource, group: Resource) -> Iterator[Call]:
    stream = f"{account.arn(group)}:log-stream:a-stream"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        yield from requests(account, path, account.arn(role), action, stream, {})


def _function_url(account: Account, path: Path) -> Iterator[Call]:
    """Both permissions are needed: to use the URL, and to invoke the function by it.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    auth = {"lambda:FunctionUrlAuthType": path.source.raw["AuthType"]}
    arn = f"{account.arn(path.target)}:{path.source.raw['Qualifier']}"
    yield from requests(account, path, ANYBODY, "lambda:InvokeFunctionUrl", arn, auth)
    by_url = {"lambda:InvokedViaFunctionUrl": "true"}
    yield from requests(account, path, ANYBODY, "lambda:InvokeFunction", arn, by_url)


def _role_of_function(account: Account, function: Any) -> str:
    """The ARN of the role of the function that a property names, itself or by an alias."""
    (named,) = account.referred(function)
    while named.type != "AWS::Lambda::Function":
        (named,) = account.referred(named.raw["FunctionName"])
    (role,) = account.referred(named.raw["Role"])
    return account.arn(role)


def _polls(*actions: str) -> Callable[[Account, Path], Iterator[Call]]:
    """Lambda reads the source of events as the function's role."""

    def calls(account: Account, path: Path) -> Iterator[Call]:
        role = _role_of_function(account, path.source.raw["FunctionName"])
        arn = account.resolve(path.source.raw["EventSourceArn"])
        for action in actions:
            on = "*" if action == "dynamodb:ListStreams" else arn
            yield from requests(account, path, role, action, on, {})

    return calls


def _function_hands_on(action: str) -> Callable[[Account, Path], Iterator[Call]]:
    """Lambda sends failed events to the destination as the function's role."""

    def calls(account: Account, path: Path) -> Iterator[Call]:
        role = _role_of_function(account, path.source.raw["FunctionName"])
        yield from requests(account, path, role, action, account.arn(path.target), {})

    return calls


def _subscriber(account: Account, path: Path) -> Iterator[Call]:
    (topic,) = account.referred(path.source.raw["TopicArn"])
    source = {"aws:SourceArn": account.arn(topic)}
    arn = account.arn(path.target)
    yield from requests(account, path, "sns.amazonaws.com", "lambda:InvokeFunction", arn, source)


def _log_subscriber(account: Account, path: Path) -> Iterator[Call]:
    """Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html."""
    (group,) = account.referred(path.source.raw["LogGroupName"])
    source = {"aws:SourceArn": f"{account.arn(group)}:*"}
    arn = account.arn(path.target)
    yield from requests(account, path, "logs.amazonaws.com", "lambda:InvokeFunction", arn, source)


def _email_events(account: Account, path: Path) -> Iterator[Call]:
    (configuration,) = account.referred(path.source.raw["ConfigurationSetName"])
    source = {"aws:SourceArn": account.arn(configuration)}
    arn = account.arn(path.target)
    yield from requests(account, path, "ses.amazonaws.com", "sns:Publish", arn, source)


def _encrypts_log(account: Account, path: Path) -> Iterator[Call]:
    """Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html."""
    context = {"kms:EncryptionContext:aws:logs:arn": account.arn(path.source)}
    key = account.arn(path.target)
    for action in ("Encrypt", "Decrypt", "ReEncryptTo", "ReEncryptFrom", "GenerateDataKey",
                   "DescribeKey"):  # fmt: skip
        service = f"logs.{REGION}.amazonaws.com"
        yield from requests(account, path, service, f"kms:{action}", key, context)


def _api_logs(account: Account, path: Path) -> Iterator[Call]:
    """Source: https://docs.aws.amazon.com/appsync/latest/devguide/monitoring.html."""
    yield from _assumed_by("appsync.amazonaws.com")(account, path)
    name = f"/aws/appsync/apis/{account.resolve({'Fn::GetAtt': [path.source.id, 'ApiId']})}"
    group = account.by_name[name]
    # In its refusals CloudWatch Logs names a group by this form.
    of_group = f"{account.arn(group)}:log-stream:"
    role = account.arn(path.target)
    yield from requests(account, path, role, "logs:CreateLogGroup", of_group, {})
    yield from _writes_log(account, path, path.target, group)


def _data_source(account: Account, path: Path) -> Iterator[Call]:
    (role,) = account.referred(path.source.raw["ServiceRoleArn"])
    arn = account.arn(path.target)
    yield from requests(account, path, account.arn(role), "lambda:InvokeFunction", arn, {})


_CLOUDTRAIL = "cloudtrail.amazonaws.com"


def of_trail(account: Account, path: Path, trail_arn: str) -> Iterator[Call]:
    """What CloudTrail does with a trail's bucket.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    bucket = account.arn(path.target)
    source = {"aws:SourceArn": trail_arn}
    owned = {**source, "s3:x-amz-acl": "bucket-owner-full-control"}
    file = f"{bucket}/AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/11/29/a-file.json.gz"
    yield from requests(account, path, _CLOUDTRAIL, "s3:GetBucketAcl", bucket, source)
    yield from requests(account, path, _CLOUDTRAIL, "s3:PutObject", file, owned)


def _trail_files(account: Account, path: Path) -> Iterator[Call]:
    yield from of_trail(account, path, account.arn(path.source))


def _trail_key(account: Account, path: Path) -> Iterator[Call]:
    """Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html."""
    for action in ("kms:GenerateDataKey", "kms:DescribeKey"):
        yield from _by(_CLOUDTRAIL, action)(account, path)


def _trail_log(account: Account, path: Path) -> Iterator[Call]:
    (role,) = account.referred(path.source.raw["CloudWatchLogsRoleArn"])
    yield from _writes_log(account, path, role, path.target)


def _waf_log(account: Account, path: Path) -> Iterator[Call]:
    """Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V1-CloudWatchLogs.html."""
    source = {"aws:SourceArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:a-delivery"}
    stream = f"{account.arn(path.target)}:log-stream:a-stream"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        yield from requests(account, path, "delivery.logs.amazonaws.com", action, stream, source)


#: Source: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
_LOG_DELIVERY = (
    "CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery",
    "ListLogDeliveries", "PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups",
)  # fmt: skip

#: Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
_XRAY = ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")


def _delivers_logs(account: Account, path: Path) -> Iterator[Call]:
    role = _machine_role(account, path.source)
    for action in _LOG_DELIVERY:
        yield from requests(account, path, role, f"logs:{action}", "*", {})


def _machine_runs(account: Account, path: Path) -> Iterator[Call]:
    """Everything that the definition's tasks call."""
    yield from _assumed_by("states.amazonaws.com")(account, path)
    if path.source.raw.get("TracingConfiguration") == {"Enabled": True}:
        for action in _XRAY:
            yield from requests(account, path, account.arn(path.target), f"xray:{action}", "*", {})
    for name, state in definition(account, path.source)["States"].items():
        if state["Type"] == "Task":
            action, arn = _task_call(account, name, state)
            by = f"{path} in {name}"
            yield from requests(account, by, account.arn(path.target), action, arn, {}, path.kind)


def _machine_role(account: Account, machine: Resource) -> str:
    (role,) = account.referred(machine.raw["RoleArn"])
    return account.arn(role)


def definition(account: Account, machine: Resource) -> dict[str, Any]:
    """The state machine's definition with its substitutions."""
    values = account.resolve(machine.raw["DefinitionSubstitutions"])
    text = re.sub(
        r"\$\{(\w+)\}",
        lambda name: json.dumps(values[name[1]])[1:-1],
        account.resolve(machine.raw["DefinitionString"]),
    )
    filled: dict[str, Any] = json.loads(text)
    return filled


#: The argument that names what a task calls.
_TARGET_ARGUMENTS = {"lambda": "FunctionName", "dynamodb": "TableName", "sqs": "QueueUrl"}


def _task_call(account: Account, name: str, state: Mapping[str, Any]) -> tuple[str, str]:
    """The action and the ARN of a Task.

    Raises:
        ValueError: the task calls something else than a resource of the stage.
    """
    operation = OPERATIONS.get(state["Resource"].removesuffix(".waitForTaskToken"))
    if operation is None:
        raise ValueError(f"No proof for the task {name}, which calls {state['Resource']}.")
    service, method = operation
    arguments = state["Arguments"]
    # A batch names its one table by the key of its requests.
    (target,) = arguments.get("RequestItems") or [arguments[_TARGET_ARGUMENTS[service]]]
    if target not in account.by_name:
        raise ValueError(f"The task {name} calls {target}, which the stage does not have.")
    action = "lambda:InvokeFunction" if service == "lambda" else f"{service}:{method}"
    return action, account.arn(account.by_name[target])


#: Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html
#: CodeDeploy reads the provisioned concurrency of aliases, too, which ours do not have.
_SHIFTS = ("lambda:GetAlias", "lambda:UpdateAlias")


def _shifts_aliases(account: Account, path: Path) -> Iterator[Call]:
    yield from _assumed_by("codedeploy.amazonaws.com")(account, path)
    role = account.arn(path.target)
    yield from requests(account, path, role, "cloudwatch:DescribeAlarms", "*", {})
    if path.source is next(account.all(path.source.type)):  # the others have the same role
        for function in account.all("AWS::Lambda::Function"):
            for action in _SHIFTS:
                yield from requests(account, path, role, action, account.arn(function), {})


_READ_STREAM = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")

#: Sources: for event source mappings
#: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-eventsourcemapping.html and
#: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html; for rules
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html; for alarms
#: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
PROOFS: Mapping[str, Callable[[Account, Path], Iterator[Call]]] = {
    "AWS::AppSync::DataSource LambdaConfig.LambdaFunctionArn -> AWS::Lambda::Alias": _data_source,
    "AWS::AppSync::DataSource ServiceRoleArn -> AWS::IAM::Role": _assumed_by(
        "appsync.amazonaws.com"
    ),
    "AWS::AppSync::GraphQLApi LogConfig.CloudWatchLogsRoleArn -> AWS::IAM::Role": _api_logs,
    "AWS::CloudTrail::Trail CloudWatchLogsLogGroupArn -> AWS::Logs::LogGroup": _trail_log,
    "AWS::CloudTrail::Trail CloudWatchLogsRoleArn -> AWS::IAM::Role": _assumed_by(_CLOUDTRAIL),
    "AWS::CloudTrail::Trail KMSKeyId -> AWS::KMS::Key": _trail_key,
    "AWS::CloudTrail::Trail S3BucketName -> AWS::S3::Bucket": _trail_files,
    "AWS::CloudWatch::Alarm AlarmActions -> AWS::SNS::Topic": _by(
        "cloudwatch.amazonaws.com", "sns:Publish"
    ),
    "AWS::CodeDeploy::DeploymentGroup ServiceRoleArn -> AWS::IAM::Role": _shifts_aliases,
    "AWS::CloudWatch::Alarm OKActions -> AWS::SNS::Topic": _by(
        "cloudwatch.amazonaws.com", "sns:Publish"
    ),
    "AWS::CloudWatch::CompositeAlarm AlarmActions -> AWS::SNS::Topic": _by(
        "cloudwatch.amazonaws.com", "sns:Publish"
    ),
    "AWS::CloudWatch::CompositeAlarm OKActions -> AWS::SNS::Topic": _by(
        "cloudwatch.amazonaws.com", "sns:Publish"
    ),
    "AWS::Events::Rule Targets.Arn -> AWS::Lambda::Alias": _by(
        "events.amazonaws.com", "lambda:InvokeFunction"
    ),
    "AWS::Events::Rule Targets.DeadLetterConfig.Arn -> AWS::SQS::Queue": _by(
        "events.amazonaws.com", "sqs:SendMessage"
    ),
    "AWS::Lambda::EventInvokeConfig DestinationConfig.OnFailure.Destination -> AWS::SQS::Queue": (
        _function_hands_on("sqs:SendMessage")
    ),
    "AWS::Lambda::EventSourceMapping DestinationConfig.OnFailure.Destination -> AWS::SQS::Queue": (
        _function_hands_on("sqs:SendMessage")
    ),
    "AWS::Lambda::EventSourceMapping EventSourceArn -> AWS::DynamoDB::Table": _polls(
        *(f"dynamodb:{action}" for action in _READ_STREAM)
    ),
    "AWS::Lambda::EventSourceMapping EventSourceArn -> AWS::SQS::Queue": _polls(
        "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"
    ),
    "AWS::Lambda::Function LoggingConfig.LogGroup -> AWS::Logs::LogGroup": _function_logs,
    "AWS::Lambda::Function Role -> AWS::IAM::Role": _function_runs,
    "AWS::Lambda::Url TargetFunctionArn -> AWS::Lambda::Function": _function_url,
    "AWS::Logs::LogGroup KmsKeyId -> AWS::KMS::Key": _encrypts_log,
    "AWS::Logs::SubscriptionFilter DestinationArn -> AWS::Lambda::Alias": _log_subscriber,
    "AWS::SES::ConfigurationSetEventDestination EventDestination.SnsDestination.TopicARN"
    " -> AWS::SNS::Topic": _email_events,
    "AWS::SNS::Subscription Endpoint -> AWS::Lambda::Alias": _subscriber,
    "AWS::StepFunctions::StateMachine LoggingConfiguration.Destinations.CloudWatchLogsLogGroup"
    ".LogGroupArn -> AWS::Logs::LogGroup": _delivers_logs,
    "AWS::StepFunctions::StateMachine RoleArn -> AWS::IAM::Role": _machine_runs,
    "AWS::WAFv2::LoggingConfiguration LogDestinationConfigs -> AWS::Logs::LogGroup": _waf_log,
}

_PART = "The one belongs to the other."
_KEY = "Callers use the key; the proof of each caller includes it."

#: Kinds of paths, which may hold ``*``, and why they lead to no call that a policy must allow.
WITHOUT_CALLS = {
    "AWS::AppSync::* ApiId -> AWS::AppSync::GraphQLApi": _PART,
    "AWS::AppSync::GraphQLApi UserPoolConfig.UserPoolId -> AWS::Cognito::UserPool": (
        "Tokens are checked with the pool's public keys."
    ),
    "AWS::CloudTrail::Trail EventSelectors.* -> *": "CloudTrail sees the calls itself.",
    "AWS::CloudWatch::Alarm Dimensions.Value -> *": "Alarms read metrics.",
    "AWS::CloudWatch::CompositeAlarm ActionsSuppressor -> *": "Alarms read each other's states.",
    "AWS::CloudWatch::Dashboard DashboardBody -> *": "Dashboards read metrics.",
    "AWS::CloudWatch::Alarm Metrics.* -> *": "Alarms read metrics.",
    "AWS::CodeDeploy::DeploymentGroup ApplicationName -> AWS::CodeDeploy::Application": _PART,
    "AWS::Cognito::UserPool* UserPoolId -> AWS::Cognito::UserPool": _PART,
    "AWS::Cognito::UserPool EmailConfiguration.SourceArn -> another resource": (
        "Cognito sends by a service-linked role of its own, for a domain that SES has verified."
    ),
    "AWS::DynamoDB::Table SSESpecification.KMSMasterKeyId -> AWS::KMS::Key": _KEY,
    "AWS::Events::Rule EventPattern.detail.* -> *": "A pattern compares texts.",
    "AWS::KMS::Alias TargetKeyId -> AWS::KMS::Key": _PART,
    "AWS::Lambda::Alias Function* -> AWS::Lambda::*": _PART,
    "AWS::Lambda::EventInvokeConfig FunctionName -> AWS::Lambda::*": _PART,
    "AWS::Lambda::EventInvokeConfig Qualifier -> AWS::Lambda::*": _PART,
    "AWS::Lambda::EventSourceMapping FunctionName -> AWS::Lambda::*": (
        "Lambda itself invokes the function, after reading as its role."
    ),
    "AWS::Lambda::Function Environment.Variables.* -> *": (
        "What the function calls is recorded: function_calls.json."
    ),
    "AWS::Lambda::Version FunctionName -> AWS::Lambda::Function": _PART,
    "AWS::Logs::LogGroup LogGroupName -> *": "A name.",
    "AWS::Logs::MetricFilter FilterPattern -> *": "A pattern compares texts.",
    "AWS::Logs::MetricFilter LogGroupName -> AWS::Logs::LogGroup": _PART,
    "AWS::Logs::SubscriptionFilter LogGroupName -> AWS::Logs::LogGroup": _PART,
    "AWS::S3::Bucket BucketEncryption.* -> AWS::KMS::Key": _KEY,
    "AWS::SES::* ConfigurationSetName -> AWS::SES::ConfigurationSet": _PART,
    "AWS::SES::EmailIdentity ConfigurationSetAttributes.* -> AWS::SES::ConfigurationSet": _PART,
    "AWS::SNS::Subscription TopicArn -> AWS::SNS::Topic": _PART,
    "AWS::SNS::Topic KmsMasterKeyId -> AWS::KMS::Key": _KEY,
    "AWS::SQS::Queue KmsMasterKeyId -> AWS::KMS::Key": _KEY,
    "AWS::SQS::Queue RedrivePolicy.deadLetterTargetArn -> AWS::SQS::Queue": (
        "SQS moves messages itself; only a RedriveAllowPolicy of the target could refuse them."
    ),
    "AWS::SSM::Parameter Value -> *": "A note.",
    "AWS::SecretsManager::Secret KmsKeyId -> AWS::KMS::Key": _KEY,
    "AWS::StepFunctions::StateMachine DefinitionS* -> *": (
        "The proof of the role reads the tasks of the definition."
    ),
    "AWS::StepFunctions::StateMachine* StateMachine* -> AWS::StepFunctions::StateMachine": _PART,
    "AWS::StepFunctions::StateMachineAlias DeploymentPreference.* -> *": _PART,
    "AWS::WAFv2::LoggingConfiguration ResourceArn -> AWS::WAFv2::WebACL": _PART,
    "AWS::WAFv2::WebACL Rules.* -> AWS::WAFv2::IPSet": _PART,
    "AWS::XRay::SamplingRule SamplingRule.ResourceARN -> *": "It matches requests by the ARN.",
    "AWS::WAFv2::WebACLAssociation * -> *": "Who creates the association asks for it.",
}
