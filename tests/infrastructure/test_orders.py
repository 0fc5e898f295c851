"""The orders stack beside its functions: queue, topic, API, webhook, secret and settings."""

import json

import pytest

from cdk.constructs.api import CUSTOMERS_FIELDS, LOCAL_FIELDS, OPERATIONS_FIELDS
from cdk.settings import Settings
from orderflow.breakers.settings import BreakerPolicy
from orderflow.matching.tunables import Tunables
from orderflow.orders.submission_limits import SubmissionLimit
from orderflow.payments.settings import WebhookSettings
from orderflow.recovery.settings import RecoverySettings
from scripts.cost.counting import SAMPLED
from tests.support.templates import Synthesize, Templates, readable


def test_the_parked_orders_queue_has_a_dead_letter_queue(templates: Templates) -> None:
    queues = templates.resources("AWS::SQS::Queue")
    redrives = {
        readable({"Ref": name}): readable(
            queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]
        )
        for name, queue in queues.items()
        if "RedrivePolicy" in queue["Properties"]
    }
    assert redrives == {"<ParkedQueue>": "<ParkedDeadLettersQueue.Arn>"}


def test_queues_keep_messages_for_14_days_with_our_key(templates: Templates) -> None:
    for queue in templates.properties("AWS::SQS::Queue"):
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
        assert readable(queue["KmsMasterKeyId"]) == "Key"


def test_queues_and_topics_refuse_unencrypted_connections(templates: Templates) -> None:
    policies = [
        *templates.properties("AWS::SQS::QueuePolicy"),
        *templates.properties("AWS::SNS::TopicPolicy"),
    ]
    if templates.stage == "local":
        return
    queues_and_topics = 5 + 2
    assert len(policies) == queues_and_topics
    for policy in policies:
        assert any(
            statement["Effect"] == "Deny"
            and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for statement in policy["PolicyDocument"]["Statement"]
        )


def test_every_topic_is_encrypted_with_our_key(templates: Templates) -> None:
    topics = templates.properties("AWS::SNS::Topic")
    assert [readable(topic["KmsMasterKeyId"]) for topic in topics] == ["Key"] * 2


def test_customers_reach_the_api_as_cognito_users_and_our_own_roles_by_iam(
    templates: Templates,
) -> None:
    api = templates.only("AWS::AppSync::GraphQLApi")
    assert api["AuthenticationType"] == "AMAZON_COGNITO_USER_POOLS"
    assert readable(api["UserPoolConfig"]["UserPoolId"]) == "Users"
    others = [each["AuthenticationType"] for each in api["AdditionalAuthenticationProviders"]]
    assert others == ["AWS_IAM"]


def test_the_api_logs_errors_without_tokens_and_customers_data(templates: Templates) -> None:
    api = templates.only("AWS::AppSync::GraphQLApi")
    assert api["LogConfig"]["FieldLogLevel"] == "ERROR"
    assert api["LogConfig"]["ExcludeVerboseContent"] is True
    assert api["XrayEnabled"] is True
    logs = [readable(each["LogGroupName"]) for each in templates.properties("AWS::Logs::LogGroup")]
    assert "/aws/appsync/apis/<Api.ApiId>" in logs


def test_depth_and_resolvers_of_a_request_are_limited(templates: Templates) -> None:
    api = templates.only("AWS::AppSync::GraphQLApi")
    assert 0 < api["ResolverCountLimit"] <= 10
    assert 0 < api["QueryDepthLimit"] <= 6


def _resolvers(templates: Templates, source: str) -> dict[tuple[str, str], str]:
    """The code of the resolvers of a data source, by type and field."""
    found = {}
    for resolver in templates.properties("AWS::AppSync::Resolver"):
        assert resolver["Kind"] == "UNIT"
        assert resolver["Runtime"] == {"Name": "APPSYNC_JS", "RuntimeVersion": "1.0.0"}
        if resolver["DataSourceName"] == source:
            found[resolver["TypeName"], resolver["FieldName"]] = resolver["Code"]
    return found


def test_each_field_is_resolved_by_javascript_that_calls_the_function(
    templates: Templates,
) -> None:
    for source, fields in (("api", CUSTOMERS_FIELDS), ("operations_api", OPERATIONS_FIELDS)):
        resolvers = _resolvers(templates, source)
        assert resolvers.keys() == set(fields)
        assert all("util.error(" in code for code in resolvers.values())


