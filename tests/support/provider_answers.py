"""PayStack's answers and what becomes of them: the table of docs/payments.md, as data.

``tests/unit/payments/test_provider_answers.py`` puts each answer on the wire and looks at the
order, the breaker and the alerts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.support.paystack_api import Reply

REFERENCE: Final = "0b5c7c1e-52a4-5f39-8a3a-6f1d5c0a9e77-1"
TOTAL: Final = 240_100


@dataclass(frozen=True)
class Row:
    """One answer at one moment.

    Attributes:
        moment: what PayStack is asked, and why.
        says: the answer in words.
        reply: the answer on the wire.
        order: what becomes of the order.
        breaker: what the call says about PayStack's health.
        operations: what operations hear.
    """

    moment: str
    says: str
    reply: Reply
    order: str
    breaker: str
    operations: str = "-"

    def __str__(self) -> str:
        return f"{self.moment}: {self.says}"


LINK: Final = "asked for a link"
EARLIER: Final = "earlier link has ended"
REPORTED: Final = "payment reported, first answer"
REPORTED_AGAIN: Final = "payment reported, after a wait"
OVER: Final = "time over, nothing reported"
CANCELLING: Final = "to be cancelled"
REJECTING: Final = "to be rejected, has had a link"

#: What becomes of an order that ends, once PayStack knows of no payment.
ENDING: Final = ((OVER, "EXPIRED"), (CANCELLING, "CANCELLED"), (REJECTING, "REJECTED"))

#: What customers see of each outcome.
CUSTOMER: Final = {
    "link": "the link",
    "next reference": "the link",
    "paid": "order is paid",
    "parked": "link follows by itself",
    "REJECTED": "rejected, with the reason",
    "asked again": "no change; payment received, if reported",
    "waits": "the link, to pay",
    "EXPIRED": "expired",
    "CANCELLED": "cancelled",
}


def link(status: int = 200, **changes: Any) -> Reply:
    data = {
        "authorization_url": f"https://checkout.paystack.com/{REFERENCE}",
        "access_code": "access",
        "reference": REFERENCE,
        **changes,
    }
    body = {"status": True, "message": "Authorization URL created", "data": data}
    return Reply(status, body)


def charge(status: str = "success", code: int = 200, **changes: Any) -> Reply:
    data = {
        "status": status,
        "reference": REFERENCE,
        "amount": TOTAL,
        "currency": "NGN",
        "paid_at": "2026-01-31T12:04:09.000Z",
        **changes,
    }
    body = {"status": True, "message": "Verification successful", "data": data}
    return Reply(code, body)


def refusal(status: int, message: str, error: str | None, code: str | None) -> Reply:
    """PayStack's error envelope."""
    body = {
        "status": False,
        "message": message,
        "meta": {"nextStep": "Look at the documentation"},
        "type": error,
        "code": code,
    }
    return Reply(status, body)


HTML: Final = b"<html><body>Bad Gateway</body></html>"
DISABLED: Final = "Your business has been disabled"

#: Answers that say nothing about the order, whatever was asked.
OUTAGES: Final = [
    ("200, HTML", Reply(200, HTML)),
    ("200, empty", Reply(200, b"")),
    ("200, broken off", Reply(200, b'{"status": true, "data": {')),
    ("200, status false", Reply(200, {"status": False, "message": "No", "data": {}})),
    ("204", Reply(204, b"")),
    ("302", Reply(302, b"", {"Location": "https://elsewhere.example"})),
    ("400, HTML", Reply(400, HTML)),
    ("400, empty", Reply(400, b"")),
    ("400, a JSON list", Reply(400, [])),
    ("400, api_error", refusal(400, "Something went wrong", "api_error", "unknown")),
    ("400, processor_error", refusal(400, "Processor is out", "processor_error", None)),
    ("400, code null", refusal(400, "An error occurred", None, None)),
    (
        "400, status true",
        Reply(400, {"status": True, "message": "No", "type": "validation_error", "code": None}),
    ),
    ("403, HTML", Reply(403, HTML)),
    ("403, JSON", refusal(403, "Forbidden", None, None)),
    ("404, HTML", Reply(404, HTML)),
    ("408", Reply(408, b"")),
    ("429", Reply(429, b"", {"Retry-After": "17"})),
    ("500, api_error", refusal(500, "An error occurred", "api_error", None)),
    ("502, HTML", Reply(502, HTML)),
    ("503", Reply(503, b"")),
    ("504, HTML", Reply(504, HTML)),
    ("401, HTML", Reply(401, HTML)),
]

#: PayStack refuses us, whatever the order.
REFUSED_US: Final = [
    ("401, invalid_key", refusal(401, "Invalid key", "validation_error", "invalid_key")),
    ("401, code null", refusal(401, "Invalid key", None, None)),
    ("400, disabled business", refusal(400, DISABLED, "api_error", None)),
]

