"""Least privilege: each role may do exactly what is listed here."""

import pytest

from tests.support.templates import Synthesize, Templates, as_list, grants, readable

XRAY = {("xray:PutTraceSegments", "*"), ("xray:PutTelemetryRecords", "*")}
KEY_USE = {
    ("kms:Decrypt", "Key"),
    ("kms:DescribeKey", "Key"),
    ("kms:Encrypt", "Key"),
    ("kms:GenerateDataKey", "Key"),
}
READ_AND_CHANGE_ORDERS = {("dynamodb:GetItem", "Orders"), ("dynamodb:UpdateItem", "Orders")}
PAYSTACK_KEY = {("secretsmanager:GetSecretValue", "<PaystackSecret.Id>")}
ARN = "arn:aws"
HERE = "eu-west-1:<AWS::AccountId>"
READ_AND_CHANGE_BREAKERS = {("dynamodb:GetItem", "Breakers"), ("dynamodb:UpdateItem", "Breakers")}


def parameter(name: str) -> tuple[str, str]:
    return ("ssm:GetParameter", f"{ARN}:ssm:{HERE}:parameter<Parameters{name}>")


FIND_PARKED = READ_AND_CHANGE_ORDERS | {
    ("dynamodb:Query", "Orders/index/byStatusShard"),
    ("dynamodb:BatchGetItem", "Orders"),
}
RECOVERY = (
    FIND_PARKED
    | READ_AND_CHANGE_BREAKERS
    | {
        parameter("Recovery"),
        ("sns:Publish", "<Operations>"),
        ("states:SendTaskSuccess", "<WorkflowStateMachine>"),
    }
)
EXECUTIONS = f"{ARN}:states:<AWS::Region>:<AWS::AccountId>:execution:<WorkflowStateMachine.Name>:*"
LOOK_INTO_EXECUTIONS = {
    ("dynamodb:PutItem", "Orders"),
    ("sns:Publish", "<Operations>"),
    ("states:DescribeExecution", EXECUTIONS),
    ("states:GetExecutionHistory", EXECUTIONS),
}
DEAD_LETTERS = {
    ("sqs:GetQueueAttributes", "<DeadLettersQueue.Arn>"),
    ("sqs:GetQueueUrl", "<DeadLettersQueue.Arn>"),
    ("sqs:SendMessage", "<DeadLettersQueue.Arn>"),
}
# SES checks the permission on the configuration set, too.
SEND_EMAILS = READ_AND_CHANGE_BREAKERS | {
    ("ses:SendEmail", f"{ARN}:ses:{HERE}:identity/<Sender>"),
    (
        "ses:SendEmail",
        f"{ARN}:ses:{HERE}:configuration-set/grocery-prod-emails",
    ),
    ("dynamodb:GetItem", "EmailAddresses"),
    ("sns:Publish", "<Operations>"),
}
READ_STREAM = ("DescribeStream", "GetRecords", "GetShardIterator")


def stream(table: str) -> set[tuple[str, str]]:
    return {(f"dynamodb:{action}", f"{table}.StreamArn") for action in READ_STREAM} | {
        ("dynamodb:ListStreams", "*")
    }


