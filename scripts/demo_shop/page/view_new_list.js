/* The form for a new list. */

import { notUnderstood } from "./again.js";
import { h, heading, problem, whenSubmitted, working } from "./dom.js";
import { dropDraft, keepDraft, readDraft } from "./drafts.js";
import { checkSize, measure } from "./list_size.js";
import { withPatience } from "./patience.js";

const EXAMPLE = "2 cups milk\n1 loaf bread\n3 eggs";

export function newListView({ api, book, session, go }) {
  const customerId = session.claims.sub;
  let draft = readDraft(customerId);
  const list = h("textarea", {
    id: "list", name: "list", rows: "7", required: true,
    placeholder: EXAMPLE, "aria-describedby": "list-hint list-size", autocapitalize: "none",
  });
  list.value = draft.text;
  const review = h("input", { type: "checkbox", id: "review", name: "review" });
  const size = h("p", { id: "list-size", class: "hint size" });
  const [place, wait] = [problem(), working()];
  const form = h(
    "form",
    { class: "card" },
    h("label", { for: "list" }, "Your list"),
    h("p", { id: "list-hint", class: "hint" },
      "In your own words, with amounts if you like; a line or a comma between two things."),
    list,
    size,
    notUnderstood(list),
    h("div", { class: "check" }, review, h("label", { for: review.id }, "Let me check the products before I pay")),
    h("p", { class: "hint" }, `We send the payment link to ${session.claims.email}.`),
    h("button", { type: "submit" }, "Send list"),
    wait,
    place,
  );
  list.addEventListener("input", () => {
    draft = keepDraft(customerId, list.value, draft);
    showSize(size, list.value);
  });
  showSize(size, list.value);
  whenSubmitted(form, place, async () => {
    const { text, key } = draft;
    checkSize(text);
    const { orderId, status } = await withPatience(() => api.submit(text, key, review.checked), wait.say).finally(() => wait.say(""));
    dropDraft();
    book.take(justSent(orderId, status));
    go(`/orders/${orderId}`);
  });
  return {
    title: "New list",
    element: h("div", {}, heading("What do you need?"), form),
  };
}

/** Too long a list is counted, not cut: nothing that was pasted is lost. */
function showSize(place, text) {
  const { used, problem } = measure(text);
  place.textContent = used;
  place.classList.toggle("too-much", problem !== null);
}

/** A new order before its first update. */
function justSent(orderId, status) {
  const message = "We have your list and are looking for its products.";
  return { orderId, status, message, version: 0, lines: [], unmatched: [], totalKobo: 0 };
}
