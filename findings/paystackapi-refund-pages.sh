#!/bin/sh
# paystackapi 2.1.3 (PyPI): the parameters of `Refund.list` never reach PayStack.
#
# PayStack documents `page`, `perPage`, `from` and `to` as query parameters of GET /refund
# (https://github.com/PaystackOSS/openapi, commit 9678dea, paths/refund.yaml). The client sends them as
# a JSON body of the GET request, so only the first page can be read. Its `Transaction.list` sends
# them in the query.
#
# Expected: path /refund?perPage=1&page=2, no body
# Real:     path /refund, body {"perPage": 1, "page": 2}
# Seen:     path /refund, body {"perPage": 1, "page": 2}
#
# Installs the pinned package into a temporary folder; the request goes to a server on this machine.
# Exit code 0: still so. 1: it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check paystackapi==2.1.3 2>"$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 2; }
cat >"$folder/seen.py" <<'PYTHON'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import paystackapi

seen = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        sent = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        seen.append(f"path {self.path}, body {sent}")
        body = b'{"status": true, "message": "Refunds retrieved", "data": []}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
paystackapi.API_URL = f"http://127.0.0.1:{server.server_port}/"

from paystackapi.paystack import Paystack

Paystack(secret_key="sk_test_1").refund.list(perPage=1, page=2)
print(seen[0])
PYTHON
seen=$(NO_PROXY=127.0.0.1 "$folder/env/bin/python" "$folder/seen.py")
echo "$seen"
test "$seen" = 'path /refund, body {"perPage": 1, "page": 2}'