ALLOWED = {
    "api": READ_AND_CHANGE_ORDERS
    | {
        ("dynamodb:Query", "Orders/index/byCustomerKeys"),
        ("dynamodb:BatchGetItem", "Orders"),
        ("dynamodb:BatchGetItem", "Catalog"),
        ("dynamodb:Query", "Catalog"),
        ("dynamodb:UpdateItem", "Submissions"),
        parameter("Submissions"),
        ("cognito-idp:AdminGetUser", "Users"),
        ("states:DescribeExecution", EXECUTIONS),
        ("states:StartExecution", "<WorkflowStateMachine>"),
        ("states:StopExecution", EXECUTIONS),
        ("states:SendTaskSuccess", "<WorkflowStateMachine>"),
    },
    "operations_api": {
        ("dynamodb:BatchGetItem", "Orders"),
        ("dynamodb:GetItem", "Orders"),
        ("dynamodb:Query", "Orders/index/byStatusShard"),
        ("states:DescribeExecution", EXECUTIONS),
        ("states:DescribeStateMachine", "<WorkflowStateMachine>"),
        ("states:DescribeStateMachineForExecution", EXECUTIONS),
        ("states:RedriveExecution", EXECUTIONS),
        ("states:StartExecution", "<WorkflowStateMachine>"),
    },
    "parse_order": READ_AND_CHANGE_ORDERS
    | {("dynamodb:PutItem", "Orders"), ("dynamodb:GetItem", "Catalog")},
    "match_products": READ_AND_CHANGE_ORDERS
    | READ_AND_CHANGE_BREAKERS
    | {
        ("dynamodb:BatchGetItem", "Catalog"),
        ("dynamodb:BatchWriteItem", "Catalog"),
        ("dynamodb:GetItem", "Catalog"),
        ("dynamodb:PutItem", "Catalog"),
        ("dynamodb:Query", "Catalog"),
        parameter("Tunables"),
        parameter("BedrockBreaker"),
        ("sns:Publish", "<Operations>"),
        (
            "bedrock:InvokeModel",
            f"{ARN}:bedrock:{HERE}:inference-profile/eu.amazon.nova-lite-v1:0",
        ),
        ("bedrock:InvokeModel", f"{ARN}:bedrock:*::foundation-model/amazon.nova-lite-v1:0"),
    },
    "create_payment_link": READ_AND_CHANGE_ORDERS
    | READ_AND_CHANGE_BREAKERS
    | PAYSTACK_KEY
    | {parameter("PaystackBreaker"), ("sns:Publish", "<Operations>")},
    "verify_payment": READ_AND_CHANGE_ORDERS
    | READ_AND_CHANGE_BREAKERS
    | PAYSTACK_KEY
    | {parameter("PaystackBreaker"), ("sns:Publish", "<Operations>")},
    "refund_payment": READ_AND_CHANGE_ORDERS
    | READ_AND_CHANGE_BREAKERS
    | PAYSTACK_KEY
    | {parameter("PaystackBreaker"), ("sns:Publish", "<Operations>")},
    "run_canary": {("secretsmanager:GetSecretValue", "<CanarySecret.Id>")},
    "send_payment_link": READ_AND_CHANGE_ORDERS | SEND_EMAILS,
    "payment_return": READ_AND_CHANGE_ORDERS
    | READ_AND_CHANGE_BREAKERS
    | PAYSTACK_KEY
    | {
        parameter("PaystackBreaker"),
        ("dynamodb:UpdateItem", "ReturnLimits"),
        ("sns:Publish", "<Operations>"),
        # By its name: the workflow depends on this function's URL.
        ("states:SendTaskSuccess", f"{ARN}:states:{HERE}:stateMachine:grocery-prod-order"),
    },
    "payment_webhook": READ_AND_CHANGE_ORDERS
    | PAYSTACK_KEY
    | {
        parameter("Webhook"),
        ("states:SendTaskSuccess", "<WorkflowStateMachine>"),
        ("sns:Publish", "<Operations>"),
    },
    "recover_orders": RECOVERY
    | stream("Breakers")
    | DEAD_LETTERS
    | {
        ("sqs:ChangeMessageVisibility", "<ParkedQueue.Arn>"),
        ("sqs:DeleteMessage", "<ParkedQueue.Arn>"),
        ("sqs:GetQueueAttributes", "<ParkedQueue.Arn>"),
        ("sqs:GetQueueUrl", "<ParkedQueue.Arn>"),
        ("sqs:ReceiveMessage", "<ParkedQueue.Arn>"),
        ("sqs:SendMessage", "<ParkedQueue.Arn>"),
    },
    "reconcile_orders": RECOVERY
    | LOOK_INTO_EXECUTIONS
    | DEAD_LETTERS
    | PAYSTACK_KEY
    | {
        parameter("PaystackBreaker"),
        ("states:DescribeStateMachine", "<WorkflowStateMachine>"),
        ("states:DescribeStateMachineForExecution", EXECUTIONS),
        ("states:ListExecutions", "<WorkflowStateMachine>"),
        ("states:RedriveExecution", EXECUTIONS),
        ("states:StartExecution", "<WorkflowStateMachine>"),
        ("dynamodb:Query", "Orders/index/byLinkCheckShard"),
        ("dynamodb:Query", "Orders/index/byReversal"),
    },
    "record_failures": READ_AND_CHANGE_ORDERS | LOOK_INTO_EXECUTIONS | DEAD_LETTERS,
    "send_status_emails": READ_AND_CHANGE_ORDERS | stream("Orders") | DEAD_LETTERS | SEND_EMAILS,
    "record_email_feedback": DEAD_LETTERS | {("dynamodb:PutItem", "EmailAddresses")},
}

