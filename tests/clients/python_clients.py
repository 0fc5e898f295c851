"""Runs one of the Python clients against a server, in the clients' own environment.

Standard input, as JSON: ``{"client", "url", "key", "reference", "events"}``, where an event is
``{"body", "signature"}``.
Standard output: what the client understood, as JSON: the fields of :func:`main`.
"""

import json
import sys
import urllib.request


def pay(link):
    """Pay as the customer does, on the link's page."""
    request = urllib.request.Request(link, data=b"", method="POST")
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).close()


def use_pypaystack2(question):
    from pypaystack2 import base_clients
    from pypaystack2.main_clients import PaystackClient

    base_clients.AbstractAPIClient._BASE_URL = question["url"]
    client = PaystackClient(question["key"])
    reference = question["reference"]
    opened = client.transactions.initialize(450_000, "ada@example.com", reference=reference)
    pay(opened.data.authorization_url)
    verified = client.transactions.verify(reference).data
    fetched = client.transactions.get_transaction(verified.id).data
    listed = client.transactions.get_transactions().data
    refund = client.refunds.create(reference, 1000).data
    return {
        "verified": [verified.reference, verified.status, verified.amount],
        "time_spent": verified.log.time_spent,
        "fetched": fetched.reference,
        "listed": [each.reference for each in listed],
        "refunded": [refund.amount, str(refund.status)],
        "refunds": [each.amount for each in client.refunds.get_refunds().data],
        "refund": client.refunds.get_refund(refund.id).data.amount,
        "duplicate": client.transactions.initialize(1, "a@b.co", reference=reference).code,
        "accepted": [
            client.is_verified_webhook_payload(each["body"].encode(), each["signature"])
            for each in question["events"]
        ],
    }


def use_paystackapi(question):
    import paystackapi

    paystackapi.API_URL = f"{question['url']}/"
    from paystackapi.paystack import Paystack

    client = Paystack(secret_key=question["key"])
    reference = question["reference"]
    opened = client.transaction.initialize(
        amount=450_000, email="ada@example.com", reference=reference, currency=None
    )
    pay(opened["data"]["authorization_url"])
    verified = client.transaction.verify(reference)["data"]
    refund = client.refund.create(transaction=reference, amount=1000)["data"]
    duplicate = client.transaction.initialize(amount=1, email="a@b.co", reference=reference)
    return {
        "verified": [verified["reference"], verified["status"], verified["amount"]],
        "time_spent": verified["log"]["time_spent"],
        "fetched": client.transaction.get(verified["id"])["data"]["reference"],
        "listed": [each["reference"] for each in client.transaction.list()["data"]],
        "refunded": [refund["amount"], refund["status"]],
        "refunds": [each["amount"] for each in client.refund.list()["data"]],
        "refund": client.refund.fetch(refund["id"])["data"]["amount"],
        "duplicate": duplicate["code"],
    }


def main():
    question = json.load(sys.stdin)
    use = {"pypaystack2": use_pypaystack2, "paystackapi": use_paystackapi}[question["client"]]
    json.dump(use(question), sys.stdout)


if __name__ == "__main__":
    main()
