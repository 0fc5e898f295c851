"""Rules for every function, and the environment of each."""

from typing import Any

import aws_cdk
import pytest
from aws_cdk.assertions import Template

from cdk.app import add_stacks
from cdk.constructs.foundation import CodeFor
from cdk.constructs.functions.bundling import ROOT
from cdk.constructs.functions.local_addresses import NO_SERVER
from cdk.definition import load_definition
from cdk.local_stage import LocalAddress
from cdk.settings import Settings
from orderflow.breakers.providers import Provider
from orderflow.breakers.settings import LEASE_MARGIN_SECONDS, BreakerPolicy
from orderflow.matching.guarded import BEDROCK
from orderflow.payments.guarded import PAYSTACK
from tests.support.templates import Synthesize, Templates, readable

TIMEOUTS = {
    "api": 10,
    "create_payment_link": 30,
    "match_products": 30,
    "collect_audit": 30,
    "handle_dead_letters": 20,
    "send_payment_link": 15,
    "operations_api": 20,
    "parse_order": 10,
    "payment_return": 20,
    "payment_webhook": 10,
    "publish_order_updates": 90,
    "reconcile_orders": 120,
    "record_email_feedback": 30,
    "record_failures": 30,
    "recover_orders": 60,
    "refund_payment": 55,
    "run_canary": 120,
    "send_status_emails": 120,
    "verify_payment": 20,
}

FUNCTIONS = set(TIMEOUTS)

ORDERS = {"ORDERS_TABLE": "Orders", "ORDERS_INDEX_SHARDS": "4"}

RECOVERY = {
    **ORDERS,
    "BREAKERS_TABLE": "Breakers",
    "OPERATIONS_TOPIC_ARN": "<Operations>",
    "PARKED_ORDERS_QUEUE_URL": "<ParkedQueue>",
    "RECOVERY_PARAMETER": "<ParametersRecovery>",
}

PAYSTACK_API = {
    **ORDERS,
    "OPERATIONS_TOPIC_ARN": "<Operations>",
    "PAYSTACK_BASE_URL": "https://api.paystack.co",
    "PAYSTACK_SECRET_NAME": "grocery/prod/paystack",
    "BREAKERS_TABLE": "Breakers",
    "BREAKER_PARAMETER": "<ParametersPaystackBreaker>",
}

REVERSAL_TIMES = {
    "REVERSAL_CHECK_AFTER_SECONDS": "3600",
    "DISPUTE_REMINDER_SECONDS": "86400",
}

LINK_TIMES = {
    "LINK_VALIDITY_SECONDS": "86400",
    "LINK_REUSE_MARGIN_SECONDS": "300",
    "LINK_CHECK_AFTER_SECONDS": "900",
    "LINK_CHECKED_AFTER_END_SECONDS": "259200",
}

EMAILS = {
    **ORDERS,
    "SENDER_EMAIL": "orders@grocery.example.com",
    "EMAIL_ADDRESSES_TABLE": "EmailAddresses",
    "BREAKERS_TABLE": "Breakers",
    "OPERATIONS_TOPIC_ARN": "<Operations>",
}

