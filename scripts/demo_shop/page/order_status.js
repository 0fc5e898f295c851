/* Where an order stands: its progress, what it means, and what the customer can do now. */

import { h, problem, run, show, working } from "./dom.js";
import { moment, money, number, timeLeft } from "./locale.js";
import { inWords, isBeingWorkedOn, isCancellable, payableAt } from "./words.js";

const STEPS = ["List sent", "Products found", "Ready to pay", "Paid"];
const STEPS_DONE = {
  PENDING_MATCHING: 1, MATCHED: 2, AWAITING_REVIEW: 2, PAYMENT_DELAYED: 2, NEEDS_ATTENTION: 2, PAYMENT_INITIATED: 3, PAYMENT_COMPLETED: 4,
};
/** Work that takes longer than this has met a retry; the page says that it goes on. */
const USUAL_SECONDS = 8;

/**
 * The section of an order's status. `render(order)` fills it, `tick()` renews what depends on the time;
 * `cancelOrder()` cancels; `title` takes the focus of what disappears.
 */
export function statusSection(title, cancelOrder) {
  const parts = {
    title,
    steps: h("ol", { class: "steps", "aria-label": "Progress" }),
    meaning: h("p", { class: "meaning" }),
    working: working(),
    pay: h("a", { class: "button", target: "_blank", rel: "noopener noreferrer", hidden: true }),
    cancel: h("button", { type: "button", class: "quiet", hidden: true }, "Cancel order"),
    problem: problem(),
    expiry: h("p", { class: "hint", hidden: true }),
  };
  const dialog = cancelDialog(() => run(parts.cancel, parts.problem, cancelOrder));
  parts.cancel.addEventListener("click", () => dialog.showModal());
  const element = h("section", { class: "card", "aria-label": "Where it stands" },
    parts.steps, parts.meaning, parts.working,
    h("div", { class: "actions" }, parts.pay, parts.cancel), parts.problem, parts.expiry, dialog);
  let [order, since] = [null, 0];

  function tick() {
    if (!order) return;
    renderPayment(parts, order);
    parts.working.say(...busyWords(order, Math.floor((Date.now() - since) / 1000)));
  }

  return {
    element,
    tick,
    render(changed) {
      if (changed.status !== order?.status || changed.paymentReceived !== order?.paymentReceived) since = Date.now();
      order = changed;
      parts.meaning.textContent = inWords(order).meaning;
      renderSteps(parts.steps, order);
      tick();
    },
  };
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

function busyWords(order, seconds) {
  if (!isBeingWorkedOn(order)) return [""];
  if (seconds < USUAL_SECONDS) return ["Working on it …"];
  return ["This takes longer than usual: a service is slow, and we try it again. You need not do anything.", `${number(seconds)} s so far`];
}

function renderPayment(parts, order) {
  const link = payableAt(order);
  if (link && parts.pay.getAttribute("href") !== link) {
    parts.pay.href = link;
    parts.pay.replaceChildren(`Pay ${money(order.totalKobo, order.currency)}`, h("span", { class: "unseen" }, " (opens in a new tab)"));
  }
  show(parts.pay, link !== null, parts.title);
  show(parts.cancel, isCancellable(order), parts.title);
  renderExpiry(parts.expiry, order);
}

function renderExpiry(place, order) {
  const expires = order.paymentLinkExpiresAt;
  place.hidden = order.status !== "PAYMENT_INITIATED" || !expires || !order.paymentLink;
  if (place.hidden) return;
  const left = timeLeft(expires);
  place.replaceChildren(
    left ? `The link is valid for ${left}, until ` : "The link has run out: it was valid until ",
    h("time", { datetime: expires }, moment(expires)),
    left ? "." : ". Please don't use it any more.",
  );
}

/** Asks for a confirmation, because a cancellation is final. */
function cancelDialog(cancel) {
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
  end.addEventListener("click", () => {
    dialog.close();
    cancel();
  });
  return dialog;
}
