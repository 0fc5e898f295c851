/* The form for a new list. */

import { h, heading, problem, whenSubmitted } from "./dom.js";
import { checkSize } from "./list_size.js";
import { withPatience } from "./patience.js";

const EXAMPLE = "2 cups milk\n1 loaf bread\n3 eggs";

export function newListView({ api, book, session, go }) {
  const list = h("textarea", {
    id: "list", name: "list", rows: "7", maxlength: "5000", required: true,
    placeholder: EXAMPLE, "aria-describedby": "list-hint", autocapitalize: "none",
  });
  const place = problem();
  const form = h(
    "form",
    { class: "card" },
    h("label", { for: "list" }, "Your list"),
    h("p", { id: "list-hint", class: "hint" },
      "In your own words, with amounts if you like; a line or a comma between two things."),
    list,
    h("p", { class: "hint" }, `We send the payment link to ${session.claims.email}.`),
    place,
    h("button", { type: "submit" }, "Send list"),
  );
  const keys = idempotencyKeys();
  whenSubmitted(form, place, async () => {
    checkSize(list.value);
    const given = [list.value, keys(list.value)];
    const { orderId, status } = await withPatience(
      () => api.submit(...given),
      (text) => { place.textContent = text; },
    );
    book.take(justSent(orderId, status));
    go(`/orders/${orderId}`);
  });
  return {
    title: "New list",
    element: h("div", {}, heading("What do you need?"), form),
  };
}

/** A new order before its first update. */
function justSent(orderId, status) {
  return { orderId, status, version: 0, lines: [], unmatched: [], totalKobo: 0 };
}

/** The idempotency key: changes only with the list. */
function idempotencyKeys() {
  let [last, key] = [null, null];
  return (text) => {
    if (text !== last) [last, key] = [text, crypto.randomUUID()];
    return key;
  };
}
