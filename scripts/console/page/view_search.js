/* Search: orders by id, customer, payment reference, status, time or error. */

import { h, heading } from "/shop/dom.js";
import * as api from "./api.js";
import { hint, pill, table, time } from "./parts.js";
import { money, plural, short } from "./words.js";

const STATUSES = ["PENDING_MATCHING", "MATCHED", "AWAITING_REVIEW", "PAYMENT_INITIATED", "PAYMENT_DELAYED", "NEEDS_ATTENTION", "FAILED",
  "PAYMENT_COMPLETED", "EXPIRED", "CANCELLED", "REJECTED"];
const SPANS = [["", "any time"], ["15m", "the last 15 minutes"], ["1h", "the last hour"], ["1d", "the last day"], ["7d", "the last 7 days"]];

export async function searchView(context, query) {
  const { q = "", status = "", since = "", after = "" } = query;
  const form = h("form", { class: "card search", role: "search", on: { submit: send } },
    h("div", { class: "field wide" }, h("label", { for: "q" }, "Order, customer, payment reference or error"),
      h("input", { id: "q", name: "q", value: q, autocomplete: "off", spellcheck: "false", "aria-describedby": "q-hint" }),
      h("p", { class: "hint", id: "q-hint" }, "An order's id or its first characters, a customer's id or e-mail address, a payment reference, or words of an error.")),
    h("div", { class: "field" }, h("label", { for: "status" }, "Status"),
      select("status", [["", "any"], ...STATUSES.map((each) => [each, each])], status)),
    h("div", { class: "field" }, h("label", { for: "since" }, "Created in"), select("since", SPANS, since)),
    h("button", { type: "submit" }, "Search"));

  function send(event) {
    event.preventDefault();
    const fields = [...new FormData(form)].filter(([, value]) => value);
    context.go(`/search?${new URLSearchParams(fields)}`);
  }

  function next({ after: last }) {
    if (!last) return null;
    const fields = Object.entries({ q, status, since, after: last }).filter(([, value]) => value);
    return h("p", {}, h("a", { href: `/search?${new URLSearchParams(fields)}` }, "Older orders"));
  }

  const found = await api.search({ q, status, since, after }).then(context.read).catch((error) => ({ error }));
  return { title: "Search", element: h("div", { class: "stack" }, heading("Search"), form, results(found), next(found)) };
}

function results({ error, how, orders }) {
  if (error) return h("p", { class: "problem", role: "alert" }, error.message);
  if (!orders.length) return hint(`No order was found (searched: ${how}).`);
  return h("section", { class: "card", "aria-label": "Orders" },
    hint(`${plural(orders.length, "order")}: ${how}.`),
    table("Orders", ["Order", "Status", "Total", "Created", "Customer", "Why"], orders.map((order) => [
      h("a", { href: `/orders/${order.orderId}` }, short(order.orderId)), pill(order.status), money(order.totalKobo),
      time(order.createdAt), h("a", { href: `/search?q=${order.customerId}`, "aria-label": `Customer ${short(order.customerId)}` }, short(order.customerId)),
      order.text,
    ])));
}

function select(name, options, chosen) {
  return h("select", { id: name, name }, ...options.map(([value, words]) => h("option", { value, selected: value === chosen }, words)));
}
