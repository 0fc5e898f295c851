#!/bin/sh
# aws-lambda-powertools 3.37.0 (PyPI), utilities.circuit_breaker: a probe whose lease has ended closes the circuit when it
# succeeds at last, although a newer probe has failed and opened it again.
#
# The state is written without a condition on who holds the probe (persistence/dynamodb.py, _update_record). So one call that
# took too long sends all callers back to a provider that has just failed.
#
# Expected: OPEN (the newer probe's result stands)
# Real:     CLOSED
# Seen:     after the newer probe: OPEN; after the older one: CLOSED
#
# Installs the pinned packages into a temporary folder; DynamoDB is moto, in the process. Waits two seconds for the lease.
# Exit code 0: still so. 1: it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check aws-lambda-powertools==3.37.0 'moto[dynamodb]==5.2.5' boto3==1.43.106 2>"$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 2; }
cat >"$folder/seen.py" <<'PYTHON'
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from aws_lambda_powertools.utilities.circuit_breaker import CircuitBreakerConfig, circuit_breaker
from aws_lambda_powertools.utilities.circuit_breaker.persistence import (
    CircuitBreakerDynamoDBPersistence,
)
from moto import mock_aws


def fail():
    raise TimeoutError


with mock_aws():
    client = boto3.client("dynamodb", region_name="eu-west-1")
    client.create_table(
        TableName="circuits",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    config = CircuitBreakerConfig(recovery_timeout=1, success_threshold=1)

    def store():
        """Each environment has its own."""
        return CircuitBreakerDynamoDBPersistence("circuits", boto3_client=client)

    def guarded(call):
        return circuit_breaker("provider", store(), config=config)(call)()

    def state():
        return client.get_item(TableName="circuits", Key={"id": {"S": "provider"}})["Item"]["state"]["S"]

    store().save_open("provider", failure_count=5, opened_at=int(time.time()) - 3600)
    begun, answer = threading.Event(), threading.Event()

    def slow():
        begun.set()
        answer.wait()

    with ThreadPoolExecutor(2) as threads:
        older = threads.submit(guarded, slow)
        begun.wait()
        time.sleep(2)  # the lease is one second
        try:
            threads.submit(guarded, fail).result()
        except TimeoutError:
            pass
        between = state()
        answer.set()
        older.result()
    print(f"after the newer probe: {between}; after the older one: {state()}")
PYTHON
seen=$("$folder/env/bin/python" "$folder/seen.py")
echo "$seen"
test "$seen" = "after the newer probe: OPEN; after the older one: CLOSED"