def test_updates_are_resolved_by_appsync_without_a_function(templates: Templates) -> None:
    resolvers = _resolvers(templates, "nothing")
    assert resolvers.keys() == {(parent, field) for parent, field, _ in LOCAL_FIELDS}
    (source,) = [
        each
        for each in templates.properties("AWS::AppSync::DataSource")
        if each["Name"] == "nothing"
    ]
    assert source["Type"] == "NONE"
    subscription = resolvers["Subscription", "onOrderUpdated"]
    assert "util.unauthorized()" in subscription
    assert "extensions.setSubscriptionFilter(" in subscription


def test_the_api_and_the_webhook_call_the_alias_never_the_unpublished_function(
    templates: Templates,
) -> None:
    called = {
        source["Name"]: readable(source["LambdaConfig"]["LambdaFunctionArn"])
        for source in templates.properties("AWS::AppSync::DataSource")
        if source["Type"] == "AWS_LAMBDA"
    }
    assert called == {"api": "<CustomersApiLive>", "operations_api": "<OperationsApiLive>"}
    urls = templates.properties("AWS::Lambda::Url")
    assert {url["Qualifier"] for url in urls} == {"live"}
    targets = sorted(readable(url["TargetFunctionArn"]).partition(".")[0] for url in urls)
    assert targets == ["<PaymentReturnFunction", "<PaymentWebhookFunction"]


def test_paystack_and_customers_need_no_credentials_to_call_the_function_urls(
    templates: Templates,
) -> None:
    urls = templates.properties("AWS::Lambda::Url")
    assert [url["AuthType"] for url in urls] == ["NONE"] * 2
    assert not any("Cors" in url for url in urls)


def test_links_lead_customers_back_to_the_function_that_asks(synthesize: Synthesize) -> None:
    for stage in ("dev", "staging", "prod"):
        variables = synthesize(stage).function("create_payment_link")["Environment"]["Variables"]
        url = variables["PAYMENT_CALLBACK_URL"]["Fn::GetAtt"]
        assert url[0].startswith("PaymentReturn")
        assert url[1] == "FunctionUrl"


def test_on_the_local_stage_they_lead_to_the_emulator(synthesize: Synthesize) -> None:
    variables = synthesize("local").function("create_payment_link")["Environment"]["Variables"]
    address, start, url_id, end = variables["PAYMENT_CALLBACK_URL"]["Fn::Join"][1]
    assert (address, start, end) == ({"Ref": "AwsUrl"}, "/_aws/lambda-url/", "/")
    assert url_id.keys() == {"Fn::Select"}


def test_on_the_local_stage_customers_come_back_to_the_front_door(synthesize: Synthesize) -> None:
    variables = synthesize("local").function("payment_return")["Environment"]["Variables"]
    assert variables["SHOP_PAGE_URL"]["Fn::Join"][1] == [{"Ref": "FrontDoorUrl"}, "/shop"]


def test_secrets_are_random_until_they_are_set(templates: Templates) -> None:
    secrets = {each["Name"]: each for each in templates.properties("AWS::SecretsManager::Secret")}
    fields = {
        name: each["GenerateSecretString"]["GenerateStringKey"] for name, each in secrets.items()
    }
    assert fields == {
        f"grocery/{templates.stage}/paystack": "secretKey",
        f"grocery/{templates.stage}/canary": "password",
    }
    for secret in secrets.values():
        assert "SecretString" not in secret
        assert readable(secret["KmsKeyId"]) == "Key"


def _parameter(templates: Templates, name: str) -> str:
    (parameter,) = [
        each
        for each in templates.properties("AWS::SSM::Parameter")
        if each["Name"] == f"/grocery/{templates.stage}/{name}"
    ]
    return str(parameter["Value"])


def test_the_tunables_are_what_the_matcher_reads(templates: Templates) -> None:
    content = _parameter(templates, "tunables")
    assert Tunables.model_validate_json(content).model_id.endswith("amazon.nova-lite-v1:0")
    assert "modelId" in json.loads(content)


