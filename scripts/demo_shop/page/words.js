/* Statuses, money and times in words. */

const STATUSES = {
  PENDING_MATCHING: ["busy", "Finding your products", "We have your list and are looking for its products."],
  MATCHED: ["busy", "Products found", "We found your products. Your payment link comes next."],
  PAYMENT_INITIATED: ["ready", "Ready to pay", "Please pay with the payment link."],
  PAYMENT_DELAYED: ["waiting", "Payment delayed", "A service that we need is not available right now. Your order is safe."],
  NEEDS_ATTENTION: ["waiting", "Payment delayed", "A service that we need is not available right now. Your order is safe."],
  PAYMENT_COMPLETED: ["good", "Paid", "Your order is paid. Thank you."],
  EXPIRED: ["over", "Expired", "The payment link was not paid in time, so this order has ended."],
  CANCELLED: ["over", "Cancelled", "This order is cancelled. Please don't use its payment link any more."],
  REJECTED: ["bad", "Not possible", "We can't fulfil this order. Please check your list."],
  FAILED: ["bad", "Something went wrong", "Our staff look into it; your order is not lost."],
};
const RECEIVED = ["busy", "Payment received, being confirmed", "We have received your payment and are confirming it with our payment provider."];
const CANCELLING = ["waiting", "Cancelling", "We ask the payment provider first whether the order was paid. Please don't pay it any more."];
const REFUNDS = {
  BEING_GIVEN_BACK: "Money that you paid for this order is being given back.",
  GIVEN_BACK: "Money that you paid for this order was given back.",
};
const ENDED = new Set(["PAYMENT_COMPLETED", "EXPIRED", "CANCELLED", "REJECTED"]);

const NAIRA = new Intl.NumberFormat("en-NG", { style: "currency", currency: "NGN", currencyDisplay: "narrowSymbol" });
const MOMENT = new Intl.DateTimeFormat("en-NG", { dateStyle: "medium", timeStyle: "short" });
const MINUTE = 60_000;

/** A status for the customer: its tone, title and explanation. */
export function inWords(order) {
  const [tone, title, meaning] = words(order);
  const reason = order.status === "REJECTED" ? order.statusReason : null;
  const refund = REFUNDS[order.refundState];
  return { tone, title, meaning: order.message ?? [reason ?? meaning, refund].filter(Boolean).join(" ") };
}

function words(order) {
  if (isReceived(order)) return RECEIVED;
  return isBeingCancelled(order) ? CANCELLING : STATUSES[order.status];
}

/** Whether the status is final. */
export function hasEnded(order) {
  return ENDED.has(order.status);
}

/** The address to pay the order now; null if it can't be paid. */
export function payableAt(order) {
  if (order.status !== "PAYMENT_INITIATED" || isReceived(order) || isBeingCancelled(order)) return null;
  return URL.canParse(order.paymentLink) && /^https?:/.test(order.paymentLink) ? order.paymentLink : null;
}

/** Whether the order can be cancelled now: not one that is paid, or being cancelled already. */
export function isCancellable(order) {
  return !hasEnded(order) && !order.paidAt && !isReceived(order) && !isBeingCancelled(order) && order.version > 0;
}

function isReceived(order) {
  return Boolean(order.paymentReceived) && order.status !== "FAILED";
}

function isBeingCancelled(order) {
  return Boolean(order.cancelRequestedAt) && !hasEnded(order);
}

/** An amount in kobo. */
export function naira(kobo) {
  return NAIRA.format(kobo / 100);
}

/** A moment (ISO 8601), in the reader's time zone. */
export function moment(iso) {
  return MOMENT.format(new Date(iso));
}

/** The time until a moment; null if it has passed. */
export function timeLeft(iso, now = Date.now()) {
  const minutes = Math.floor((new Date(iso) - now) / MINUTE);
  if (minutes < 0) return null;
  if (minutes < 1) return "less than a minute";
  const hours = Math.floor(minutes / 60);
  return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}