ENVIRONMENTS = {
    "collect_audit": {"AUDIT_LOG_GROUP": "<AuditLog>", "AUDIT_ARCHIVE": "AuditArchive"},
    "api": {
        **ORDERS,
        "CATALOG_TABLE": "Catalog",
        "REVIEW_BEFORE_PAYMENT": "false",
        "STATE_MACHINE_ARN": "<WorkflowStateMachine>:live",
        "SUBMISSIONS_TABLE": "Submissions",
        "SUBMISSION_LIMIT_PARAMETER": "<ParametersSubmissions>",
        "USER_POOL_ID": "Users",
    },
    "create_payment_link": {
        **PAYSTACK_API,
        **LINK_TIMES,
        "PAYMENT_CALLBACK_URL": "<PaymentReturnLiveFunctionUrl.FunctionUrl>",
    },
    "match_products": {
        **ORDERS,
        "CATALOG_TABLE": "Catalog",
        "TUNABLES_PARAMETER": "<ParametersTunables>",
        "BREAKERS_TABLE": "Breakers",
        "BREAKER_PARAMETER": "<ParametersBedrockBreaker>",
        "OPERATIONS_TOPIC_ARN": "<Operations>",
    },
    "send_payment_link": EMAILS,
    "payment_return": {
        **PAYSTACK_API,
        "RETURN_LIMITS_TABLE": "ReturnLimits",
        "SHOP_PAGE_URL": "https://grocery.example.com/orders",
    },
    "operations_api": {**ORDERS, "STATE_MACHINE_ARN": "<WorkflowStateMachine>:live"},
    "parse_order": {**ORDERS, "CATALOG_TABLE": "Catalog"},
    "payment_webhook": {
        **ORDERS,
        "OPERATIONS_TOPIC_ARN": "<Operations>",
        "PAYSTACK_SECRET_NAME": "grocery/prod/paystack",
        "WEBHOOK_PARAMETER": "<ParametersWebhook>",
        **REVERSAL_TIMES,
    },
    "publish_order_updates": {"GRAPHQL_API_URL": "<Api.GraphQLUrl>"},
    "reconcile_orders": {
        **RECOVERY,
        **PAYSTACK_API,
        **REVERSAL_TIMES,
        **LINK_TIMES,
        "SESSION_CHECK_SECONDS": "21600",
        "STATE_MACHINE_ARN": "<WorkflowStateMachine>:live",
    },
    "handle_dead_letters": {
        "PARKED_ORDERS_QUEUE_URL": "<ParkedQueue>",
        "KEPT_LETTERS_QUEUE_URL": "<KeptLettersQueue>",
        "DEAD_LETTER_DELAY_SECONDS": "60",
    },
    "record_email_feedback": {"EMAIL_ADDRESSES_TABLE": "EmailAddresses"},
    "record_failures": {**ORDERS, "OPERATIONS_TOPIC_ARN": "<Operations>"},
    "recover_orders": RECOVERY,
    "refund_payment": {**PAYSTACK_API, **REVERSAL_TIMES},
    "run_canary": {
        "CANARY_SECRET_NAME": "grocery/prod/canary",
        "CANARY_LIST": "1 loaf bread, 3 eggs",
        "CANARY_STOPS_BEFORE_LINK": "true",
        "CANARY_PATIENCE_SECONDS": "40",
        "USER_POOL_ID": "Users",
        "USER_POOL_CLIENT_ID": "UsersClient",
        "GRAPHQL_API_URL": "<Api.GraphQLUrl>",
        "GRAPHQL_REALTIME_URL": "<Api.RealtimeUrl>",
    },
    "send_status_emails": {**EMAILS, "OWN_RECEIPTS": "false"},
    "verify_payment": {**PAYSTACK_API, "UNDECIDED_ALERT_SECONDS": "21600"},
}


