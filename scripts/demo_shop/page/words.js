/* Statuses, money and times in words. */

const STATUSES = {
  PENDING_MATCHING: ["busy", "Finding your products", "We have your list and are looking for its products."],
  MATCHED: ["busy", "Products found", "We found your products. Your payment link comes next."],
  PAYMENT_INITIATED: ["ready", "Ready to pay", "Please pay with the payment link."],
  PAYMENT_DELAYED: ["waiting", "Payment delayed", "A service that we need is not available right now. Your order is safe."],
  NEEDS_ATTENTION: ["waiting", "Payment delayed", "A service that we need is not available right now. Your order is safe."],
  PAYMENT_COMPLETED: ["good", "Paid", "Your order is paid. Thank you."],
  EXPIRED: ["over", "Expired", "The payment link was not paid in time, so this order has ended."],
  CANCELLED: ["over", "Cancelled", "This order is cancelled. Nothing will be charged."],
  REJECTED: ["bad", "Not possible", "We can't fulfil this order. Please check your list."],
  FAILED: ["bad", "Something went wrong", "Our staff look into it; your order is not lost."],
};
const PAID = ["busy", "Payment received", "We have received your payment and are completing your order."];
const ENDED = new Set(["PAYMENT_COMPLETED", "EXPIRED", "CANCELLED", "REJECTED"]);

const NAIRA = new Intl.NumberFormat("en-NG", { style: "currency", currency: "NGN", currencyDisplay: "narrowSymbol" });
const MOMENT = new Intl.DateTimeFormat("en-NG", { dateStyle: "medium", timeStyle: "short" });
const MINUTE = 60_000;

/** A status for the customer: its tone, title and explanation. */
export function inWords(order) {
  const [tone, title, meaning] = isBeingPaid(order) ? PAID : STATUSES[order.status];
  const reason = order.status === "REJECTED" ? order.statusReason : null;
  return { tone, title, meaning: order.message ?? reason ?? meaning };
}

/** Whether the status is final. */
export function hasEnded(order) {
  return ENDED.has(order.status);
}

/** The address to pay the order now; null if it can't be paid. */
export function payableAt(order) {
  if (order.status !== "PAYMENT_INITIATED" || isBeingPaid(order)) return null;
  return URL.canParse(order.paymentLink) && /^https?:/.test(order.paymentLink) ? order.paymentLink : null;
}

function isBeingPaid(order) {
  return order.status === "PAYMENT_INITIATED" && Boolean(order.paidAt);
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