ROWS: Final = [
    Row(LINK, "200, a link", link(), "link", "healthy"),
    Row(LINK, "201, a link", link(201), "link", "healthy"),
    Row(LINK, "200, a link of another order", link(reference="x-1"), "parked", "failure"),
    Row(LINK, "200, a link that is none", link(authorization_url="x"), "parked", "failure"),
    *[
        Row(LINK, says, reply, "next reference", "healthy")
        for says, reply in [
            (
                "400, duplicate_reference",
                refusal(
                    400, "Duplicate Transaction Reference", "validation_error",
                    "duplicate_reference",
                ),
            ),
            (
                "400, duplicate, code null",
                refusal(400, "Duplicate Transaction Reference", None, None),
            ),
        ]
    ],
    *[
        Row(LINK, says, reply, "REJECTED", "healthy", "request refused")
        for says, reply in [
            (
                "400, missing_params",
                refusal(400, "Email is required", "validation_error", "missing_params"),
            ),
            (
                "400, invalid_amount",
                refusal(400, "Invalid Amount Sent", "validation_error", "invalid_amount"),
            ),
            (
                "422, invalid_params",
                refusal(422, "Invalid Email", "validation_error", "invalid_params"),
            ),
            ("400, Invalid Amount, no type", refusal(400, "Invalid Amount Sent", None, None)),
            (
                "400, invalid_params, 'invalid key' in the message",
                refusal(400, "Invalid key in custom fields", "validation_error", "invalid_params"),
            ),
        ]
    ],
    *[
        Row(LINK, says, refusal(400, message, "validation_error", code), "parked", "failure",
            "key, business or request refused")
        for says, message, code in [
            ("400, validation_error, code null", "No such plan", None),
            ("400, validation_error, an unknown code", "No active channel", "no_active_channel"),
            ("400, validation_error, our callback", "Callback URL is invalid", None),
        ]
    ],
    Row(
        LINK, "400, 'duplicate' elsewhere in the message",
        refusal(400, "Customer has a duplicate", None, None), "parked", "failure",
    ),
    Row(
        LINK, "400, 'duplicate transaction reference' within the message",
        refusal(400, "Split has a duplicate transaction reference", None, None),
        "parked", "failure",
    ),
    Row(
        LINK, "403, invalid_amount",
        refusal(403, "Invalid Amount Sent", "validation_error", "invalid_amount"),
        "parked", "failure",
    ),
    Row(
        LINK, "404, validation_error",
        refusal(404, "Not found", "validation_error", "not_found"), "parked", "failure",
    ),
    Row(
        LINK, "400, unsupported_currency",
        refusal(
            400, "Currency not supported by merchant", "validation_error", "unsupported_currency"
        ),
        "parked", "failure", "key, business or request refused",
    ),
    *[Row(LINK, says, reply, "parked", "failure") for says, reply in OUTAGES],
    *[
        Row(LINK, says, reply, "parked", "failure", "key, business or request refused")
        for says, reply in REFUSED_US
    ],
    Row(EARLIER, "success", charge(), "paid", "healthy"),
    Row(EARLIER, "pending", charge("pending"), "parked", "healthy"),
    *[Row(EARLIER, says, reply, "parked", "failure") for says, reply in OUTAGES[:7:3]],
    *[
        Row(moment, says, reply, "paid", "healthy")
        for moment in (REPORTED, OVER, CANCELLING, REJECTING)
        for says, reply in [
            ("success", charge()),
            ("201, success", charge(code=201)),
            (
                "success, fees passed on",
                charge(amount=250_000, requested_amount=TOTAL, fees=9_900),
            ),
        ]
    ],
    *[
        Row(REPORTED, status, charge(status), "asked again", "healthy")
        for status in ("abandoned", "failed", "reversed")
    ],
    *[
        Row(REPORTED_AGAIN, status, charge(status), "waits", "healthy", "denied")
        for status in ("abandoned", "failed")
    ],
    Row(REPORTED_AGAIN, "reversed", charge("reversed"), "waits", "healthy", "went back"),
    Row(
        REPORTED_AGAIN, "success, underpaid", charge(amount=100, requested_amount=TOTAL), "waits",
        "healthy", "denied, differs",
    ),
    Row(
        REPORTED_AGAIN, "success, another currency", charge(currency="GHS"), "waits", "healthy",
        "denied, differs",
    ),
    *[
        Row(moment, status, charge(status), "asked again", "healthy")
        for moment in (REPORTED, OVER, CANCELLING, REJECTING)
        for status in ("ongoing", "pending", "processing", "queued", "a-new-word")
    ],
    *[
        Row(moment, says, reply, order, "healthy", operations)
        for moment, order, operations in (
            (REPORTED, "asked again", "-"),
            (REPORTED_AGAIN, "waits", "denied"),
            (OVER, "EXPIRED", "-"),
            (CANCELLING, "CANCELLED", "-"),
            (REJECTING, "REJECTED", "-"),
        )
        for says, reply in [
            (
                "400, transaction_not_found",
                refusal(400, "Transaction reference not found.", "validation_error",
                        "transaction_not_found"),
            ),
            (
                "404, not found, code null",
                refusal(404, "Transaction reference not found", None, None),
            ),
        ]
    ],
    *[
        Row(moment, status, charge(status), order, "healthy", operations)
        for moment, order in ENDING
        for status, operations in (("abandoned", "-"), ("failed", "-"), ("reversed", "went back"))
    ],
    *[
        Row(moment, "success, underpaid", charge(amount=100, requested_amount=TOTAL), order,
            "healthy", "differs")
        for moment, order in ENDING
    ],
    *[
        Row(moment, says, reply, "asked again", "failure")
        for moment in (REPORTED, OVER, CANCELLING, REJECTING)
        for says, reply in [*OUTAGES, ("200, another transaction", charge(reference="x-1"))]
    ],
    *[
        Row(moment, says, reply, "asked again", "failure", "key, business or request refused")
        for moment in (REPORTED, OVER, CANCELLING, REJECTING)
        for says, reply in REFUSED_US
    ],
]  # fmt: skip


def table() -> str:
    """The rows as docs/payments.md has them: those that differ in the moment alone in one line."""
    merged: dict[tuple[str, ...], list[str]] = {}
    for row in ROWS:
        key = (row.says, row.order, row.breaker, row.operations)
        merged.setdefault(key, []).append(row.moment)
    lines = ["| PayStack is asked: | and answers | order | breaker | operations | customer |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for (says, order, breaker, operations), moments in merged.items():
        cells = ["; ".join(moments), says, order, breaker, operations, CUSTOMER[order]]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
