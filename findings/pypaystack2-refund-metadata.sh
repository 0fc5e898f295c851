#!/bin/sh
# pypaystack2 3.4.0 (PyPI): a refund as PayStack's OpenAPI description has it gives no data.
#
# https://github.com/PaystackOSS/openapi (commit 9678dea), schema RefundFetchResponse: the refund's
# `customer.metadata` is a text. The client's model takes an object or null alone.
#
# Expected: `response.data` is the refund.
# Real:     `response.data` is None, while `response.status` is True; a warning is logged.
# Seen:     status True, data None
#
# Installs the pinned package into a temporary folder; serves one documented answer on this machine.
# Exit code 0: still so. 1: it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check pypaystack2==3.4.0 2>"$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 2; }
cat >"$folder/seen.py" <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from pypaystack2 import base_clients
from pypaystack2.main_clients import PaystackClient

CUSTOMER = {
    "id": 1, "first_name": "", "last_name": "", "email": "ada@example.com", "customer_code": "CUS_1",
    "phone": "", "metadata": "", "risk_action": "default", "international_format_phone": "",
}
REFUND = {
    "integration": 1, "transaction": 2, "dispute": None, "settlement": None, "id": 3, "domain": "test",
    "currency": "NGN", "amount": 5000, "status": "processed", "refunded_at": None,
    "refunded_by": "shop@example.com", "customer_note": "note", "merchant_note": "note",
    "deducted_amount": 5000, "fully_deducted": 1, "createdAt": "2026-01-31T12:00:00.000Z",
    "bank_reference": None, "transaction_reference": "order-1", "reason": "note",
    "customer": CUSTOMER, "refund_type": "full", "transaction_amount": 5000,
    "initiated_by": "shop@example.com", "refund_channel": "card", "session_id": None,
    "collect_account_number": False,
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"status": True, "message": "Refund retrieved", "data": REFUND}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base_clients.AbstractAPIClient._BASE_URL = f"http://127.0.0.1:{server.server_port}"
response = PaystackClient("sk_test_1").refunds.get_refund(3)
print(f"status {response.status}, data {response.data}")
PYTHON
seen=$(NO_PROXY=127.0.0.1 "$folder/env/bin/python" "$folder/seen.py" 2>/dev/null)
echo "$seen"
test "$seen" = "status True, data None"
