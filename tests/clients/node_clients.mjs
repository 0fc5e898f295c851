// Runs one of the Node clients against a server; input and output as in python_clients.py.

import { createHmac } from "node:crypto";
import { text } from "node:stream/consumers";

const question = JSON.parse(await text(process.stdin));
const { url, key, reference, events } = question;
const email = "ada@example.com";

// Pay as the customer does, on the link's page.
const pay = (link) => fetch(link, { method: "POST", redirect: "manual" });

async function usePaystackApi() {
  const { default: Paystack } = await import("paystack-api");
  const client = Paystack(key);
  client.endpoint = url;
  const opened = await client.transaction.initialize({ amount: 450_000, email, reference });
  await pay(opened.data.authorization_url);
  const verified = (await client.transaction.verify({ reference })).data;
  const refund = (await client.refund.create({ transaction: reference, amount: 1000 })).data;
  const duplicate = await client.transaction
    .initialize({ amount: 1, email, reference })
    .catch((refused) => refused.error);
  return answer(verified, {
    fetched: (await client.transaction.get({ id: verified.id })).data,
    listed: (await client.transaction.list()).data,
    refund,
    refunds: (await client.refund.list()).data,
    fetchedRefund: (await client.refund.get({ trans_id: refund.id })).data,
    duplicate,
    accepted: events.map((each) => paystackApiAccepts(client, each)),
  });
}

// The library's middleware emits the events whose signature it accepts.
function paystackApiAccepts(client, { body, signature }) {
  const event = JSON.parse(body);
  let isAccepted = false;
  const accept = () => (isAccepted = true);
  client.Events.on(event.event, accept);
  const request = { body: event, headers: { "x-paystack-signature": signature } };
  client.Events.middleware(request, { sendStatus: () => undefined });
  client.Events.off(event.event, accept);
  return isAccepted;
}

async function usePaystackSdk() {
  // The library's address is a constant, so the calls are redirected where they leave it.
  const original = globalThis.fetch;
  globalThis.fetch = (address, options) =>
    original(address.replace("https://api.paystack.co", url), options);
  const { default: Paystack } = await import("paystack-sdk");
  const client = new Paystack(key);
  const opened = await client.transaction.initialize({ amount: "450000", email, reference });
  await pay(opened.data.authorization_url);
  const verified = (await client.transaction.verify(reference)).data;
  const refund = (await client.refund.create({ transaction: reference, amount: 1000 })).data;
  const duplicate = await client.transaction
    .initialize({ amount: "1", email, reference })
    .catch((refused) => refused.body);
  return answer(verified, {
    fetched: (await client.transaction.fetch(String(verified.id))).data,
    listed: (await client.transaction.list()).data,
    refund,
    refunds: (await client.refund.list()).data,
    fetchedRefund: (await client.refund.fetch(refund.id)).data,
    duplicate,
    accepted: events.map(documentedCheckAccepts),
  });
}

// The check of PayStack's documentation: it signs what JSON.stringify makes of the parsed body.
function documentedCheckAccepts({ body, signature }) {
  const signed = createHmac("sha512", key).update(JSON.stringify(JSON.parse(body)));
  return signed.digest("hex") === signature;
}

function answer(verified, { fetched, listed, refund, refunds, fetchedRefund, duplicate, accepted }) {
  return {
    verified: [verified.reference, verified.status, verified.amount],
    time_spent: verified.log.time_spent,
    fetched: fetched.reference,
    listed: listed.map((each) => each.reference),
    refunded: [refund.amount, refund.status],
    refunds: refunds.map((each) => each.amount),
    refund: fetchedRefund.amount,
    duplicate: duplicate.code,
    accepted,
  };
}

const use = { "paystack-api": usePaystackApi, "paystack-sdk": usePaystackSdk }[question.client];
process.stdout.write(JSON.stringify(await use()));
