/* One order: lines, history, payments, e-mails, audit, and the acts that its state allows. */

import { h, heading } from "/shop/dom.js";
import { openAct } from "./acts.js";
import * as api from "./api.js";
import { button, card, facts, hint, pill, table, time, unread, unreadCard } from "./parts.js";
import { tracesCard } from "./traces.js";
import { money, moment, short } from "./words.js";

export async function orderView(context, id) {
  const order = context.read(await api.order(id));
  const element = h("div", { class: "stack" },
    h("div", { class: "title" }, heading(`Order ${short(order.orderId)}`), pill(order.status)),
    unreadCard(order),
    summary(order),
    actions(context, order),
    card("Lines", linesTable(order)),
    card("History", historyTable(order)),
    card("Payments", ...payments(order)),
    card("E-mails", ...emails(order)),
    tracesCard(context, order.orderId),
    card("Audit", unread(order, "audit") ?? auditTable(order)));
  return { title: `Order ${short(order.orderId)}`, element };
}

function summary(order) {
  return h("section", { class: "card", "aria-label": "Summary" }, facts([
    ["Order", h("code", {}, order.orderId)],
    ["Reason", order.statusReason],
    ["Waits", unread(order, "what it waits for") ?? order.why],
    ["Failed", order.failure && `${order.failure.state ?? "unknown state"}: ${order.failure.error} (${order.failure.count} in all), ${moment(order.failure.at)}`],
    ["Parked", order.parked && `for ${order.parked.provider} since ${moment(order.parked.at)}, ${order.parked.parkings} times before`],
    ["Total", money(order.totalKobo, order.currency)],
    ["Customer", h("a", { href: `/search?q=${order.customerId}` }, order.customerEmail)],
    ["Created", time(order.createdAt)],
    ["Execution", executionLinks(order)],
    ["Wrote", h("pre", { tabindex: "0" }, order.groceryList)],
  ]));
}

function executionLinks({ orderId, run }) {
  if (!run) return null;
  const runs = Array.from({ length: run }, (_, number) => run - number);
  return h("span", { class: "ids" }, ...runs.map((number) => h("a", { href: `/runs/${orderId}?number=${number}` }, `Run ${number}`)));
}

function actions(context, order) {
  const orderIds = [order.orderId];
  const offered = [
    order.parked && ["Resume …", "resume"],
    order.status === "FAILED" && ["Replay …", "replay"],
    !order.isClosed && !order.payment && ["Cancel …", "cancel"],
    order.paymentReference && (order.payment || order.refundsDue.length) && ["Refund …", "refund"],
  ].filter(Boolean);
  if (!offered.length) return null;
  return h("div", { class: "actions" }, ...offered.map(([words, act]) => button(words, () => openAct(context, { act, orderIds }))));
}

function linesTable({ lines, unmatched, currency }) {
  if (!lines.length && !unmatched.length) return hint("No products were looked up yet.");
  return table("Lines", ["Wrote", "Product", "Packs", "Price", "Total", "Matched by"], [
    ...lines.map((line) => [line.text, `${line.name} (${line.packSize})`, String(line.packs), money(line.unitPriceKobo, currency),
      money(line.lineTotalKobo, currency), `${line.matchedBy}, ${Math.round(line.confidence * 100)} %`]),
    ...unmatched.map((line) => [line.text, line.reason, "", "", "", "not found"]),
  ]);
}

function historyTable({ history }) {
  return table("History", ["At", "Status", "By", "Reason"], history.map((each) => [time(each.at), pill(each.status), each.by, each.reason]));
}

