#!/bin/sh
# moto 5.2.5 (PyPI): a query with BETWEEN whose lower bound is above its upper bound answers an empty page.
#
# DynamoDB refuses it with a ValidationException ("The BETWEEN operator requires upper bound to be greater than or equal
# to lower bound"), which others recorded on AWS (https://github.com/ExtendDB/extenddb/issues/99). A program that
# builds such bounds passes its tests on moto, and fails on AWS.
#
# Expected: ValidationException
# Real:     no error, 0 items
# Seen:     no error, 0 items
#
# Installs the pinned packages into a temporary folder; nothing leaves the process.
# Exit code 0: still so. 1: it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'moto[dynamodb]==5.2.5' boto3==1.43.106 2>"$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 2; }
cat >"$folder/seen.py" <<'PYTHON'
import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

with mock_aws():
    client = boto3.client("dynamodb", region_name="eu-west-1")
    client.create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "customer", "KeyType": "HASH"},
            {"AttributeName": "createdAt", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("customer", "createdAt")
        ],
    )
    try:
        answer = client.query(
            TableName="orders",
            KeyConditionExpression="customer = :c AND createdAt BETWEEN :low AND :high",
            ExpressionAttributeValues={
                ":c": {"S": "ada"}, ":low": {"S": "2027"}, ":high": {"S": "2026"}
            },
        )
        print(f"no error, {answer['Count']} items")
    except ClientError as error:
        print(error.response["Error"]["Code"])
PYTHON
seen=$("$folder/env/bin/python" "$folder/seen.py")
echo "$seen"
test "$seen" = "no error, 0 items"
