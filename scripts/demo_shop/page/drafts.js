/* The list that is being written: it survives navigation and reloads of its tab until it is sent or its customer signs out. */

const KEY = "unsent-list";

/** The customer's unsent list: its text, and the idempotency key that it is sent with. */
export function readDraft(customerId) {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  return kept?.customerId === customerId ? kept : keepDraft(customerId, "");
}

/** Keeps the text. The key changes with it alone: a list that is sent again makes no second order. */
export function keepDraft(customerId, text, before = null) {
  const key = before?.text === text ? before.key : crypto.randomUUID();
  const draft = { customerId, text, key };
  if (text) sessionStorage.setItem(KEY, JSON.stringify(draft));
  else dropDraft();
  return draft;
}

export function dropDraft() {
  sessionStorage.removeItem(KEY);
}
