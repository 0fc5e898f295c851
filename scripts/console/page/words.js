/* Statuses, money and times in words. */

const TONES = {
  PENDING_MATCHING: "busy", MATCHED: "busy", AWAITING_REVIEW: "ready", PAYMENT_INITIATED: "ready", PAYMENT_DELAYED: "waiting",
  NEEDS_ATTENTION: "waiting", PAYMENT_COMPLETED: "good", EXPIRED: "over", CANCELLED: "over", REJECTED: "over",
  FAILED: "bad", RUNNING: "busy", SUCCEEDED: "good", TIMED_OUT: "bad", ABORTED: "bad",
};
const OUTCOMES = {
  running: ["busy", "running"], error: ["waiting", "failed, to be tried again"], succeeded: ["good", "succeeded"],
  caught: ["waiting", "failed, and was caught"], failed: ["bad", "failed"],
};
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const MOMENT = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const COUNT = new Intl.NumberFormat("en");
const AMOUNT = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** The colour of a status. */
export const tone = (status) => TONES[status] ?? "over";

/** The colour and words of a visit's outcome. */
export const outcomeInWords = (outcome) => OUTCOMES[outcome];

/** The providers' names by their keys. */
export const PROVIDERS = { paystack: "PayStack", bedrock: "Bedrock" };

/** An amount in the currency's minor unit, as commands write it: "₦4,440.00"; of another currency "GHS 4,440.00". */
export const money = (minor, currency = "NGN") => `${currency === "NGN" ? "₦" : `${currency} `}${AMOUNT.format(minor / 100)}`;

/** A number with its noun: "1 order", "1,200 orders". */
export const plural = (number, noun) => `${COUNT.format(number)} ${noun}${number === 1 ? "" : "s"}`;

/** "14:02", in the reader's time zone. */
export const clock = (iso) => CLOCK.format(new Date(iso));

/** "29 Nov, 14:02:07", in the reader's time zone. */
export const moment = (iso) => MOMENT.format(new Date(iso));

/** A length of time: "420 ms", "3.2 s", "4 min", "2 h 5 min". */
export function span(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d`;
}

/** The time from one moment to another. */
export const age = (iso, until) => span(Math.max((new Date(until) - new Date(iso)) / 1000, 0));

/** The first characters of an id, which commands and the search take, too. */
export const short = (id) => id.slice(0, 8);
