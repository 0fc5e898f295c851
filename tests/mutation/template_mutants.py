"""Faults of the templates, of the resolvers and the schema, and of the policies."""

from __future__ import annotations

from typing import Final

from tests.mutation.mutants import Mutant
from tests.mutation.tree import Edit

_QUEUES = "cdk/constructs/messaging/queues.py"
_SOURCES = "cdk/constructs/event_sources.py"
_FUNCTION = "cdk/constructs/functions/function.py"
_RESOURCES = "cdk/constructs/functions/resources.py"
_EMAILS = "cdk/constructs/emails.py"
_ORDERS = "cdk/stacks/orders.py"
_DATA = "cdk/stacks/data.py"
_WORKFLOW = "cdk/constructs/workflow.py"
_API = "cdk/constructs/api.py"


def _template(name: str, path: str, old: str, new: str) -> Mutant:
    return Mutant("template", name, [Edit(path, old, new)])


TEMPLATES: Final = [
    _template(
        "alarm without action",
        "cdk/constructs/alarms/alarm.py",
        "            self.add_alarm_action(actions.SnsAction(props.pages))\n",
        "            self.add_alarm_action()\n",
    ),
    _template(
        "page without action",
        "cdk/stacks/paging.py",
        "        page.add_alarm_action(actions.SnsAction(self._topic))\n",
        "        page.add_alarm_action()\n",
    ),
    _template(
        "symptoms that page beside their cause",
        "cdk/stacks/paging.py",
        "cloudwatch.AlarmRule.any_of(*rules), cloudwatch.AlarmRule.not_(silenced)",
        "cloudwatch.AlarmRule.any_of(*rules)",
    ),
    _template(
        "missing DLQ: of the parked orders",
        _QUEUES,
        "        dead_letter_queue=dead_letters,\n",
        "        dead_letter_queue=None,\n",
    ),
    _template(
        "missing DLQ: of a stream",
        _SOURCES,
        "            on_failure=sources.SqsDlq(_keyless_queue(function, dead_letters)),\n",
        "",
    ),
    _template(
        "missing DLQ: of a rule",
        _SOURCES,
        "            function.live, dead_letter_queue=dead_letters, max_event_age=EVENT_AGE\n",
        "            function.live, max_event_age=EVENT_AGE\n",
    ),
    _template(
        "missing destination of failed asynchronous events",
        _SOURCES,
        "        on_failure=destinations.SqsDestination(_keyless_queue(function, dead_letters)),\n",
        "",
    ),
    _template(
        "wrong target of a rule: the unpublished function",
        _SOURCES,
        "            function.live, dead_letter_queue=dead_letters, max_event_age=EVENT_AGE\n",
        "            function.function, dead_letter_queue=dead_letters, max_event_age=EVENT_AGE\n",
    ),
    _template(
        "a batch fails as a whole",
        _SOURCES,
        "        sources.SqsEventSource(keyless, batch_size=10, report_batch_item_failures=True)\n",
        "        sources.SqsEventSource(keyless, batch_size=10)\n",
    ),
    _template(
        "a poison record blocks its shard",
        _SOURCES,
        "            bisect_batch_on_error=True,\n",
        "",
    ),
    _template(
        "wrong stream filter: a status is missing",
        _EMAILS,
        '"PAYMENT_DELAYED", "NEEDS_ATTENTION", "FAILED",',
        '"PAYMENT_DELAYED", "FAILED",',
    ),
    _template(
        "wrong stream filter: an attribute that orders do not have",
        _EMAILS,
        '        {"refundState": {"S": ["DUE"]}},\n',
        '        {"refund": {"S": ["DUE"]}},\n',
    ),
    _template(
        "wrong stream filter: deleted orders, too",
        _ORDERS,
        'EXISTING_ORDERS = {"status": {"S": [{"exists": True}]}}\n',
        'EXISTING_ORDERS = {"status": {"S": [{"exists": False}]}}\n',
    ),
    _template(
        "wrong pattern of a rule: executions that time out",
        _SOURCES,
        '                "status": ["FAILED", "TIMED_OUT", "ABORTED"],\n',
        '                "status": ["FAILED", "TIMEOUT", "ABORTED"],\n',
    ),
    _template(
        "a message is handled twice at once",
        _QUEUES,
        "            visibility_timeout=cdk.Duration.seconds(6 * handling_seconds),\n",
        "            visibility_timeout=cdk.Duration.seconds(handling_seconds // 2),\n",
    ),
    _template(
        "dropped SnapStart",
        _FUNCTION,
        '        "snap_start": lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS,\n',
        "",
    ),
    _template(
        "dropped alias: the API calls the unpublished function",
        _API,
        "self.api.add_lambda_data_source(construct_id, function.live, name=name)",
        "self.api.add_lambda_data_source(construct_id, function.function, name=name)",
    ),
    _template(
        "dropped alias: the webhook's URL",
        _ORDERS,
        "webhook.live.add_function_url(",
        "webhook.function.add_function_url(",
    ),
    _template(
        "orders in flight change their code",
        _WORKFLOW,
        "key: each.version.function_arn for key",
        "key: each.function.function_arn for key",
    ),
    _template(
        "orders in flight lose their code",
        _FUNCTION,
        "lambda_.VersionOptions(removal_policy=cdk.RemovalPolicy.RETAIN)",
        "lambda_.VersionOptions(removal_policy=cdk.RemovalPolicy.DESTROY)",
    ),
    _template(
        "Lambda stops the recovery of many orders",
        "cdk/constructs/functions/recovery.py",
        "            may_trigger_itself=True,\n",
        "",
    ),
    _template(
        "customers' data in the log",
        _WORKFLOW,
        "                include_execution_data=False,\n",
        "                include_execution_data=True,\n",
    ),
    _template(
        "introspection in production",
        _API,
        "        return appsync.IntrospectionConfig.DISABLED\n",
        "        return appsync.IntrospectionConfig.ENABLED\n",
    ),
    _template(
        "requests without a limit of depth",
        _API,
        "            query_depth_limit=MAX_DEPTH,\n",
        "",
    ),
    _template(
        "sign-in without a second factor",
        _DATA,
        "            mfa=cognito.Mfa.REQUIRED,\n",
        "            mfa=cognito.Mfa.OPTIONAL,\n",
    ),
    _template(
        "breakers expire",
        _DATA,
        '        self.breakers = self._table("Breakers", "provider", streamed=True)\n',
        '        self.breakers = self._table("Breakers", "provider", streamed=True, ttl=True)\n',
    ),
    _template(
        "production's tables are deleted with their stack",
        "cdk/constructs/foundation.py",
        "cdk.RemovalPolicy.RETAIN if settings.retain_data else cdk.RemovalPolicy.DESTROY",
        "cdk.RemovalPolicy.DESTROY",
    ),
    _template(
        "a function times out after its state",
        "cdk/constructs/functions/workflow.py",
        "            timeout_seconds=20,\n",
        "            timeout_seconds=45,\n",
    ),
    _template(
        "a function is not told its table",
        _RESOURCES,
        'return _table("CATALOG_TABLE", self.catalog, *actions)',
        'return _table("CATALOGUE_TABLE", self.catalog, *actions)',
    ),
    _template(
        "the workflow reads the wrong table",
        _WORKFLOW,
        '                "BreakersTable": breakers.table_name,\n',
        '                "BreakersTable": orders.table_name,\n',
    ),
]


