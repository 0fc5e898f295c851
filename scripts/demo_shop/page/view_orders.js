/* The customer's orders, the newest first, page by page. */

import { announce, h, heading, problem, show } from "./dom.js";
import { inWords, moment, naira } from "./words.js";

const PAGE_SIZE = 8;

export function ordersView({ api, book }) {
  const list = h("ul", { class: "orders" });
  const empty = h("p", { class: "card", hidden: true }, "No orders yet. ", h("a", { href: "/" }, "Send your first list"), ".");
  const place = problem();
  const more = h("button", { type: "button", class: "quiet", hidden: true }, "Show older orders");
  const items = new Map();
  let nextToken = null;

  async function load() {
    place.textContent = "";
    try {
      const page = await api.myOrders(PAGE_SIZE, nextToken);
      nextToken = page.nextToken;
      const added = page.items.map(add);
      empty.hidden = items.size > 0;
      return added;
    } catch (error) {
      place.textContent = error.message;
      return [];
    }
  }

  function add(order) {
    book.take(order);
    return insert(book.get(order.orderId));
  }

  function insert(order) {
    const item = itemOf(order);
    list.insertBefore(item, nextOlder(order) ?? null);
    empty.hidden = true;
    return item;
  }

  function itemOf(order) {
    if (!items.has(order.orderId)) items.set(order.orderId, h("li", {}));
    return fill(items.get(order.orderId), order);
  }

  function nextOlder({ createdAt }) {
    return [...list.children].find(({ dataset }) => dataset.createdAt < createdAt);
  }

  /** Orders of later pages are skipped; an update alone does not contain the creation time. */
  function belongsHere(order) {
    return order.createdAt && (nextToken === null || nextOlder(order));
  }

  more.addEventListener("click", async () => {
    const added = await load();
    added[0]?.querySelector("a").focus();
    if (added.length) announce(`${added.length} older orders shown.`);
    show(more, nextToken !== null, list);
  });
  const forget = book.onChange((order) => {
    if (items.has(order.orderId)) itemOf(order);
    else if (belongsHere(order)) insert(order);
  });
  load().then(() => show(more, nextToken !== null, list));
  return {
    title: "My orders",
    element: h("div", {}, heading("My orders"), list, empty, place, more),
    leave: forget,
  };
}

/** The item's link stays the same element, so that it keeps the focus. */
function fill(item, order) {
  const { tone, title } = inWords(order);
  const link = item.querySelector("a") ?? item.appendChild(h("a", { class: "card", href: `/orders/${order.orderId}` }));
  link.replaceChildren(
    h("span", { class: "what" }, summary(order)),
    h("span", { class: `pill ${tone}` }, title),
    h("time", { class: "hint", datetime: order.createdAt }, moment(order.createdAt)),
    h("span", { class: "total" }, order.totalKobo ? naira(order.totalKobo) : ""),
  );
  item.dataset.createdAt = order.createdAt;
  return item;
}

function summary({ lines, unmatched }) {
  const texts = [...lines, ...unmatched].map(({ text }) => text);
  return texts.join(", ") || "A list";
}