function payments(order) {
  const place = h("div", { class: "stack", role: "status" }, hint("PayStack's key stays in the stage: a function asks."));
  const ask = button("Ask PayStack", async () => {
    ask.ariaDisabled = "true";
    place.replaceChildren(hint("Asking …"));
    try {
      place.replaceChildren(atPaystack(await api.paystack(order.orderId)));
    } catch (error) {
      place.replaceChildren(h("p", { class: "problem" }, error.message));
    }
    ask.ariaDisabled = "false";
  });
  const { payment } = order;
  return [
    h("h3", {}, "As we have them"),
    facts([
      ["Reference", order.paymentReference ?? "none yet"],
      ["Paid", payment && `${money(payment.amountKobo, payment.currency)} at ${moment(payment.paidAt)}`],
      ["Confirmed", payment && (payment.verifiedAt ? `by PayStack at ${moment(payment.verifiedAt)}` : "not yet")],
      ["Declined", order.declined && `${order.declined.reason} at ${moment(order.declined.at)}`],
      ["To be cancelled", order.cancelRequested && `by ${order.cancelRequested.by} at ${moment(order.cancelRequested.at)}: ${order.cancelRequested.reason}`],
      ["Unconfirmed", order.denials.map((each) => each.said).join("; ")],
      ["Refunds due", order.refundsDue.filter((each) => !each.settledAt).map((each) => `${money(each.amount, each.currency)} of ${each.reference}: ${each.why}`).join("; ")],
      ["Refunds", order.refunds.map((each) => `${money(each.amount, each.currency)}, ${each.status}`).join("; ")],
      ["Disputes", order.disputes.map((each) => `${each.disputeId}: ${each.status}`).join("; ")],
      ["Link checks", order.linkChecks ? String(order.linkChecks) : null],
    ]),
    h("h3", {}, "As PayStack has them"),
    order.paymentReference ? ask : null,
    place,
  ].filter(Boolean);
}

function atPaystack({ answer, payment }) {
  if (answer) return h("p", {}, answer);
  const { currency, refunds, disputes } = payment;
  const amount = (kobo) => (kobo === null ? null : money(kobo, currency));
  return facts([
    ["Reference", payment.reference],
    ["Status", pill(payment.status, PAYSTACK_TONES[payment.status] ?? "over")],
    ["Amount", `${amount(payment.amount)}${payment.requestedAmount === null || payment.requestedAmount === payment.amount ? "" : `, asked for ${amount(payment.requestedAmount)}`}`],
    ["Fees", amount(payment.fees) ?? "not given"],
    ["Channel", payment.channel ?? "not given"],
    ["Gateway", payment.gatewayResponse],
    ["Paid at", payment.paidAt && time(payment.paidAt)],
    ["Refunds", refunds.length ? lines(refunds.map((each) =>
      `${money(each.amount, each.currency)}, ${each.status} (refund ${each.refundId}${each.byUs ? "" : ", made in PayStack's dashboard"})`)) : "none"],
    ["Disputes", disputes.length ? lines(disputes.map((each) =>
      [`dispute ${each.disputeId}: ${each.status}`, each.category, each.refundAmount && `${amount(each.refundAmount)} wanted back`,
        each.dueAt && `to be answered by ${moment(each.dueAt)}`, each.resolution].filter(Boolean).join(", "))) : "none"],
  ]);
}

const PAYSTACK_TONES = { success: "good", failed: "bad", reversed: "waiting", abandoned: "over", ongoing: "busy", pending: "busy", processing: "busy", queued: "busy" };

const lines = (texts) => h("ul", { class: "list" }, ...texts.map((text) => h("li", {}, text)));

function emails(order) {
  const sent = facts([
    ["Link", order.paymentReference ? (order.linkWasSent ? "was sent" : "was not sent by e-mail: the app shows it") : "none yet"],
    ["Notices", order.notices.join(", ") || "none"],
  ]);
  const missing = unread(order, "e-mails");
  if (missing) return [sent, missing];
  if (order.mails === null) return [sent, hint("SES keeps no e-mails: these are the notices that the record has.")];
  return [sent, order.mails.length
    ? h("div", { class: "stack" }, ...order.mails.map((mail) => h("details", {}, h("summary", {}, mail.subject, " ", h("span", { class: "hint" }, moment(mail.at))), h("pre", { tabindex: "0" }, mail.text))))
    : hint("No e-mail about it is in the local mailbox.")];
}

function auditTable({ audit }) {
  return table("Audit", ["At", "Act", "By", "From", "Outcome", "Why", "Request"], audit.map((entry) => [
    time(entry.at), entry.action, entry.actor, entry.source, entry.outcome, entry.details.operatorReason ?? entry.reason, correlation(entry),
  ]));
}

/** What the lines of one request share: its trace, where it has one. */
function correlation({ correlationId, traceLink }) {
  if (!correlationId) return "";
  return traceLink ? h("a", { href: traceLink, target: "_blank", rel: "noopener" }, correlationId) : h("code", {}, correlationId);
}
