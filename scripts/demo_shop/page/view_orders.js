/* The customer's orders, the newest first, page by page. */

import { announce, h, heading, pill, problem, run, show, working } from "./dom.js";
import { moment, money, number } from "./locale.js";
import { inWords, payableAt } from "./words.js";

const PAGE_SIZE = 8;
/** So many lines name an order. */
const NAMED = 3;

export function ordersView({ api, book }) {
  const list = h("ul", { class: "orders" });
  const empty = h("p", { class: "card", hidden: true }, "No orders yet. ", h("a", { href: "/" }, "Send your first list"), ".");
  const [place, loading] = [problem(), working("Loading your orders …")];
  const more = h("button", { type: "button", class: "quiet", hidden: true });
  const items = new Map();
  let nextToken = null;

  async function load() {
    try {
      const page = await api.myOrders(PAGE_SIZE, nextToken);
      nextToken = page.nextToken;
      const added = page.items.map(add);
      empty.hidden = items.size > 0;
      show(more, nextToken !== null, list);
      more.textContent = "Show older orders";
      return added;
    } catch (error) {
      more.textContent = "Try again";
      more.hidden = false;
      throw error;
    } finally {
      loading.say("");
    }
  }

  async function loadMore() {
    const added = await load();
    added[0]?.querySelector("a").focus();
    if (added.length) announce(`${added.length} older orders shown.`);
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
    if (!items.has(order.orderId)) items.set(order.orderId, orderItem(order.orderId));
    const item = items.get(order.orderId);
    item.fill(order);
    return item.element;
  }

  function nextOlder({ createdAt }) {
    return [...list.children].find(({ dataset }) => dataset.createdAt < createdAt);
  }

  /** Orders of later pages are skipped; an update alone does not contain the creation time. */
  function belongsHere(order) {
    return order.createdAt && (nextToken === null || nextOlder(order));
  }

  more.addEventListener("click", () => run(more, place, loadMore));
  const forget = book.onChange((order) => {
    if (items.has(order.orderId)) itemOf(order);
    else if (belongsHere(order)) insert(order);
  });
  run(more, place, load);
  return {
    title: "My orders",
    element: h("div", {}, heading("My orders"), loading, list, empty, h("div", { class: "actions" }, more), place),
    leave: forget,
  };
}

/** An order in the list. Its links stay the same elements, so that they keep the focus. */
function orderItem(orderId) {
  const open = h("a", { class: "open", href: `/orders/${orderId}` });
  const pay = h("a", { class: "button pay", target: "_blank", rel: "noopener noreferrer", hidden: true });
  const element = h("li", { class: "card" }, open, pay);

  function fill(order) {
    const link = payableAt(order);
    const total = order.totalKobo ? money(order.totalKobo, order.currency) : "";
    element.dataset.createdAt = order.createdAt;
    open.replaceChildren(
      h("span", { class: "what" }, summary(order)),
      pill(inWords(order)),
      h("time", { class: "hint", datetime: order.createdAt }, moment(order.createdAt)),
      h("span", { class: "total" }, total),
    );
    if (link && pay.getAttribute("href") !== link) {
      pay.href = link;
      pay.replaceChildren(`Pay ${total}`, h("span", { class: "unseen" }, ` for ${summary(order)} (opens in a new tab)`));
    }
    show(pay, link !== null, open);
  }

  return { element, fill };
}

function summary({ lines, unmatched }) {
  const texts = [...lines, ...(unmatched ?? [])].map(({ text }) => text);
  if (!texts.length) return "A list";
  const others = texts.length - NAMED;
  // One more is written out: "and 1 more" would not be shorter.
  return others > 1 ? `${texts.slice(0, NAMED).join(", ")} and ${number(others)} more` : texts.join(", ");
}
