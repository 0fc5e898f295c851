/* After the payment: one question, how well the list was understood, and which lines are wrong. */

import { h, problem, run } from "./dom.js";

const ANSWERS = [["WELL", "Well: all as I meant it"], ["PARTLY", "Partly: some lines are wrong"], ["BADLY", "Badly: most lines are wrong"]];

/** The section of the question; `render(order)` fills it, `rateOrder(answer)` sends the answer. */
export function ratingSection(rateOrder) {
  const place = problem();
  const wrong = h("fieldset", { hidden: true });
  const button = h("button", { type: "submit" }, "Send answer");
  const answers = h("fieldset", { class: "choices" },
    h("legend", {}, "How well was your list understood?"),
    ...ANSWERS.map(([value, label]) => choice("radio", "understood", value, label)));
  const form = h("form", { class: "rating" }, answers, wrong, h("div", { class: "actions" }, button), place);
  const thanks = h("p", { tabindex: "-1", hidden: true }, "Thank you. Your answer helps us to understand lists better.");
  const element = h("section", { class: "card", "aria-label": "Your opinion", hidden: true }, form, thanks);
  answers.addEventListener("change", () => {
    wrong.hidden = answerOf(form) === "WELL";
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(button, place, send, form);
  });

  async function send() {
    const understood = answerOf(form);
    if (!understood) throw Object.assign(new Error("Please choose an answer."), { field: "well" });
    const marked = [...wrong.querySelectorAll("input:checked")].map(({ value }) => Number(value));
    await rateOrder({ understood, wrongLines: understood === "WELL" ? [] : marked });
    thanks.focus();
  }

  return {
    element,
    render(order) {
      element.hidden = order.status !== "PAYMENT_COMPLETED";
      form.hidden = Boolean(order.rating);
      thanks.hidden = !order.rating;
      // An update must not take the marks that were set.
      if (wrong.childElementCount === 0 && order.lines.length) {
        wrong.append(h("legend", {}, "Which lines are wrong?"),
          ...order.lines.map(({ text, name }, number) => choice("checkbox", "wrong", number, `${text} → ${name}`)));
      }
    },
  };
}

function choice(type, name, value, label) {
  const id = type === "radio" ? value.toLowerCase() : `${name}-${value}`;
  return h("div", { class: "choice" }, h("input", { type, name, value, id }), h("label", { for: id }, label));
}

function answerOf(form) {
  return new FormData(form).get("understood");
}
