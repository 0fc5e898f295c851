"""Faults of one place each, which the checks must find: those of the definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.mutation.tree import Edit


@dataclass(frozen=True)
class Mutant:
    """A fault.

    Attributes:
        kind: what is faulty: ``definition``, ``template``, ``resolver``, ``policy`` or ``query``.
    """

    kind: str
    name: str
    edits: Sequence[Edit]


_DEFINITION = "workflows/order.asl.yaml"
_CANCELLED = (
    "        REMOVE taskToken, parked, paymentLink, paymentLinkExpiresAt\n"
    "      ConditionExpression: >-\n        #status IN predecessors(CANCELLED)"
)


def _definition(name: str, old: str, new: str) -> Mutant:
    return Mutant("definition", name, [Edit(_DEFINITION, old, new)])


DEFINITION: Final = [
    _definition(
        "wrong target: an open breaker still leads to the model",
        "        Next: MatchByName\n    Default: MatchProducts\n",
        "        Next: MatchProducts\n    Default: MatchProducts\n",
    ),
    _definition(
        "wrong target: a state that does not exist",
        "    Default: CreatePaymentLink\n",
        "    Default: MakePaymentLink\n",
    ),
    _definition(
        "wrong target: a refused payment is parked",
        "      - ErrorEquals: [PaymentRefused]\n        Assign:\n          rejection: *cause\n"
        "        Next: RejectOrder\n",
        "      - ErrorEquals: [PaymentRefused]\n        Assign:\n          rejection: *cause\n"
        "          waitsFor: paystack\n        Next: ScheduleRecovery\n",
    ),
    _definition(
        "wrong target: the wait for the payment ends in EXPIRED, unasked",
        "      - ErrorEquals: [DynamoDb.ConditionalCheckFailedException, States.Timeout]\n"
        "        Next: VerifyPayment\n",
        "      - ErrorEquals: [DynamoDb.ConditionalCheckFailedException]\n"
        "        Next: VerifyPayment\n"
        "      - ErrorEquals: [States.Timeout]\n        Next: ExpireOrder\n",
    ),
    _definition(
        "wrong target: a resumed order skips its provider's breaker",
        "? 0 : $parkings + 1 %}'\n    Next: ReadBreakers\n",
        "? 0 : $parkings + 1 %}'\n    Next: MatchProducts\n",
    ),
    _definition(
        "wrong target: an order without matches asks for a payment",
        "          rejection: Nothing on the list is in our catalog.\n        Next: RejectOrder\n",
        "          rejection: Nothing on the list is in our catalog.\n"
        "        Next: CreatePaymentLink\n",
    ),
    _definition(
        "wrong error name: SQS.SqsException",
        "SQS.AmazonSQSException",
        "SQS.SqsException",
    ),
    _definition(
        "wrong error name: DynamoDB's unmodelled errors by the SDK's name",
        "DynamoDB.AmazonDynamoDBException",
        "DynamoDB.DynamoDbException",
    ),
    _definition(
        "wrong error name: the optimized prefix on an SDK integration",
        "      - ErrorEquals: [DynamoDb.ConditionalCheckFailedException]\n        Next: NotifyCustomer\n",
        "      - ErrorEquals: [DynamoDB.ConditionalCheckFailedException]\n        Next: NotifyCustomer\n",
    ),
    _definition(
        "wrong error name: one of ours is misspelled",
        "      - ErrorEquals: [NotificationUnavailable, NotificationRefused]\n",
        "      - ErrorEquals: [NotificationUnavailble, NotificationRefused]\n",
    ),
    _definition(
        "wrong error name: Lambda.ThrottlingException",
        "      - Lambda.TooManyRequestsException\n",
        "      - Lambda.ThrottlingException\n",
    ),
    _definition(
        "wrong error name: a condition that fails is States.TaskFailed",
        "      # Another execution has ended the order.\n"
        "      - ErrorEquals: [DynamoDB.ConditionalCheckFailedException]\n",
        "      # Another execution has ended the order.\n      - ErrorEquals: [States.TaskFailed]\n",
    ),
    _definition(
        "everything is caught",
        "      - ErrorEquals: [OrderToBeCancelled]\n        Next: VerifyPayment\n",
        "      - ErrorEquals: [States.ALL]\n        Next: VerifyPayment\n",
    ),
    _definition(
        "JSONPath field: InputPath on a state",
        "  NotifyCustomer:\n    Type: Task\n",
        "  NotifyCustomer:\n    Type: Task\n    InputPath: $.order\n",
    ),
    _definition(
        "JSONPath field: ResultPath in a Catch",
        "      - ErrorEquals: [InvalidOrder]\n        Assign:\n"
        "          orderId: '{% $states.input.orderId %}'\n",
        "      - ErrorEquals: [InvalidOrder]\n        ResultPath: $.error\n        Assign:\n"
        "          orderId: '{% $states.input.orderId %}'\n",
    ),
    _definition(
        "JSONPath field: a path in the place of an expression",
        "            {% $pending = 'not-understood' and $parkings > 0 ? $max([$parkings, 3])"
        " : $parkings %}\n",
        "            $.parkings\n",
    ),
    _definition(
        "unknown variable: a misspelled one",
        "        provider: '{% $waitsFor %}'\n        parkings: '{% $parkings %}'\n",
        "        provider: '{% $waitsfor %}'\n        parkings: '{% $parkings %}'\n",
    ),
    _definition(
        "unknown variable: one way does not assign it",
        "          orderId: '{% $states.input.orderId %}'\n          verifications: 0\n",
        "          orderId: '{% $states.input.orderId %}'\n",
    ),
    _definition(
        "unknown variable: nothing is assigned for a chosen way",
        "        Assign:\n          waitsFor: paystack\n          delayReason: Our payment provider"
        " is unavailable (its circuit breaker is open).\n",
        "",
    ),
    _definition(
        "unknown function of JSONata",
        "        {% $ceil($min([${ParkingDelaySeconds} * $power(2, $parkings < 3 ? $parkings : 0), 900])) %}",
        "        {% $ceil($least([${ParkingDelaySeconds} * $power(2, $parkings < 3 ? $parkings : 0), 900])) %}",
    ),
    _definition(
        "wrong JSONata: a closed breaker counts as open",
        "$breakers.paystack.openUntil > $millis()",
        "$breakers.paystack.openUntil < $millis()",
    ),
    _definition(
        "wrong JSONata: a missing breaker is open",
        "$max([0, $number(",
        "$max([9e15, $number(",
    ),
    _definition(
        "wrong JSONata: matched is not matched",
        "      - Condition: '{% $matchedCount = 0 %}'\n",
        "      - Condition: '{% $matchedCount > 0 %}'\n",
    ),
    _definition(
        "wrong JSONata: a fourth automatic attempt",
        '\'{% $parkings < 3 ? "PAYMENT_DELAYED" : "NEEDS_ATTENTION" %}\'',
        '\'{% $parkings < 4 ? "PAYMENT_DELAYED" : "NEEDS_ATTENTION" %}\'',
    ),
    _definition(
        "wrong JSONata: a syntax error",
        "'{% $parse($states.errorOutput.Cause).errorMessage %}'",
        "'{% $parse($states.errorOutput.Cause.errorMessage %}'",
    ),
    _definition(
        "wrong JSONata: a delay longer than SQS allows",
        "$parkings : 0), 900])) %}",
        "$parkings : 0), 9000]) * 100) %}",
    ),
    _definition(
        "removed retry: a Task without any",
        "    TimeoutSeconds: duration(link_validity)\n    Retry: [*retry-dynamodb-sdk]\n",
        "    TimeoutSeconds: duration(link_validity)\n",
    ),
    _definition(
        "removed retry: throttles of Lambda",
        "    TimeoutSeconds: 20\n    Retry: [*retry-lambda-service, *retry-lambda-not-ready, "
        "*retry-lambda-throttled, *retry-store]\n",
        "    TimeoutSeconds: 20\n    Retry: [*retry-lambda-service, *retry-lambda-not-ready, "
        "*retry-store]\n",
    ),
    _definition(
        "removed retry: throttles of DynamoDB",
        "    - DynamoDB.ThrottlingException\n",
        "",
    ),
    _definition(
        "removed retry: the queue's throttles",
        "          - SQS.RequestThrottledException\n",
        "",
    ),
    _definition(
        "removed retry: the store is unavailable",
        "  retry-store: &retry-store\n    ErrorEquals: [StoreUnavailable]\n",
        "  retry-store: &retry-store\n    ErrorEquals: [PaystackUnavailable]\n",
    ),
    _definition(
        "no jitter",
        "    MaxAttempts: 5\n    MaxDelaySeconds: 30\n    JitterStrategy: FULL\n",
        "    MaxAttempts: 5\n    MaxDelaySeconds: 30\n    JitterStrategy: NONE\n",
    ),
    _definition(
        "no cap of the waits between retries",
        "    MaxAttempts: 5\n    MaxDelaySeconds: 30\n",
        "    MaxAttempts: 5\n",
    ),
    _definition(
        "dropped timeout: of a function",
        "    TimeoutSeconds: 25\n",
        "",
    ),
    _definition(
        "dropped timeout: of the wait for a payment",
        "    # As long as a payment link is valid: 24 hours.\n"
        "    TimeoutSeconds: duration(link_validity)\n",
        "",
    ),
    _definition(
        "a state times out before its function",
        "    TimeoutSeconds: 40\n",
        "    TimeoutSeconds: 25\n",
    ),
    _definition(
        "misspelled field of a state",
        "    TimeoutSeconds: 25\n",
        "    TimeoutSecond: 25\n",
    ),
    _definition(
        "misspelled argument of a call",
        "      RequestItems:\n",
        "      RequestItem:\n",
    ),
    _definition(
        "an argument of the wrong type",
        "        ':one': {N: '1'}\n        ':change':\n          L:\n            - M:\n"
        "                status: {S: CANCELLED}\n",
        "        ':one': {N: 1}\n        ':change':\n          L:\n            - M:\n"
        "                status: {S: CANCELLED}\n",
    ),
    _definition(
        "an unused value in an expression",
        "        SET #status = :status, statusReason = :reason, updatedAt = :now, version = version"
        " + :one,\n        history = list_append(history, :change)\n"
        f"{_CANCELLED}",
        "        SET #status = :status, updatedAt = :now, version = version"
        " + :one,\n        history = list_append(history, :change)\n"
        f"{_CANCELLED}",
    ),
    _definition(
        "the wrong provider's breaker",
        "'paystack': $breaker('paystack')",
        "'paystack': $breaker('bedrock')",
    ),
    _definition(
        "the function gets the other breaker",
        "$breakers.paystack.item %}'\n",
        "$breakers.bedrock.item %}'\n",
    ),
    _definition(
        "the fallback asks the model, too",
        "        useModel: false\n",
        "        useModel: true\n",
    ),
    _definition(
        "an order is completed without a confirmed payment",
        "        #status IN predecessors(PAYMENT_COMPLETED) AND"
        " attribute_exists(payment.verifiedAt)\n",
        "        #status IN predecessors(PAYMENT_COMPLETED)\n",
    ),
    _definition(
        "a paid order expires",
        "        #status IN predecessors(EXPIRED) AND attribute_not_exists(payment)\n",
        "        #status IN predecessors(EXPIRED)\n",
    ),
    _definition(
        "a status that may not follow",
        "#status IN predecessors(REJECTED) AND",
        "#status IN predecessors(PAYMENT_COMPLETED) AND",
    ),
    _definition(
        "a review that ends voids what was confirmed",
        "        #status IN predecessors(EXPIRED) AND attribute_not_exists(confirmedVersion)\n"
        "        AND attribute_not_exists(paymentReference) AND attribute_not_exists(payment)\n",
        "        attribute_not_exists(paymentReference) AND attribute_not_exists(payment)\n",
    ),
    _definition(
        "an order that was reviewed is shown again",
        "    Assign: {toReview: false}\n    # The snapshot",
        "    # The snapshot",
    ),
    _definition(
        "the task token goes to the queue",
        "        kind: order\n        orderId: '{% $orderId %}'\n",
        "        kind: order\n        token: '{% $states.context.Task.Token %}'\n"
        "        orderId: '{% $orderId %}'\n",
    ),
    _definition(
        "AwaitPayment does not wait",
        "    Resource: arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken\n    Arguments:\n"
        "      TableName: ${OrdersTable}\n      Key: *order-key\n"
        "      UpdateExpression: SET taskToken = :token",
        "    Resource: arn:aws:states:::aws-sdk:dynamodb:updateItem\n    Arguments:\n"
        "      TableName: ${OrdersTable}\n      Key: *order-key\n"
        "      UpdateExpression: SET taskToken = :token",
    ),
    _definition(
        "the count of verifications does not grow",
        "      verifications: '{% $verifications + 1 %}'\n",
        "      verifications: '{% $verifications %}'\n",
    ),
    _definition(
        "a refusal fails the execution",
        "  OrderClosed:\n    Type: Succeed\n",
        "  OrderClosed:\n    Type: Fail\n    Error: Closed\n",
    ),
]
