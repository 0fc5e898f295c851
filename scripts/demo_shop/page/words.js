/* What the page makes of an order: its status in words, and what can be done with it. */

const STATUSES = {
  PENDING_MATCHING: ["busy", "Finding your products"],
  MATCHED: ["busy", "Products found"],
  AWAITING_REVIEW: ["ready", "To be checked"],
  PAYMENT_INITIATED: ["ready", "Ready to pay"],
  PAYMENT_DELAYED: ["waiting", "Payment delayed"],
  NEEDS_ATTENTION: ["waiting", "Payment delayed"],
  PAYMENT_COMPLETED: ["good", "Paid"],
  EXPIRED: ["over", "Expired"],
  CANCELLED: ["over", "Cancelled"],
  REJECTED: ["bad", "Not possible"],
  FAILED: ["bad", "Something went wrong"],
};
const RECEIVED = ["busy", "Payment received, being confirmed"];
const CANCELLING = ["waiting", "Cancelling"];
const ENDED = new Set(["PAYMENT_COMPLETED", "EXPIRED", "CANCELLED", "REJECTED"]);

/** A status for the customer: its tone, title and, in the API's own words, what it means. */
export function inWords(order) {
  const [tone, title] = words(order);
  return { tone, title, meaning: order.message ?? "" };
}

function words(order) {
  if (isReceived(order)) return RECEIVED;
  return isBeingCancelled(order) ? CANCELLING : STATUSES[order.status];
}

/** Whether the status is final. */
export function hasEnded(order) {
  return ENDED.has(order.status);
}

/** Whether we are at work on the order at this moment, so that it should change within seconds. */
export function isBeingWorkedOn(order) {
  return words(order)[0] === "busy";
}

/** The address to pay the order now; null if it can't be paid. */
export function payableAt(order, now = Date.now()) {
  if (order.status !== "PAYMENT_INITIATED" || isReceived(order) || isBeingCancelled(order)) return null;
  if (order.paymentLinkExpiresAt && new Date(order.paymentLinkExpiresAt) <= now) return null;
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
