"""The mutants in the wording of commit 80f2f6f, where it differs from today's.

A text that takes its own place stands for a fault that the commit itself has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tests.mutation.query_mutants import REVERSED_BOUNDS
from tests.mutation.tree import Edit

COMMIT: Final = "80f2f6f"

#: Files by today's name.
_MOVED: Final = {
    "cdk/constructs/functions/function.py": "cdk/constructs/function.py",
    "cdk/constructs/functions/workflow.py": "cdk/constructs/order_functions.py",
    "cdk/constructs/functions/resources.py": "cdk/constructs/order_functions.py",
    "cdk/constructs/functions/api.py": "cdk/constructs/order_functions.py",
    "cdk/constructs/functions/recovery.py": "cdk/constructs/order_functions.py",
}

_DEFINITION = "workflows/order.asl.yaml"
_FUNCTIONS = "cdk/constructs/order_functions.py"
_FUNCTION = "cdk/constructs/function.py"
_ORDERS = "cdk/stacks/orders.py"
_DATA = "cdk/stacks/data.py"

_EXPIRES = "        Next: VerifyPayment\n      - ErrorEquals: [States.Timeout]\n        Next: ExpireOrder\n"
_TOPIC = "        return sns.Topic(\n            self,\n"
_WRITERS = "'#status IN (:PAYMENT_INITIATED, :FAILED) AND attribute_not_exists(payment)'"


def edits(name: str, now: Sequence[Edit]) -> Sequence[Edit]:
    """The edits of the mutant ``name`` for the earlier commit."""
    if name in _WORDING:
        return _WORDING[name]
    return [Edit(_MOVED.get(each.path, each.path), each.old, each.new) for each in now]


def _itself(path: str, text: str) -> list[Edit]:
    return [Edit(path, text, text)]


_WORDING: Final[Mapping[str, Sequence[Edit]]] = {
    "an unused value in an expression": [
        Edit(
            _DEFINITION,
            "        SET #status = :status, statusReason = :reason, updatedAt = :now, version = version"
            " + :one,\n        history = list_append(history, :change) REMOVE taskToken, parked\n",
            "        SET #status = :status, updatedAt = :now, version = version"
            " + :one,\n        history = list_append(history, :change) REMOVE taskToken, parked\n",
        )
    ],
    "wrong condition: the key of other logs": [
        Edit(
            _DATA,
            'resource="log-group",\n                            resource_name="*",',
            'resource="log-group",\n                            resource_name="/aws/lambda/*",',
        )
    ],
    "the webhook's URL asks for IAM": [
        Edit(_ORDERS, "lambda_.FunctionUrlAuthType.NONE", "lambda_.FunctionUrlAuthType.AWS_IAM")
    ],
    REVERSED_BOUNDS: _itself("functions/orderflow/store.py", "BETWEEN :since AND :until"),
    "reversed bounds: of each span": [
        Edit(
            "functions/orderflow/store.py",
            "BETWEEN :since AND :until",
            "BETWEEN :until AND :since",
        )
    ],
    "wrong target: a refused payment is parked": [
        Edit(
            _DEFINITION,
            "      - ErrorEquals: [PaymentRefused]\n        Assign:\n          rejection: *cause\n"
            "        Next: RejectOrder\n",
            "      - ErrorEquals: [PaymentRefused]\n        Assign:\n          rejection: *cause\n"
            "        Next: ScheduleRecovery\n",
        )
    ],
    "wrong target: the wait for the payment ends in EXPIRED, unasked": _itself(
        _DEFINITION, _EXPIRES
    ),
    "wrong error name: SQS.SqsException": _itself(_DEFINITION, "SQS.SqsException"),
    "wrong error name: DynamoDB's unmodelled errors by the SDK's name": _itself(
        _DEFINITION, "    - DynamoDB.SdkClientException\n"
    ),
    "wrong error name: the optimized prefix on an SDK integration": [
        Edit(
            _DEFINITION,
            "      - ErrorEquals: [DynamoDb.ConditionalCheckFailedException]\n"
            "        Next: NotifyCustomer\n",
            "      - ErrorEquals: [DynamoDB.ConditionalCheckFailedException]\n"
            "        Next: NotifyCustomer\n",
        )
    ],
    "wrong error name: a condition that fails is States.TaskFailed": [
        Edit(
            _DEFINITION,
            "      # Another execution of the order has ended it.\n"
            "      - ErrorEquals: [DynamoDB.ConditionalCheckFailedException]\n",
            "      # Another execution of the order has ended it.\n"
            "      - ErrorEquals: [States.TaskFailed]\n",
        )
    ],
    "everything is caught": [
        Edit(
            _DEFINITION,
            "      - ErrorEquals: [PaymentRefused]\n",
            "      - ErrorEquals: [States.ALL]\n",
        )
    ],
    "JSONPath field: a path in the place of an expression": [
        Edit(
            _DEFINITION,
            "      parkings: '{% $states.result.resumedBy = \"operator\" ? 0 : $parkings + 1 %}'\n",
            "      parkings: $.parkings\n",
        )
    ],
    "unknown variable: a misspelled one": [
        Edit(
            _DEFINITION,
            "        parkings: '{% $parkings %}'\n",
            "        parkings: '{% $parking %}'\n",
        )
    ],
    "unknown variable: nothing is assigned for a chosen way": [
        Edit(
            _DEFINITION,
            "        Assign:\n          delayReason: Our payment provider is unavailable"
            " (its circuit breaker is open).\n",
            "",
        )
    ],
    "removed retry: throttles of Lambda": [
        Edit(_DEFINITION, "      - Lambda.TooManyRequestsException\n", "")
    ],
    "dropped timeout: of the wait for a payment": [
        Edit(
            _DEFINITION,
            "    # A payment link lives 24 hours (orderflow.paystack.LINK_VALIDITY).\n"
            "    TimeoutSeconds: 86400\n",
            "",
        )
    ],
    "a state times out before its function": [
        Edit(
            _DEFINITION,
            "        breaker: '{% $paystackBreaker %}'\n"
            "        retryCount: '{% $states.context.State.RetryCount %}'\n    TimeoutSeconds: 30\n",
            "        breaker: '{% $paystackBreaker %}'\n"
            "        retryCount: '{% $states.context.State.RetryCount %}'\n    TimeoutSeconds: 15\n",
        )
    ],
    "an argument of the wrong type": [
        Edit(
            _DEFINITION,
            "        ':one': {N: '1'}\n        ':change':\n          L:\n            - M:\n"
            "                status: {S: EXPIRED}\n",
            "        ':one': {N: 1}\n        ':change':\n          L:\n            - M:\n"
            "                status: {S: EXPIRED}\n",
        )
    ],
    "an order is completed without a confirmed payment": [
        Edit(
            _DEFINITION,
            "        #status IN (:PAYMENT_INITIATED, :FAILED) AND"
            " attribute_exists(payment.verifiedAt)\n",
            "        #status IN (:PAYMENT_INITIATED, :FAILED)\n",
        )
    ],
    "a paid order expires": [
        Edit(_DEFINITION, _WRITERS, "'#status IN (:PAYMENT_INITIATED, :FAILED)'")
    ],
    "a status that may not follow": [
        Edit(_DEFINITION, _WRITERS, _WRITERS.replace(":PAYMENT_INITIATED, ", ""))
    ],
    "wrong stream filter: deleted orders, too": [
        Edit(_ORDERS, '"S": [{"exists": True}]', '"S": [{"exists": False}]')
    ],
    "wrong stream filter: an attribute that orders do not have": [
        Edit(_ORDERS, '"refundState": {"S": ["DUE"]}', '"refund": {"S": ["DUE"]}')
    ],
    "Lambda stops the recovery of many orders": _itself(
        _FUNCTIONS, '    function.allow(["sqs:SendMessage"], [parked.queue_arn])\n'
    ),
    "a function times out after its state": [
        Edit(
            _FUNCTIONS,
            '            description="Asks PayStack whether a reported payment is real",\n'
            "            timeout_seconds=20,\n",
            '            description="Asks PayStack whether a reported payment is real",\n'
            "            timeout_seconds=45,\n",
        )
    ],
    "a function is not told its table": [
        Edit(_FUNCTIONS, '"CATALOG_TABLE": resources', '"CATALOGUE_TABLE": resources')
    ],
    "missing Allow: alarms on the topic": _itself(_ORDERS, _TOPIC),
    "missing Allow: EventBridge on the key of dead letters": [
        Edit(_DATA, '                iam.ServicePrincipal("events.amazonaws.com"),\n', "")
    ],
    "wrong condition: EventBridge's requests to the key carry no source": _itself(
        _DATA, 'conditions={"StringEquals": {"aws:SourceAccount": self.account}}'
    ),
    "missing Allow: dead letters' key": [
        Edit(
            _FUNCTIONS,
            '        ["ses:SendEmail"], [_where_checked(settings, resources.sender.email_identity_arn)]\n'
            "    )\n"
            '    function.allow_key_through("dynamodb", "sqs")\n',
            '        ["ses:SendEmail"], [_where_checked(settings, resources.sender.email_identity_arn)]\n'
            "    )\n"
            '    function.allow_key_through("dynamodb")\n',
        )
    ],
    "missing Allow: the key of a stream's table": [
        Edit(
            _FUNCTIONS,
            'fields/{PUBLISH_FIELD}"])\n    function.allow_key_through("dynamodb", "sqs")\n',
            'fields/{PUBLISH_FIELD}"])\n    function.allow_key_through("sqs")\n',
        )
    ],
    "missing Allow: the secret's key": [
        Edit(
            _FUNCTIONS,
            '    function.allow_key_through("dynamodb", "secretsmanager")\n',
            '    function.allow_key_through("dynamodb")\n',
        )
    ],
    "wrong action: an operation that the function does not call": [
        Edit(
            _FUNCTIONS,
            '    _allow_paystack(function, resources)\n    function.allow(["sns:Publish"]',
            '    _allow_paystack(function, resources)\n    function.allow(["sns:Subscribe"]',
        )
    ],
    "wrong resource: an index that does not exist": [
        Edit(_FUNCTIONS, "/index/byCustomer", "/indexes/byCustomer")
    ],
    "wrong resource: the queue of dead letters": [
        Edit(_FUNCTIONS, "[parked.queue_arn]", '[parked.queue_arn + "-dlq"]')
    ],
    "too much: every table": [
        Edit(
            _FUNCTIONS,
            '[*READ_AND_CHANGE, "dynamodb:PutItem"], [resources.orders.table_arn]',
            '[*READ_AND_CHANGE, "dynamodb:PutItem"], ["*"]',
        )
    ],
    "too much: an action that is never called": [
        Edit(
            _FUNCTIONS,
            '["states:StopExecution"]',
            '["states:StopExecution", "states:StartExecution"]',
        )
    ],
}