@pytest.mark.parametrize("provider", ["bedrock", "paystack"])
def test_each_provider_has_a_breaker_policy_of_its_own(templates: Templates, provider: str) -> None:
    content = _parameter(templates, f"breakers/{provider}")
    policy = BreakerPolicy.model_validate_json(content)
    assert (policy.threshold, policy.cooldown_seconds, policy.max_cooldown_seconds) == (5, 60, 900)
    assert "leaseSeconds" in json.loads(content)


@pytest.mark.parametrize(
    ("stage", "capacity", "refill_seconds"),
    [("local", 10_000, 3600), ("dev", 100, 36), ("staging", 10, 360), ("prod", 10, 360)],
)
def test_each_stage_limits_the_lists_of_one_customer(
    synthesize: Synthesize, stage: str, capacity: int, refill_seconds: int
) -> None:
    content = _parameter(synthesize(stage), "submissions")
    limit = SubmissionLimit.model_validate_json(content)
    assert (limit.capacity, limit.refill_seconds) == (capacity, refill_seconds)


def test_the_rate_of_resumption_is_a_setting(templates: Templates) -> None:
    content = _parameter(templates, "recovery")
    assert RecoverySettings.model_validate_json(content).resume_rate_per_second > 0


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_every_network_may_call_the_webhook_where_there_are_no_customers(
    synthesize: Synthesize, stage: str
) -> None:
    content = _parameter(synthesize(stage), "webhook")
    assert WebhookSettings.model_validate_json(content).allowed_sources == []
    assert json.loads(content) == {"allowedSources": []}


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_only_paystack_calls_the_webhook_where_there_are_customers(
    synthesize: Synthesize, stage: str
) -> None:
    content = _parameter(synthesize(stage), "webhook")
    assert {str(each) for each in WebhookSettings.model_validate_json(content).allowed_sources} == {
        "52.31.139.75/32",
        "52.49.173.169/32",
        "52.214.14.220/32",
    }


def test_the_sender_is_a_verified_identity(templates: Templates) -> None:
    sender = templates.function("send_payment_link")["Environment"]["Variables"]["SENDER_EMAIL"]
    assert templates.only("AWS::SES::EmailIdentity")["EmailIdentity"] == sender


def test_the_orders_stack_outputs_the_names_and_addresses_of_its_resources(
    templates: Templates,
) -> None:
    names = {name for name in templates.orders["Outputs"] if not name.startswith("Exports")}
    assert names == {
        "GraphqlApiId",
        "GraphqlApiUrl",
        "LogGroupPrefix",
        "OperationsTopicArn",
        "KeptLettersQueueUrl",
        "SeenLettersQueueUrl",
        "ParkedOrdersQueueUrl",
        "PaystackSecretName",
        "SenderEmail",
        "StateMachineArn",
        "LiveStateMachineArn",
        "ReleaseParameter",
        "TunablesParameter",
        "RecoveryParameter",
        "BreakerParameterPrefix",
        "AuditLogGroup",
        "DeadLettersQueueUrl",
        "ParkedOrdersDeadLettersQueueUrl",
        "SubmissionsParameter",
        "WebhookParameter",
        "WebhookUrl",
        "ReturnUrl",
        "RefundFunction",
        "LinkValiditySeconds",
        "CanaryFunction",
        "CanarySecretName",
    }


def test_a_stage_says_which_traces_are_recorded(templates: Templates) -> None:
    rules = {
        rule["RuleName"]: rule
        for each in templates.properties("AWS::XRay::SamplingRule")
        for rule in [each["SamplingRule"]]
    }
    if not templates.on_aws:
        assert rules == {}  # the emulator has a rate of its own
        return
    prefix = f"grocery-{templates.stage}"
    assert rules.keys() == {f"{prefix}-api", f"{prefix}-workflow"}
    for name, rule in rules.items():
        assert len(name) <= 32
        assert rule["FixedRate"] == Settings.for_stage(templates.stage, {}).trace_rate
        assert rule["ReservoirSize"] == 1
        assert rule["Priority"] < 10_000  # that of the default rule
    assert readable(rules[f"{prefix}-api"]["ResourceARN"]) == "<Api.Arn>"
    assert readable(rules[f"{prefix}-workflow"]["ResourceARN"]) == "<WorkflowStateMachine>"


def test_costs_assume_the_traces_that_prod_records() -> None:
    assert Settings.for_stage("prod", {}).trace_rate == SAMPLED