ALLOWED["handle_dead_letters"] = {
    *(
        (f"sqs:{action}", f"<{queue}.Arn>")
        for queue in ("DeadLettersQueue", "ParkedDeadLettersQueue")
        for action in (
            "ChangeMessageVisibility",
            "DeleteMessage",
            "GetQueueAttributes",
            "GetQueueUrl",
            "ReceiveMessage",
        )
    ),
    ("sqs:SendMessage", "<ParkedQueue.Arn>"),
    ("sqs:SendMessage", "<KeptLettersQueue.Arn>"),
}

ALLOWED["publish_order_updates"] = (
    stream("Orders")
    | DEAD_LETTERS
    | {("appsync:GraphQL", "<Api.Arn>/types/Mutation/fields/publishOrderUpdate")}
)

ALLOWED["collect_audit"] = DEAD_LETTERS | {
    ("logs:CreateLogStream", "<AuditLog.Arn>"),
    ("logs:PutLogEvents", "<AuditLog.Arn>"),
    ("s3:PutObject", "AuditArchive/audit/*"),
}

LOG_DELIVERY = {
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}

# IAM has no resources for these actions.
WITHOUT_RESOURCES = LOG_DELIVERY | {
    "cloudwatch:DescribeAlarms",
    "dynamodb:ListStreams",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}

OF_OTHER_ROLES = {"cloudwatch:DescribeAlarms", "dynamodb:ListStreams"}


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_a_function_has_the_permissions_that_it_needs_and_no_others(
    synthesize: Synthesize, name: str
) -> None:
    templates = synthesize("prod")
    log = templates.function(name)["LoggingConfig"]["LogGroup"]["Ref"]
    own_log = readable({"Fn::GetAtt": [log, "Arn"]})
    log_permissions = {("logs:CreateLogStream", own_log), ("logs:PutLogEvents", own_log)}

    assert grants(templates.function_statements(name)) == (
        ALLOWED[name] | log_permissions | XRAY | KEY_USE
    )


def test_nothing_in_the_stage_may_give_money_back_by_itself(templates: Templates) -> None:
    """Operators' own roles invoke the function that can."""
    invoked = [
        readable(resource)
        for statement in templates.all_statements()
        if "lambda:InvokeFunction" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]
    assert invoked
    assert not any("Refund" in resource for resource in invoked)
    permissions = templates.properties("AWS::Lambda::Permission")
    assert not any("Refund" in readable(each["FunctionName"]) for each in permissions)


def test_the_workflow_has_the_permissions_that_it_needs_and_no_others(templates: Templates) -> None:
    role = templates.only("AWS::StepFunctions::StateMachine")["RoleArn"]["Fn::GetAtt"][0]
    steps = ("ParseOrder", "MatchProducts", "CreatePaymentLink", "NotifyCustomer", "VerifyPayment")
    assert grants(templates.statements(role)) == {
        *(("lambda:InvokeFunction", f"<{step}Function.Arn>:*") for step in steps),
        ("dynamodb:BatchGetItem", "Breakers"),
        ("dynamodb:UpdateItem", "Orders"),
        ("sqs:SendMessage", "<ParkedQueue.Arn>"),
        *KEY_USE,
        *(
            (action, "*")
            for action in WITHOUT_RESOURCES - {"cloudwatch:DescribeAlarms", "dynamodb:ListStreams"}
        ),
    }


