#!/bin/sh
# ministack 1.5.33 (PyPI), DynamoDB: an UpdateItem that adds a number to a text succeeds, and changes nothing.
#
# DynamoDB answers a ValidationException ("An operand in the update expression has an incorrect data type") and leaves the
# item as it was (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html).
#
# Expected: ValidationException, and the item holds {'S': 'x'}
# Real:     no error; the item holds {'S': 'x'}
# Seen:     no error, the item holds {'S': 'x'}
#
# Installs the pinned packages into a temporary folder; the emulator listens on 127.0.0.1 until the script ends.
# Exit code 0: still so. 1: it changed.
set -eu
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
server=
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check ministack==1.5.33 boto3==1.43.106 2>"$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 2; }
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
cd "$folder"
GATEWAY_PORT=$port BIND_HOST=127.0.0.1 IOT_MTLS_ENABLED=0 SFTP_ENABLED=0 STATE_DIR="$folder/state" S3_DATA_DIR="$folder/s3" \
	"$folder/env/bin/python" -m ministack >"$folder/server.log" 2>&1 &
server=$!
cat >"$folder/seen.py" <<'PYTHON'
import sys
import time
import urllib.request

import boto3
from botocore.exceptions import ClientError

url = f"http://127.0.0.1:{sys.argv[1]}"
for _ in range(300):
    try:
        urllib.request.urlopen(f"{url}/_ministack/health")
        break
    except OSError:
        time.sleep(0.1)
client = boto3.client(
    "dynamodb", endpoint_url=url, region_name="eu-west-1",
    aws_access_key_id="test", aws_secret_access_key="test",
)
client.create_table(
    TableName="orders",
    BillingMode="PAY_PER_REQUEST",
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
)
key = {"id": {"S": "1"}}
client.put_item(TableName="orders", Item={**key, "note": {"S": "x"}})
try:
    client.update_item(
        TableName="orders", Key=key, UpdateExpression="SET note = note + :n",
        ExpressionAttributeValues={":n": {"N": "1"}},
    )
    answer = "no error"
except ClientError as error:
    answer = error.response["Error"]["Code"]
held = client.get_item(TableName="orders", Key=key)["Item"]["note"]
print(f"{answer}, the item holds {held}")
PYTHON
seen=$(NO_PROXY=127.0.0.1 "$folder/env/bin/python" "$folder/seen.py" "$port")
echo "$seen"
test "$seen" = "no error, the item holds {'S': 'x'}"
