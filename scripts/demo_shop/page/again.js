/* Orders again: the list of an order that has ended goes back to the form. */

import { h } from "./dom.js";
import { keepDraft } from "./drafts.js";
import { hasEnded } from "./words.js";

/** What an order's list was not understood for, until the form has shown it. */
let marked = null;

/** The button; `render(order)` shows it for orders that have ended and whose list is known. */
export function againButton({ session, go }) {
  let order = null;
  const element = h("button", { type: "button", class: "quiet", hidden: true, on: { click: again } });

  function again() {
    keepDraft(session.claims.sub, order.groceryList);
    marked = order.status === "REJECTED" ? order.unmatched : null;
    go("/");
  }

  return {
    element,
    render(changed) {
      order = changed;
      element.textContent = order.status === "REJECTED" ? "Change the list" : "Order again";
      element.hidden = !hasEnded(order) || !order.groceryList;
    },
  };
}

/** The lines of the list that were not understood, each a button that selects it; null where there are none. */
export function notUnderstood(list) {
  const lines = marked ?? [];
  marked = null;
  if (!lines.length) return null;
  return h("section", { "aria-label": "Not understood" },
    h("h2", {}, "What we did not understand"),
    h("ul", { class: "unmatched" }, ...lines.map(({ text, reason }) =>
      h("li", {}, h("mark", {}, text), h("span", { class: "hint" }, reason), selecting(list, text)))));
}

function selecting(list, text) {
  const start = list.value.indexOf(text);
  if (start < 0) return null;
  const select = () => {
    list.focus();
    list.setSelectionRange(start, start + text.length);
  };
  return h("button", { type: "button", class: "quiet", on: { click: select } }, "Show it in the list");
}