def test_the_api_and_the_reconciler_alone_start_executions(templates: Templates) -> None:
    """The API checks whose order it is, where its e-mails go, and how many the customer starts.

    The reconciler starts again what the API accepted and AWS was too busy to carry out.
    """
    starting = {
        role
        for role in templates.resources("AWS::IAM::Role")
        for action, _ in grants(templates.statements(role))
        if action.startswith("states:Start")
    }
    functions = {
        templates.function(name)["Role"]["Fn::GetAtt"][0]
        for name in ("api", "operations_api", "reconcile_orders")
    }
    assert starting == functions


def test_no_event_and_no_schedule_starts_an_execution(templates: Templates) -> None:
    targets = [
        readable(target["Arn"])
        for rule in templates.properties("AWS::Events::Rule")
        for target in rule["Targets"]
    ]
    assert targets
    assert not [target for target in targets if "StateMachine" in target]
    kinds = {
        resource["Type"]
        for template in (templates.data, templates.orders)
        for resource in template["Resources"].values()
    }
    assert not {kind for kind in kinds if kind.startswith(("AWS::Pipes", "AWS::Scheduler"))}


def test_a_list_reaches_the_workflow_through_the_api_function_alone(templates: Templates) -> None:
    (submit,) = [
        each
        for each in templates.properties("AWS::AppSync::Resolver")
        if each["FieldName"] == "submitGroceryList"
    ]
    assert submit["DataSourceName"] == "api"
    sources = {each["Type"] for each in templates.properties("AWS::AppSync::DataSource")}
    assert sources == {"AWS_LAMBDA", "NONE"}


def test_the_key_is_used_only_through_services_that_store_our_data(templates: Templates) -> None:
    uses = [
        statement
        for statement in templates.all_statements()
        if any(action.startswith("kms:") for action in as_list(statement["Action"]))
    ]
    assert uses
    for statement in uses:
        services = as_list(statement["Condition"]["StringEquals"]["kms:ViaService"])
        assert {service.split(".")[0] for service in services} <= {
            "dynamodb",
            "s3",
            "secretsmanager",
            "sns",
            "sqs",
        }


def test_only_actions_without_resources_are_allowed_on_all_resources(templates: Templates) -> None:
    everywhere = {
        action
        for statement in templates.all_statements()
        if "*" in as_list(statement["Resource"])
        for action in as_list(statement["Action"])
    }
    unchecked = set() if templates.on_aws else {"ses:SendEmail", "states:SendTaskSuccess"}
    assert everywhere <= WITHOUT_RESOURCES | unchecked


def test_no_action_is_a_wildcard(templates: Templates) -> None:
    for statement in templates.all_statements():
        assert not any("*" in action for action in as_list(statement["Action"]))


def test_other_regions_models_are_called_through_the_inference_profile_only(
    synthesize: Synthesize,
) -> None:
    (anywhere,) = [
        statement
        for statement in synthesize("prod").function_statements("match_products")
        if "bedrock:*" in readable(as_list(statement["Resource"])[0])
    ]
    profile = anywhere["Condition"]["StringEquals"]["bedrock:InferenceProfileArn"]
    assert readable(profile).endswith("inference-profile/eu.amazon.nova-lite-v1:0")


def test_a_stage_with_a_plain_model_may_invoke_it_in_its_region(
    synthesize: Synthesize,
) -> None:
    models = {
        resource
        for action, resource in grants(synthesize("local").function_statements("match_products"))
        if action == "bedrock:InvokeModel"
    }
    assert models == {f"{ARN}:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0"}


def test_the_state_machine_has_the_name_that_the_return_is_granted(templates: Templates) -> None:
    name = templates.only("AWS::StepFunctions::StateMachine")["StateMachineName"]
    assert name == f"grocery-{templates.stage}-order"
