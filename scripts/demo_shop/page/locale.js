/* Money, numbers and times as the reader's browser is set to write them. */

const LOCALES = [...navigator.languages];
const MINUTE_MS = 60_000;

const moments = new Intl.DateTimeFormat(LOCALES, { dateStyle: "medium", timeStyle: "short" });
const times = new Intl.DateTimeFormat(LOCALES, { timeStyle: "short" });
const numbers = new Intl.NumberFormat(LOCALES);
const currencies = new Map();

/** An amount in a currency's minor unit (kobo). */
export function money(minor, currency) {
  if (!currencies.has(currency)) {
    currencies.set(currency, new Intl.NumberFormat(LOCALES, { style: "currency", currency, currencyDisplay: "narrowSymbol" }));
  }
  const format = currencies.get(currency);
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

export function number(value) {
  return numbers.format(value);
}

/** A moment (ISO 8601 or a Date), in the reader's time zone. */
export function moment(at) {
  return moments.format(new Date(at));
}

/** The time of day of a moment. */
export function timeOfDay(at) {
  return times.format(new Date(at));
}

/** The time until a moment; null if it has passed. */
export function timeLeft(iso, now = Date.now()) {
  const minutes = Math.floor((new Date(iso) - now) / MINUTE_MS);
  if (minutes < 0) return null;
  if (minutes < 1) return "less than a minute";
  const hours = Math.floor(minutes / 60);
  return hours ? `${number(hours)} h ${minutes % 60} min` : `${minutes} min`;
}