def _resolver(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant("resolver", name, [Edit(f"functions/api/{file}", old, new)])


RESOLVERS: Final = [
    _resolver(
        "resolver without auth check",
        "resolvers/on_order_updated.js",
        "  if (ctx.arguments.customerId !== ctx.identity.sub) {\n    util.unauthorized();\n  }\n",
        "",
    ),
    _resolver(
        "resolver whose auth check is turned round",
        "resolvers/on_order_updated.js",
        "ctx.arguments.customerId !== ctx.identity.sub",
        "ctx.arguments.customerId === ctx.identity.sub",
    ),
    _resolver(
        "resolver that compares with the user's own claim",
        "resolvers/on_order_updated.js",
        "ctx.arguments.customerId !== ctx.identity.sub",
        "ctx.arguments.customerId !== ctx.request.headers.customer",
    ),
    _resolver(
        "subscription without a filter",
        "resolvers/on_order_updated.js",
        "  extensions.setSubscriptionFilter({ filterGroup: [{ filters }] });\n",
        "",
    ),
    _resolver(
        "subscription filter of another field",
        "resolvers/on_order_updated.js",
        "fieldName: 'customerId', operator: 'eq'",
        "fieldName: 'customerId', operator: 'ne'",
    ),
    _resolver(
        "subscription filter that ignores the order",
        "resolvers/on_order_updated.js",
        "    filters.push({ fieldName: 'orderId', operator: 'eq', value: orderId });\n",
        "",
    ),
    _resolver(
        "resolver that tells the function's own error",
        "resolvers/lambda_resolver.js",
        "    util.error('Something went wrong on our side. Please try again.', 'InternalError');\n",
        "    util.error(ctx.error.message, ctx.error.type);\n",
    ),
    _resolver(
        "resolver that hides refusals",
        "resolvers/lambda_resolver.js",
        "  if (ctx.result.refusal) {\n"
        "    const { errorMessage, errorType, retryAfterSeconds } = ctx.result.refusal;\n"
        "    util.error(errorMessage, errorType, null, retryAfterSeconds ? { retryAfterSeconds } : null);\n"
        "  }\n",
        "",
    ),
    _resolver(
        "resolver that passes all headers on",
        "resolvers/lambda_resolver.js",
        "request: { headers: { 'x-amzn-trace-id': ctx.request.headers['x-amzn-trace-id'] } },",
        "request: { headers: ctx.request.headers },",
    ),
    _resolver(
        "resolver without the caller",
        "resolvers/lambda_resolver.js",
        "      identity: ctx.identity,\n",
        "",
    ),
    _resolver(
        "resolver that AppSync's runtime can't run",
        "resolvers/lambda_resolver.js",
        "  return ctx.result;\n",
        "  try {\n    return ctx.result;\n  } catch (error) {\n    return null;\n  }\n",
    ),
    _resolver(
        "resolver that publishes something else",
        "resolvers/publish_order_update.js",
        "  return { payload: ctx.arguments.input };\n",
        "  return { payload: ctx.arguments };\n",
    ),
    _resolver(
        "field of operations for every customer",
        "schema.graphql",
        "  replayOrder(orderId: ID!, restart: Boolean): ReplayedOrder!\n"
        '    @aws_cognito_user_pools(cognito_groups: ["ops"])\n',
        "  replayOrder(orderId: ID!, restart: Boolean): ReplayedOrder! @aws_cognito_user_pools\n",
    ),
    _resolver(
        "field for publishing open to customers",
        "schema.graphql",
        "  publishOrderUpdate(input: OrderUpdateInput!): OrderUpdate @aws_iam\n",
        "  publishOrderUpdate(input: OrderUpdateInput!): OrderUpdate"
        " @aws_iam @aws_cognito_user_pools\n",
    ),
]


def _policy(name: str, path: str, old: str, new: str) -> Mutant:
    return Mutant("policy", name, [Edit(path, old, new)])


_ALARMS_MAY_PUBLISH = """\
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
"""

POLICIES: Final = [
    _policy("missing Allow: alarms on the topic", _ORDERS, _ALARMS_MAY_PUBLISH, ""),
    _policy(
        "wrong principal: EventBridge in the place of alarms",
        _ORDERS,
        'principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")]',
        'principals=[iam.ServicePrincipal("events.amazonaws.com")]',
    ),
    _policy(
        "wrong condition: another account's alarms",
        _ORDERS,
        'conditions={"StringEquals": {"aws:SourceAccount": self.account}}',
        'conditions={"StringEquals": {"aws:SourceAccount": "111122223333"}}',
    ),
    _policy(
        "wrong condition: alarms of any account",
        _ORDERS,
        '                conditions={"StringEquals": {"aws:SourceAccount": self.account}},\n',
        "",
    ),
    _policy(
        "missing Allow: alarms on the key",
        _DATA,
        '                iam.ServicePrincipal("cloudwatch.amazonaws.com"),\n',
        "",
    ),
    _policy(
        "missing Allow: EventBridge on the key of dead letters",
        _DATA,
        'principals=[iam.ServicePrincipal("events.amazonaws.com")]',
        'principals=[iam.ServicePrincipal("scheduler.amazonaws.com")]',
    ),
    _policy(
        "missing Allow: SES on the key",
        _DATA,
        '                iam.ServicePrincipal("ses.amazonaws.com"),\n',
        "",
    ),
    _policy(
        "wrong condition: EventBridge's requests to the key carry no source",
        _DATA,
        '            principals=[iam.ServicePrincipal("events.amazonaws.com")],\n',
        '            principals=[iam.ServicePrincipal("events.amazonaws.com")],\n'
        '            conditions={"StringEquals": {"aws:SourceAccount": self.account}},\n',
    ),
    _policy(
        "missing Allow: services only decrypt",
        _DATA,
        """            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=["*"],  # In a key's own policy: this key.
            conditions={"StringEquals": {"aws:SourceAccount": self.account}},
""",
        """            actions=["kms:Decrypt"],
            resources=["*"],  # In a key's own policy: this key.
            conditions={"StringEquals": {"aws:SourceAccount": self.account}},
""",
    ),
    _policy(
        "wrong condition: the key of other logs",
        _DATA,
        'use_by_logs(self, "LogGroupsOfThisAccount", "*")',
        'use_by_logs(self, "LogGroupsOfThisAccount", "/aws/lambda/*")',
    ),
    _policy(
        "missing Allow: the workflow on its queue",
        _WORKFLOW,
        '            iam.PolicyStatement(actions=["sqs:SendMessage"],'
        " resources=[parked_orders.queue_arn]),\n",
        "",
    ),
    _policy(
        "wrong resource: the workflow writes to the breakers",
        _WORKFLOW,
        'iam.PolicyStatement(actions=["dynamodb:UpdateItem"], resources=[orders.table_arn])',
        'iam.PolicyStatement(actions=["dynamodb:UpdateItem"], resources=[breakers.table_arn])',
    ),
    _policy(
        "wrong resource: the workflow may call no version",
        _WORKFLOW,
        'resources=[f"{each.function.function_arn}:*" for each in functions]',
        "resources=[each.function.function_arn for each in functions]",
    ),
    _policy(
        "missing Allow: the workflow on the queue's key",
        _WORKFLOW,
        'key_use(foundation, "dynamodb", "sqs")',
        'key_use(foundation, "dynamodb")',
    ),
    _policy(
        "missing Allow: dead letters' key",
        _RESOURCES,
        'DEAD_LETTERS = Capability(key_services=["sqs"])\n',
        "DEAD_LETTERS = Capability()\n",
    ),
    _policy(
        "missing Allow: the key of a stream's table",
        _RESOURCES,
        '[Permission(["appsync:GraphQL"], [field])], ["dynamodb"]',
        '[Permission(["appsync:GraphQL"], [field])]',
    ),
    _policy(
        "missing Allow: the secret's key",
        _RESOURCES,
        '            ["secretsmanager"],\n',
        "",
    ),
    _policy(
        "wrong action: an operation that the function does not call",
        _RESOURCES,
        '[Permission(["sns:Publish"], [self.operations.topic_arn])]',
        '[Permission(["sns:Subscribe"], [self.operations.topic_arn])]',
    ),
    _policy(
        "wrong resource: an index that does not exist",
        _RESOURCES,
        'arn = f"{self.orders.table_arn}/index/{index}"',
        'arn = f"{self.orders.table_arn}/indexes/{index}"',
    ),
    _policy(
        "wrong resource: the queue of dead letters",
        _RESOURCES,
        'Permission(["sqs:SendMessage"], [queue.queue_arn])',
        'Permission(["sqs:SendMessage"], [queue.queue_arn + "-dlq"])',
    ),
    _policy(
        "too much: every table",
        _RESOURCES,
        "[Permission(actions, [table.table_arn])]",
        '[Permission(actions, ["*"])]',
    ),
    _policy(
        "too much: every action of DynamoDB",
        _RESOURCES,
        'READ_AND_CHANGE = ("dynamodb:GetItem", "dynamodb:UpdateItem")',
        'READ_AND_CHANGE = ("dynamodb:*",)',
    ),
    _policy(
        "too much: the key without its service",
        _FUNCTION,
        '                "kms:ViaService": [f"{service}.{region}.amazonaws.com" for service in'
        " services]\n",
        '                "aws:RequestedRegion": [region]\n',
    ),
    _policy(
        "too much: an action that is never called",
        "cdk/constructs/functions/api.py",
        'executions(workflow, "states:DescribeExecution", "states:StopExecution"),',
        'executions(workflow, "states:DescribeExecution", "states:StopExecution"),'
        " state_machine(workflow,"
        ' "states:DeleteStateMachine"),',
    ),
    _policy(
        "unencrypted connections to queues",
        _QUEUES,
        "        enforce_ssl=foundation.settings.speaks_tls,\n",
        "        enforce_ssl=False,\n",
    ),
    _policy(
        "the webhook's URL asks for IAM",
        _ORDERS,
        "webhook.live.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)",
        "webhook.live.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)",
    ),
    _policy(
        "a function's role is another service's",
        _FUNCTION,
        'assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")',
        'assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com")',
    ),
]
