/* One order: status, lines and payment. */

import { h, heading, problem, show } from "./dom.js";
import { hasEnded, inWords, isCancellable, moment, naira, payableAt, timeLeft } from "./words.js";

const STEPS = ["List sent", "Products found", "Ready to pay", "Paid"];
const STEPS_DONE = {
  PENDING_MATCHING: 1, MATCHED: 2, PAYMENT_DELAYED: 2, NEEDS_ATTENTION: 2, PAYMENT_INITIATED: 3, PAYMENT_COMPLETED: 4,
};
const CLOCK_MS = 5_000;
const SHOP_CURRENCY = "NGN";

export function orderView({ api, book, refresh }, orderId) {
  const title = heading("Your order");
  const parts = {
    title,
    pill: h("span", { class: "pill" }),
    steps: h("ol", { class: "steps", "aria-label": "Progress" }),
    meaning: h("p", { class: "meaning" }),
    pay: h("a", { class: "button", target: "_blank", rel: "noopener noreferrer" }),
    expiry: h("p", { class: "hint" }),
    cancel: h("button", { type: "button", class: "quiet" }, "Cancel order"),
    lines: h("div", { class: "scroll" }),
    unmatched: h("div", { class: "optional" }),
    details: h("p", { class: "hint" }),
    problem: problem(),
  };
  const dialog = cancelDialog(async () => book.take(await api.cancelOrder(orderId)), parts.problem);
  parts.cancel.addEventListener("click", () => dialog.showModal());
  const element = h(
    "div",
    { hidden: true },
    h("div", { class: "title" }, title, parts.pill),
    h("section", { class: "card", "aria-label": "Where it stands" },
      parts.steps, parts.meaning, h("div", { class: "actions" }, parts.pay, parts.cancel), parts.expiry),
    h("section", { class: "card", "aria-label": "Products" }, parts.lines, parts.unmatched),
    parts.details,
    dialog,
  );

  function update(order) {
    element.hidden = false;
    render(parts, order);
  }

  const forget = book.onChange((order) => order.orderId === orderId && update(order));
  const clock = setInterval(() => book.get(orderId) && renderExpiry(parts, book.get(orderId)), CLOCK_MS);
  if (book.get(orderId)) update(book.get(orderId));
  refresh(orderId).catch((error) => {
    parts.problem.textContent = error.message;
  });
  return {
    title: "Your order",
    element: h("div", {}, element, parts.problem),
    leave() {
      forget();
      clearInterval(clock);
    },
  };
}

function render(parts, order) {
  const { tone, title, meaning } = inWords(order);
  parts.pill.className = `pill ${tone}`;
  parts.pill.textContent = title;
  parts.meaning.textContent = meaning;
  renderSteps(parts.steps, order);
  renderPayment(parts, order);
  parts.lines.replaceChildren(order.lines.length ? linesTable(order) : nothingYet(order));
  parts.unmatched.replaceChildren(...unmatchedLines(order.unmatched ?? []));
  const sent = order.createdAt ? `Sent ${moment(order.createdAt)}. ` : "";
  parts.details.textContent = `${sent}Order number ${order.orderId}.`;
}

function renderSteps(place, order) {
  const done = STEPS_DONE[order.status];
  place.hidden = done === undefined;
  place.replaceChildren(
    ...STEPS.map((step, index) =>
      h("li", { class: index < done ? "done" : null, "aria-current": index === done - 1 ? "step" : null }, step),
    ),
  );
}

function renderPayment(parts, order) {
  const link = payableAt(order);
  if (link) {
    parts.pay.href = link;
    parts.pay.replaceChildren(`Pay ${naira(order.totalKobo)}`, h("span", { class: "unseen" }, " (opens in a new tab)"));
  }
  show(parts.pay, link !== null, parts.title);
  show(parts.cancel, isCancellable(order), parts.title);
  renderExpiry(parts, order);
}

function renderExpiry(parts, order) {
  const expires = order.paymentLinkExpiresAt;
  const shown = payableAt(order) !== null && Boolean(expires);
  parts.expiry.hidden = !shown;
  if (!shown) return;
  const left = timeLeft(expires);
  parts.expiry.replaceChildren(
    left ? `The link is valid for ${left}, until ` : "The link has run out: it was valid until ",
    h("time", { datetime: expires }, moment(expires)),
    ".",
  );
}

function linesTable(order) {
  return h(
    "table",
    {},
    h("caption", {}, "Products"),
    h("thead", {},
      h("tr", {},
        h("th", { scope: "col" }, "Product"),
        h("th", { scope: "col" }, "Packs"),
        h("th", { scope: "col", class: "price" }, "Price"),
        h("th", { scope: "col" }, "Total"))),
    h("tbody", {}, ...order.lines.map(lineRow)),
    h("tfoot", {},
      h("tr", {},
        h("th", { scope: "row", colspan: "2" }, "Total"),
        h("td", { class: "price" }),
        h("td", {}, naira(order.totalKobo)))),
  );
}

function lineRow(line) {
  return h(
    "tr",
    {},
    h("th", { scope: "row" },
      h("span", {}, `${line.name} (${line.packSize})`),
      h("span", { class: "hint" }, lineRemarks(line).join(" · "))),
    h("td", {}, String(line.packs)),
    h("td", { class: "price" }, naira(line.unitPriceKobo)),
    h("td", {}, naira(line.lineTotalKobo)),
  );
}

function lineRemarks({ text, notes, priceNote, priceNoteCurrency, packing }) {
  const currency = priceNoteCurrency && priceNoteCurrency !== SHOP_CURRENCY ? ` (${priceNoteCurrency})` : "";
  const price = priceNote ? `You wrote a price: ${priceNote}${currency}` : "";
  return [`You wrote: ${text}`, ...notes, price, packing].filter(Boolean);
}

function nothingYet(order) {
  return h("p", { class: "hint" }, hasEnded(order) ? "Nothing was ordered." : "The products appear here as soon as they are found.");
}

function unmatchedLines(lines) {
  if (!lines.length) return [];
  return [
    h("h2", {}, "Not found"),
    h("ul", { class: "unmatched" }, ...lines.map(({ text, reason, question, alternatives }) =>
      h("li", {},
        h("strong", {}, text),
        h("span", { class: "hint" }, reason),
        ...(question ? [h("span", { class: "question" }, question)] : nearest(alternatives))))),
  ];
}

function nearest(alternatives) {
  const names = alternatives.map(({ name }) => name);
  return names.length ? [h("span", { class: "hint" }, `Did you mean: ${names.join(", ")}?`)] : [];
}

/** Asks for a confirmation, because a cancellation is final. */
function cancelDialog(cancel, place) {
  const keep = h("button", { type: "button", class: "quiet" }, "Keep it");
  const end = h("button", { type: "button", class: "danger" }, "Cancel order");
  const dialog = h(
    "dialog",
    { "aria-labelledby": "cancel-title" },
    h("h2", { id: "cancel-title" }, "Cancel this order?"),
    h("p", {}, "Please don't use its payment link any more. We ask the payment provider first whether it was paid."),
    h("div", { class: "actions" }, keep, end),
  );
  keep.addEventListener("click", () => dialog.close());
  end.addEventListener("click", async () => {
    dialog.close();
    place.textContent = "";
    await cancel().catch((error) => {
      place.textContent = error.message;
    });
  });
  return dialog;
}
