/* One order: status, lines and payment. */

import { againButton } from "./again.js";
import { h, heading, pill, problem, working } from "./dom.js";
import { moment } from "./locale.js";
import { productsSection } from "./order_lines.js";
import { ratingSection } from "./order_rating.js";
import { statusSection } from "./order_status.js";
import { isInReview, reviewSection } from "./review.js";
import { orderNotFound } from "./view_not_found.js";
import { inWords } from "./words.js";

const CLOCK_MS = 1_000;

export function orderView(context, orderId) {
  const { api, book, refresh } = context;
  const title = heading("Your order");
  const status = h("span", { class: "status" });
  const stands = statusSection(title, async () => book.take(await api.cancelOrder(orderId)));
  const review = reviewSection(context, title);
  const products = productsSection();
  const rating = ratingSection(async (answer) => book.take(await api.rateOrder(orderId, answer)));
  const orderAgain = againButton(context);
  const details = h("p", { class: "hint" });
  const content = h("div", { class: "order", hidden: true }, stands.element, rating.element, review.element,
    products.element, h("div", { class: "actions" }, orderAgain.element), details);
  const [loading, place] = [working("Loading your order …"), problem()];
  const again = h("button", { type: "button", class: "quiet", hidden: true, on: { click: load } }, "Try again");
  const element = h("div", {}, h("div", { class: "title" }, title, status), loading, place, again, content);

  function render(order) {
    loading.say("");
    content.hidden = false;
    status.replaceChildren(pill(inWords(order)));
    stands.render(order);
    review.render(order);
    products.render(order);
    products.element.hidden = isInReview(order);
    orderAgain.render(order);
    rating.render(order);
    const sent = order.createdAt ? `Sent ${moment(order.createdAt)}. ` : "";
    details.textContent = `${sent}Order number ${order.orderId}.`;
  }

  async function load() {
    place.textContent = "";
    again.hidden = true;
    try {
      await refresh(orderId);
    } catch (error) {
      loading.say("");
      if (error.type === "OrderNotFound") return showNotFound();
      place.textContent = error.message;
      again.hidden = false;
    }
  }

  function showNotFound() {
    element.replaceChildren(orderNotFound());
    element.querySelector("h1").focus();
  }

  const forget = book.onChange((order) => order.orderId === orderId && render(order));
  const clock = setInterval(stands.tick, CLOCK_MS);
  if (book.get(orderId)) render(book.get(orderId));
  load();
  return {
    title: "Your order",
    element,
    leave() {
      forget();
      clearInterval(clock);
    },
  };
}
