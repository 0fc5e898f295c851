"""A stage's templates as one account: each resource with its name, its ARN and its policies.

References are resolved as CloudFormation resolves them, to made-up names of the form that AWS
documents. Sources: the "Return values" of each type in
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from tests.support.templates import Templates, as_list

ACCOUNT = "123456789012"
REGION = "eu-west-1"

_PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}

#: Types whose properties are policies, or belong to other resources' policies.
POLICY_TYPES = {
    "AWS::IAM::Policy",
    "AWS::Lambda::Permission",
    "AWS::Logs::ResourcePolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::S3::BucketPolicy",
    "AWS::SecretsManager::ResourcePolicy",
}


@dataclass(frozen=True)
class Form:
    """How a type's resources are named.

    Attributes:
        name: the property with the physical name; without it the logical id serves as one.
        arn: the ARN less its start ``arn:aws:``; ``{name}`` is the physical name.
        ref: what ``Ref`` returns; ``{name}`` and ``{arn}`` may be parts of it.
        attributes: what ``Fn::GetAtt`` returns, likewise.
    """

    name: str
    arn: str
    ref: str
    attributes: Mapping[str, str]


_HERE = f"{REGION}:{ACCOUNT}"

_FORMS = {
    "AWS::AppSync::GraphQLApi": Form(
        "-", f"appsync:{_HERE}:apis/{{name}}", "{arn}",
        {
            "ApiId": "{name}",
            "Arn": "{arn}",
            "GraphQLUrl": "https://{name}/graphql",
            "RealtimeUrl": "wss://{name}/graphql",
        },
    ),
    "AWS::CloudTrail::Trail": Form(
        "TrailName", f"cloudtrail:{_HERE}:trail/{{name}}", "{name}", {"Arn": "{arn}"}
    ),
    "AWS::CloudWatch::Alarm": Form(
        "AlarmName", f"cloudwatch:{_HERE}:alarm:{{name}}", "{name}", {"Arn": "{arn}"}
    ),
    "AWS::CloudWatch::CompositeAlarm": Form(
        "AlarmName", f"cloudwatch:{_HERE}:alarm:{{name}}", "{name}", {"Arn": "{arn}"}
    ),
    "AWS::Cognito::UserPool": Form(
        "-", f"cognito-idp:{_HERE}:userpool/{{name}}", "{name}", {"Arn": "{arn}"}
    ),
    # It has no ARN: what may be done with it is granted on its pool.
    "AWS::Cognito::UserPoolClient": Form(
        "-", f"cognito-idp:{_HERE}:userpool/a-pool/client/{{name}}", "{name}", {}
    ),
    "AWS::DynamoDB::Table": Form(
        "TableName", f"dynamodb:{_HERE}:table/{{name}}", "{name}",
        {"Arn": "{arn}", "StreamArn": "{arn}/stream/2026-11-29T00:00:00.000"},
    ),
    "AWS::Events::Rule": Form("Name", f"events:{_HERE}:rule/{{name}}", "{name}", {"Arn": "{arn}"}),
    "AWS::IAM::Role": Form("RoleName", f"iam::{ACCOUNT}:role/{{name}}", "{name}", {"Arn": "{arn}"}),
    "AWS::KMS::Key": Form("-", f"kms:{_HERE}:key/{{name}}", "{name}", {"Arn": "{arn}"}),
    "AWS::Lambda::Function": Form(
        "FunctionName", f"lambda:{_HERE}:function:{{name}}", "{name}", {"Arn": "{arn}"}
    ),
    # Ref is the ARN of the function, which no template of ours asks for.
    "AWS::Lambda::Url": Form(
        "-", f"lambda:{_HERE}:function-url:{{name}}", "{arn}",
        {"FunctionUrl": f"https://{{name}}.lambda-url.{REGION}.on.aws/"},
    ),
    "AWS::Logs::LogGroup": Form(
        "LogGroupName", f"logs:{_HERE}:log-group:{{name}}", "{name}", {"Arn": "{arn}:*"}
    ),
    "AWS::S3::Bucket": Form("BucketName", "s3:::{name}", "{name}", {"Arn": "{arn}"}),
    "AWS::SES::ConfigurationSet": Form(
        "Name", f"ses:{_HERE}:configuration-set/{{name}}", "{name}", {}
    ),
    "AWS::SES::EmailIdentity": Form(
        "EmailIdentity", f"ses:{_HERE}:identity/{{name}}", "{name}", {}
    ),
    "AWS::SNS::Topic": Form(
        "TopicName", f"sns:{_HERE}:{{name}}", "{arn}", {"TopicName": "{name}", "TopicArn": "{arn}"}
    ),
    "AWS::SQS::Queue": Form(
        "QueueName", f"sqs:{_HERE}:{{name}}",
        f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{{name}}",
        {"Arn": "{arn}", "QueueName": "{name}"},
    ),
    "AWS::SSM::Parameter": Form("Name", f"ssm:{_HERE}:parameter{{name}}", "{name}", {}),
    "AWS::SecretsManager::Secret": Form(
        "Name", f"secretsmanager:{_HERE}:secret:{{name}}-a1B2c3", "{arn}", {"Id": "{arn}"}
    ),
    "AWS::CodeDeploy::Application": Form(
        "ApplicationName", f"codedeploy:{_HERE}:application:{{name}}", "{name}", {}
    ),
    "AWS::CodeDeploy::DeploymentGroup": Form(
        "-", f"codedeploy:{_HERE}:deploymentgroup:{{name}}", "{name}", {}
    ),
    "AWS::StepFunctions::StateMachine": Form(
        "StateMachineName", f"states:{_HERE}:stateMachine:{{name}}", "{arn}",
        {"Arn": "{arn}", "Name": "{name}", "StateMachineRevisionId": "a-revision-of-{name}"},
    ),
    "AWS::StepFunctions::StateMachineVersion": Form(
        "-", f"states:{_HERE}:stateMachine:{{name}}:1", "{arn}", {"Arn": "{arn}"}
    ),
    "AWS::WAFv2::IPSet": Form(
        "Name", f"wafv2:{_HERE}:regional/ipset/{{name}}/an-id", "{name}|an-id|REGIONAL",
        {"Arn": "{arn}"},
    ),
    "AWS::WAFv2::WebACL": Form(
        "Name", f"wafv2:{_HERE}:regional/webacl/{{name}}/an-id", "{name}|an-id|REGIONAL",
        {"Arn": "{arn}"},
    ),
}  # fmt: skip

#: Types that are named after the function that they belong to.
_OF_FUNCTIONS = {"AWS::Lambda::Version", "AWS::Lambda::Alias"}


@dataclass(frozen=True, eq=False)
class Resource:
    """One resource; ``raw`` holds its properties with their references."""

    id: str
    type: str
    raw: Mapping[str, Any]


def _others(templates: Templates) -> Iterator[dict[str, Any]]:
    """The templates of all stacks but those of the data and the orders."""
    for field in fields(templates):
        template = getattr(templates, field.name)
        if field.name not in {"stage", "data", "orders"} and template:
            yield _with_ids_of(field.name, template)


def _with_ids_of(stack: str, template: Mapping[str, Any]) -> dict[str, Any]:
    """A template whose logical ids begin with its stack: two stacks may use the same."""
    resources = template["Resources"]

    def renamed(value: Any) -> Any:
        match value:
            case {"Ref": str(name)} if name in resources:
                return {"Ref": f"{stack}-{name}"}
            case {"Fn::GetAtt": [str(name), attribute]}:
                return {"Fn::GetAtt": [f"{stack}-{name}", attribute]}
            case dict():
                return {key: renamed(part) for key, part in value.items()}
            case list():
                return [renamed(part) for part in value]
            case _:
                return value

    whole: dict[str, Any] = renamed({**template, "Resources": {}})
    return whole | {"Resources": {f"{stack}-{name}": renamed(each)
                                  for name, each in resources.items()}}  # fmt: skip


class Account:
    """The resources of a stage: of all its stacks."""

    def __init__(self, templates: Templates) -> None:
        stacks = [templates.data, templates.orders, *_others(templates)]
        self.stage = templates.stage
        self.resources = {
            name: Resource(name, each["Type"], each.get("Properties", {}))
            for template in stacks
            for name, each in template["Resources"].items()
        }
        self._parameters = {
            name: parameter["Default"]
            for template in stacks
            for name, parameter in template.get("Parameters", {}).items()
            if "Default" in parameter
        }
        self._exports = {
            output["Export"]["Name"]: output["Value"]
            for template in stacks
            for output in template.get("Outputs", {}).values()
            if "Export" in output
        }

    def all(self, *types: str) -> Iterator[Resource]:
        return (each for each in self.resources.values() if each.type in types)

    def properties(self, resource: Resource) -> dict[str, Any]:
        """The properties with their references resolved."""
        return {name: self.resolve(value) for name, value in resource.raw.items()}

    def arn(self, resource: Resource) -> str:
        """Raises ValueError for a type whose names are not known here."""
        if resource.type in _OF_FUNCTIONS:
            return self._of_function(resource)
        form = self._form(resource)
        return f"arn:aws:{form.arn.format(name=self._name(resource, form))}"

    @cached_property
    def by_name(self) -> dict[str, Resource]:
        """Resources by their ARN, by their name, and by what references to them return."""
        return {name: each for each in self.resources.values() for name in self._names(each)}

    def _names(self, resource: Resource) -> Iterator[str]:
        if resource.type in _OF_FUNCTIONS:
            yield self.arn(resource)
        elif resource.type in _FORMS:
            form = _FORMS[resource.type]
            yield from (self.arn(resource), self._name(resource, form), self._ref(resource))
            yield from (self._attribute(resource, each) for each in form.attributes)

    def one(self, type_: str) -> Resource:
        """The only resource of a type."""
        (resource,) = self.all(type_)
        return resource

    def resolve(self, value: Any) -> Any:  # noqa: C901, PLR0911 - one per form
        """A property with its references replaced.

        Raises:
            ValueError: a form, or a type's attribute, that is not known here.
        """
        match value:
            case {"Ref": str(name)} if name in _PSEUDO_PARAMETERS:
                return _PSEUDO_PARAMETERS[name]
            case {"Ref": str(name)} if name in self._parameters:
                return self._parameters[name]
            case {"Ref": str(name)}:
                return self._ref(self.resources[name])
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                return self._attribute(self.resources[name], attribute)
            case {"Fn::ImportValue": name}:
                return self.resolve(self._exports[name])
            case {"Fn::Join": [str(separator), list(parts)]}:
                return separator.join(self.resolve(part) for part in parts)
            case {"Fn::Select": [index, parts]}:
                return self.resolve(parts)[int(index)]
            case {"Fn::Split": [str(separator), whole]}:
                return self.resolve(whole).split(separator)
            case dict() if any(name.startswith("Fn::") for name in value):
                raise ValueError(f"Not a form that is resolved here: {value}")
            case dict():
                return {name: self.resolve(part) for name, part in value.items()}
            case list():
                return [self.resolve(part) for part in value]
            case _:
                return value

    def text(self, value: Any) -> str:
        """A text, or what joins one, resolved; "" for anything else."""
        return str(self.resolve(value)) if isinstance(value, str) or "Fn::Join" in value else ""

    def referred(self, value: Any) -> list[Resource]:
        """The resources that a property refers to, directly or within a text."""
        match value:
            case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), str()]}:
                return [self.resources[name]] if name in self.resources else []
            case {"Fn::ImportValue": name}:
                return self.referred(self._exports[name])
            case {"Fn::Join": [_, list(parts)]}:
                return [each for part in parts for each in self.referred(part)]
            case {"Fn::Select": [_, parts]} | {"Fn::Split": [_, parts]}:
                return self.referred(parts)
            case _:
                return []

    def _ref(self, resource: Resource) -> str:
        if resource.type in _OF_FUNCTIONS:
            return self._of_function(resource)
        form = self._form(resource)
        return form.ref.format(name=self._name(resource, form), arn=self.arn(resource))

    def _attribute(self, resource: Resource, attribute: str) -> str:
        if resource.type in _OF_FUNCTIONS:
            return {"Version": "1", "FunctionArn": self._of_function(resource)}[attribute]
        form = self._form(resource)
        if attribute not in form.attributes:
            raise ValueError(f"The attribute {attribute} of {resource.type} is not known here.")
        template = form.attributes[attribute]
        return template.format(name=self._name(resource, form), arn=self.arn(resource))

    def _of_function(self, resource: Resource) -> str:
        (function,) = self.referred(resource.raw["FunctionName"])
        qualifier = resource.raw.get("Name", "1")
        return f"{self.arn(function)}:{qualifier}"

    def _form(self, resource: Resource) -> Form:
        if resource.type not in _FORMS:
            raise ValueError(f"The names of {resource.type} are not known here ({resource.id}).")
        return _FORMS[resource.type]

    def _name(self, resource: Resource, form: Form) -> str:
        return str(self.resolve(resource.raw.get(form.name, resource.id)))


Policy = dict[str, Any]


def role_policies(account: Account) -> dict[str, list[Policy]]:
    """The policies of each role, by its ARN.

    Raises:
        ValueError: a role has policies that are not in the template.
    """
    found: dict[str, list[Policy]] = {}
    names = {}
    for role in account.all("AWS::IAM::Role"):
        if "ManagedPolicyArns" in role.raw:
            raise ValueError(f"The role {role.id} has managed policies, which are not read here.")
        names[account.resolve({"Ref": role.id})] = account.arn(role)
        inline = account.resolve(role.raw.get("Policies", []))
        found[account.arn(role)] = [each["PolicyDocument"] for each in inline]
    for policy in account.all("AWS::IAM::Policy"):
        properties = account.properties(policy)
        for name in properties["Roles"]:
            found[names[name]].append(properties["PolicyDocument"])
    return found


def resource_policies(account: Account) -> dict[str, Policy]:
    """The policy of each resource that has one, by the resource's ARN.

    The default policy of a topic is left out: ours have policies, which replace it.

    Raises:
        ValueError: two policies replace each other.
    """
    found: dict[str, Policy] = {}
    for resource in account.resources.values():
        for arn, policy in _policies_of(account, resource):
            if arn in found and resource.type != "AWS::Lambda::Permission":
                raise ValueError(f"Two policies of {arn} replace each other.")
            statements = as_list(policy["Statement"])
            kept = found.setdefault(arn, {"Version": "2012-10-17", "Statement": []})
            kept["Statement"] += statements
    return found


def _policies_of(account: Account, resource: Resource) -> Iterator[tuple[str, Policy]]:
    """The resources that this one gives a policy, with the policy."""
    reader = _POLICY_READERS.get(resource.type)
    if reader is not None:
        yield from reader(account, resource)


def _inline(field: str) -> Callable[[Account, Resource], Iterator[tuple[str, Policy]]]:
    def read(account: Account, resource: Resource) -> Iterator[tuple[str, Policy]]:
        yield account.arn(resource), account.resolve(resource.raw[field])

    return read


def _attached(field: str) -> Callable[[Account, Resource], Iterator[tuple[str, Policy]]]:
    def read(account: Account, resource: Resource) -> Iterator[tuple[str, Policy]]:
        for target in as_list(resource.raw[field]):
            (attached_to,) = account.referred(target)
            yield account.arn(attached_to), account.resolve(resource.raw["PolicyDocument"])

    return read


def _permission(account: Account, resource: Resource) -> Iterator[tuple[str, Policy]]:
    """What AddPermission writes into the function's policy.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
    """
    given = account.properties(resource)
    conditions: dict[str, dict[str, str]] = {}
    for field, operator, key in (
        ("SourceArn", "ArnLike", "aws:SourceArn"),
        ("SourceAccount", "StringEquals", "aws:SourceAccount"),
        ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
    ):
        if field in given:
            conditions.setdefault(operator, {})[key] = str(given[field]).lower() if (
                operator == "Bool") else given[field]  # fmt: skip
    principal = given["Principal"]
    (function,) = account.referred(resource.raw["FunctionName"])
    arn = account.arn(function)
    statement = {
        "Sid": resource.id,
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else {"Service": principal},
        "Action": given["Action"],
        "Resource": arn,
    }
    yield arn, {"Statement": [statement | ({"Condition": conditions} if conditions else {})]}


def _of_logs(account: Account, resource: Resource) -> Iterator[tuple[str, Policy]]:
    """A policy about log groups is a text, and belongs to the account."""
    policy = json.loads(account.resolve(resource.raw["PolicyDocument"]))
    for statement in policy["Statement"]:
        group = statement["Resource"].removesuffix(":*")
        yield group, {**policy, "Statement": [statement]}


_POLICY_READERS = {
    "AWS::IAM::Role": _inline("AssumeRolePolicyDocument"),
    "AWS::KMS::Key": _inline("KeyPolicy"),
    "AWS::Lambda::Permission": _permission,
    "AWS::Logs::ResourcePolicy": _of_logs,
    "AWS::S3::BucketPolicy": _attached("Bucket"),
    "AWS::SNS::TopicPolicy": _attached("Topics"),
    "AWS::SQS::QueuePolicy": _attached("Queues"),
    "AWS::SecretsManager::ResourcePolicy": _attached("SecretId"),
}