def test_every_function_folder_is_deployed_and_nothing_else(templates: Templates) -> None:
    handlers = {each["Handler"] for each in templates.properties("AWS::Lambda::Function")}
    assert handlers == {f"{name}.handler.lambda_handler" for name in FUNCTIONS}
    assert {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")} == FUNCTIONS


def test_every_function_writes_to_its_own_log_which_is_encrypted_and_expires(
    templates: Templates,
) -> None:
    groups = templates.resources("AWS::Logs::LogGroup")
    functions = templates.properties("AWS::Lambda::Function")
    used = [function["LoggingConfig"]["LogGroup"]["Ref"] for function in functions]
    assert len(set(used)) == len(functions)
    assert set(used) <= set(groups)


def test_every_log_is_encrypted_and_expires(templates: Templates) -> None:
    days = {"local": 7, "dev": 30, "staging": 30, "prod": 365}[templates.stage]
    for group in templates.properties("AWS::Logs::LogGroup"):
        assert group["RetentionInDays"] == days
        assert readable(group["KmsKeyId"]) == "Key"


@pytest.mark.parametrize(
    ("stage", "level"),
    [("local", "DEBUG"), ("dev", "DEBUG"), ("staging", "INFO"), ("prod", "INFO")],
)
def test_lambda_keeps_log_entries_from_the_level_of_the_stage_on(
    synthesize: Synthesize, stage: str, level: str
) -> None:
    """By default Lambda drops DEBUG entries of functions that log JSON."""
    for function in synthesize(stage).properties("AWS::Lambda::Function"):
        assert function["LoggingConfig"]["LogFormat"] == "JSON"
        assert function["LoggingConfig"]["ApplicationLogLevel"] == level
        assert function["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"] == level


def test_lambda_calls_a_warning_warn(context: dict[str, Any], stub_code: CodeFor) -> None:
    settings = Settings.for_stage("dev", {}).model_copy(update={"log_level": "WARNING"})
    app = aws_cdk.App(context=context)
    _, orders = add_stacks(app, settings, stub_code)
    template = Template.from_stack(orders).to_json()
    levels = {
        resource["Properties"]["LoggingConfig"]["ApplicationLogLevel"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    assert levels == {"WARN"}


def test_only_recover_orders_may_send_messages_to_its_own_trigger(templates: Templates) -> None:
    """Lambda stops other chains of calls after about 16 calls."""
    loops = {
        function["Handler"].split(".")[0]: function["RecursiveLoop"]
        for function in templates.properties("AWS::Lambda::Function")
        if "RecursiveLoop" in function
    }
    assert loops == {"recover_orders": "Allow"}


def test_every_function_is_traced(templates: Templates) -> None:
    for function in templates.properties("AWS::Lambda::Function"):
        assert function["TracingConfig"] == {"Mode": "Active"}


def test_every_function_has_a_role_of_its_own_without_ready_made_policies(
    templates: Templates,
) -> None:
    functions = templates.properties("AWS::Lambda::Function")
    roles = [function["Role"]["Fn::GetAtt"][0] for function in functions]
    assert len(set(roles)) == len(functions)
    for role in templates.properties("AWS::IAM::Role"):
        assert "ManagedPolicyArns" not in role


def test_functions_run_on_arm_with_snapstart_on_aws_and_by_bootstrap_locally(
    templates: Templates,
) -> None:
    for function in templates.properties("AWS::Lambda::Function"):
        runtime = [
            function["Runtime"],
            function.get("Architectures"),
            function.get("SnapStart"),
        ]
        assert runtime == (
            ["python3.13", ["arm64"], {"ApplyOn": "PublishedVersions"}]
            if templates.on_aws
            else ["provided.al2023", None, None]
        )


def test_every_function_publishes_a_version_that_outlives_the_next_and_an_alias_to_it(
    templates: Templates,
) -> None:
    versions = templates.resources("AWS::Lambda::Version")
    assert all(version["DeletionPolicy"] == "Retain" for version in versions.values())
    aliases = templates.properties("AWS::Lambda::Alias")
    assert {alias["Name"] for alias in aliases} == {"live"}
    pointed_at = {alias["FunctionVersion"]["Fn::GetAtt"][0] for alias in aliases}
    assert pointed_at == set(versions)
    assert len(versions) == len(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_has_its_timeout(templates: Templates, name: str) -> None:
    assert templates.function(name)["Timeout"] == TIMEOUTS[name]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_logs_metrics_and_traces_name_their_function(templates: Templates, name: str) -> None:
    variables = templates.function(name)["Environment"]["Variables"]
    assert variables["POWERTOOLS_SERVICE_NAME"] == name
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "GroceryOrders"
    assert variables["STAGE"] == templates.stage


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_has_the_variables_that_it_needs_and_no_others(
    synthesize: Synthesize, name: str
) -> None:
    variables = synthesize("prod").function(name)["Environment"]["Variables"]
    own = {
        key: readable(value)
        for key, value in variables.items()
        if key != "STAGE" and not key.startswith("POWERTOOLS_")
    }
    assert own == ENVIRONMENTS[name]


@pytest.mark.parametrize(
    ("provider", "function", "state"),
    [
        (PAYSTACK, "create_payment_link", "CreatePaymentLink"),
        (PAYSTACK, "verify_payment", "VerifyPayment"),
        (BEDROCK, "match_products", "MatchProducts"),
    ],
)
def test_timeouts_nest_and_the_lease_of_a_probe_outlasts_them(
    templates: Templates, provider: Provider, function: str, state: str
) -> None:
    """HTTP < function < state; a function that hangs times out before its lease ends."""
    function_seconds = templates.function(function)["Timeout"]
    state_seconds = load_definition()["States"][state]["TimeoutSeconds"]

    assert provider.call_seconds < function_seconds < state_seconds
    assert function_seconds + LEASE_MARGIN_SECONDS < BreakerPolicy().lease_seconds
    assert provider.shortest_lease_seconds <= BreakerPolicy().lease_seconds


def test_a_return_ends_before_the_lease_of_its_probe(templates: Templates) -> None:
    seconds = templates.function("payment_return")["Timeout"]

    assert PAYSTACK.call_seconds < seconds
    assert seconds + LEASE_MARGIN_SECONDS < BreakerPolicy().lease_seconds


def test_what_strangers_may_call_takes_a_bounded_part_of_the_accounts_concurrency(
    templates: Templates,
) -> None:
    reserved = {
        function["Handler"].partition(".")[0]: function["ReservedConcurrentExecutions"]
        for function in templates.properties("AWS::Lambda::Function")
        if "ReservedConcurrentExecutions" in function
    }
    webhook = {"payment_webhook": 20} if templates.stage in {"staging", "prod"} else {}
    assert reserved == {"payment_return": 20, **webhook}


def test_the_addresses_of_a_local_stack_are_parameters_of_its_template(
    templates: Templates,
) -> None:
    parameters = {
        name
        for name, parameter in templates.orders.get("Parameters", {}).items()
        if parameter.get("Default") == NO_SERVER
    }
    assert parameters == (set() if templates.on_aws else {*LocalAddress})


def test_only_local_functions_have_addresses_of_stand_ins(templates: Templates) -> None:
    for function in templates.properties("AWS::Lambda::Function"):
        variables = function["Environment"]["Variables"]
        stand_ins = ("ORDERS_LOCAL_", "AWS_ENDPOINT", "GRAPHQL_API_HOST")
        local = [name for name in variables if name.startswith(stand_ins)]
        assert bool(local) is not templates.on_aws
