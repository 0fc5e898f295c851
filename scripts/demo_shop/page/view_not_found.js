/* An address that leads to nothing of this customer's, and the ways on. */

import { h, heading } from "./dom.js";

/** The view of an address that the shop does not have. */
export function notFoundView() {
  return { title: "Not found", element: notFound("There is no such page", "The address may be mistyped, or old.") };
}

/** What stands in the place of an order that does not exist, or is another customer's. */
export function orderNotFound() {
  return notFound("We can't find this order", "The address may be incomplete, or the order belongs to another account.");
}

function notFound(title, reason) {
  return h("div", {},
    heading(title),
    h("section", { class: "card" },
      h("p", {}, reason),
      h("div", { class: "actions" },
        h("a", { class: "button", href: "/orders" }, "See my orders"),
        h("a", { class: "button quiet", href: "/" }, "Write a new list"))));
}
