/* The review of an order before it is paid: other products, packs, lines, and the confirmation. */

import { h, problem, run, show } from "./dom.js";
import { moment, money, number } from "./locale.js";

const MOST_PACKS = 999;

/** Whether the customer is to look the products over. */
export function isInReview(order) {
  return order.status === "AWAITING_REVIEW";
}

/**
 * The section of the review; `render(order)` fills it and hides it elsewhere. Each change is sent with the version
 * that is shown, so that it never changes another order than the one that the customer sees.
 */
export function reviewSection({ api, book }, title) {
  const [lines, missing, total, ends] = [h("ul", { class: "review" }), h("ul", { class: "unmatched" }), h("p", { class: "total" }), h("p", { class: "hint" })];
  const place = problem();
  const confirm = h("button", { type: "button" });
  const adding = additions({ api }, (productId) => change("addOrderLine", { productId }));
  const element = h("section", { class: "card", "aria-label": "Check your products", hidden: true },
    h("h2", {}, "Check your products"), lines, missing, adding, total, place,
    h("div", { class: "actions" }, confirm), ends);
  let order = null;

  function change(mutation, fields) {
    const { orderId, version } = order;
    return send(orderId, () => api.editOrder(mutation, { orderId, version, ...fields }));
  }

  /** Sends a change; where it is refused, the order is shown as it is. */
  async function send(orderId, request) {
    try {
      book.take(await request());
    } catch (error) {
      if (error.type === "OrderChanged" || error.type === "OrderNotInReview") book.take(await api.getOrder(orderId));
      else fill();
      throw error;
    }
  }

  confirm.addEventListener("click", () => run(confirm, place, () =>
    send(order.orderId, () => api.confirmOrder(order.orderId, order.version))));

  function edit(mutation, control, fields) {
    return run(control, place, () => change(mutation, fields()));
  }

  function fill() {
    const focused = document.activeElement?.id;
    lines.replaceChildren(...order.lines.map((line, index) => lineItem(order, line, index, edit)));
    missing.replaceChildren(...(order.unmatched ?? []).map((line, index) => missingItem(line, index, edit)));
    total.textContent = `Total: ${money(order.totalKobo, order.currency)}`;
    confirm.textContent = `Confirm ${money(order.totalKobo, order.currency)}`;
    ends.textContent = order.reviewEndsAt ? `Please confirm it until ${moment(order.reviewEndsAt)}. The payment link comes next.` : "";
    // The controls are new; who was at one of them goes on there.
    if (focused && element.querySelector(`#${CSS.escape(focused)}`)) document.getElementById(focused).focus();
  }

  return {
    element,
    render(changed) {
      const isNew = changed.version !== order?.version || changed.unmatched !== order?.unmatched;
      order = changed;
      if (isInReview(order) && isNew) fill();
      show(element, isInReview(order), title);
    },
  };
}

function lineItem({ currency, lines }, line, place, edit) {
  const product = h("select", { id: `product-${place}` },
    h("option", { value: line.productId, selected: true }, `${line.name} (${line.packSize})`),
    ...(line.alternatives ?? []).map(({ productId, name }) => h("option", { value: productId }, name)));
  const packs = h("input", {
    id: `packs-${place}`, type: "number", inputmode: "numeric", min: "1", max: String(MOST_PACKS), value: String(line.packs), required: true,
  });
  const remove = h("button", { type: "button", class: "quiet", id: `remove-${place}` }, "Remove", h("span", { class: "unseen" }, ` ${line.name}`));
  product.addEventListener("change", () => edit("updateOrderLine", product, () => ({ line: place, productId: product.value })));
  packs.addEventListener("change", () => {
    if (packs.reportValidity()) edit("updateOrderLine", packs, () => ({ line: place, packs: packs.valueAsNumber }));
  });
  remove.addEventListener("click", () => edit("removeOrderLine", remove, () => ({ line: place })));
  remove.hidden = lines.length === 1;
  return h("li", {},
    h("p", { class: "hint" }, [`You wrote: ${line.text}`, line.packing].filter(Boolean).join(" · ")),
    h("label", { for: product.id }, "Product"), product,
    h("div", { class: "row" },
      h("label", { for: packs.id }, "Packs"), packs,
      h("span", { class: "sum" }, `${number(line.packs)} × ${money(line.unitPriceKobo, currency)} = ${money(line.lineTotalKobo, currency)}`),
      remove));
}

function missingItem({ text, reason, question, alternatives }, place, edit) {
  const choices = (alternatives ?? []).map(({ productId, name }) => {
    const button = h("button", { type: "button", class: "quiet" }, `Add ${name}`);
    button.addEventListener("click", () => edit("addOrderLine", button, () => ({ productId, unmatched: place })));
    return button;
  });
  return h("li", {},
    h("strong", {}, text), h("span", { class: "hint" }, question ?? reason),
    choices.length ? h("div", { class: "actions" }, ...choices) : null);
}

/** Looks for products to add. */
function additions({ api }, add) {
  const text = h("input", { id: "find-product", name: "text", type: "search", maxlength: "100", autocomplete: "off", required: true });
  const find = h("button", { type: "submit", class: "quiet" }, "Find");
  const [found, place] = [h("ul", { class: "found", "aria-label": "Products found" }), problem()];
  const form = h("form", { class: "find" },
    h("label", { for: text.id }, "Add another product"),
    h("div", { class: "row" }, text, find), place, found);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(find, place, async () => {
      const { items } = await api.products(text.value);
      found.replaceChildren(...items.map(offer));
      if (!items.length) place.textContent = "We found no such product.";
    });
  });

  function offer({ productId, name, packSize, unitPriceKobo }) {
    const button = h("button", { type: "button", class: "quiet" }, "Add", h("span", { class: "unseen" }, ` ${name}`));
    button.addEventListener("click", () => run(button, place, async () => {
      await add(productId);
      found.replaceChildren();
      text.value = "";
      text.focus();
    }));
    return h("li", {}, h("span", {}, `${name} (${packSize}), ${money(unitPriceKobo, "NGN")}`), button);
  }

  return form;
}
