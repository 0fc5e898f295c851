/* The products of an order: a table, cards on a narrow screen, folded where there are many. */

import { h } from "./dom.js";
import { money, number } from "./locale.js";
import { hasEnded } from "./words.js";

/** So many lines are shown of a list that has clearly more. */
const FOLDED = 10;
const FOLDS_FROM = 14;

/** The section of the products; `render(order)` fills it. */
export function productsSection() {
  const lines = h("div", { id: "lines" });
  const unmatched = h("div", { class: "optional" });
  let [all, order] = [false, null];
  const more = h("button", { type: "button", class: "quiet", hidden: true, "aria-controls": "lines", on: { click: unfold } });
  const element = h("section", { class: "card", "aria-label": "Products" }, lines, more, unmatched);

  function unfold() {
    all = !all;
    fill();
  }

  function fill() {
    const folds = order.lines.length >= FOLDS_FROM;
    const shown = folds && !all ? FOLDED : order.lines.length;
    lines.replaceChildren(order.lines.length ? linesTable(order, shown) : nothingYet(order));
    more.hidden = !folds;
    more.ariaExpanded = String(all);
    more.textContent = all ? `Show the first ${FOLDED} only` : `Show all ${number(order.lines.length)} products`;
  }

  return {
    element,
    render(changed) {
      order = changed;
      fill();
      unmatched.replaceChildren(...unmatchedLines(order.unmatched ?? []));
    },
  };
}

// The roles are what the elements have by themselves; browsers drop them where CSS makes cards of the rows.
function linesTable(order, shown) {
  const { currency } = order;
  const hidden = order.lines.length - shown;
  return h(
    "table",
    { role: "table", "aria-rowcount": order.lines.length + 2 },
    h("caption", {}, "Products"),
    h("thead", { role: "rowgroup" },
      h("tr", { role: "row" },
        h("th", { scope: "col", role: "columnheader" }, "Product"),
        h("th", { scope: "col", role: "columnheader" }, "Packs"),
        h("th", { scope: "col", role: "columnheader" }, "Price"),
        h("th", { scope: "col", role: "columnheader" }, "Total"))),
    h("tbody", { role: "rowgroup" }, ...order.lines.slice(0, shown).map((line) => lineRow(line, currency)),
      hidden ? h("tr", { role: "row", class: "fold" },
        h("td", { role: "cell", colspan: "4" }, `… and ${number(hidden)} more products`)) : null),
    h("tfoot", { role: "rowgroup" },
      h("tr", { role: "row" },
        h("th", { scope: "row", role: "rowheader", colspan: "3" }, "Total"),
        h("td", { role: "cell" }, money(order.totalKobo, currency)))),
  );
}

function lineRow(line, currency) {
  return h(
    "tr",
    { role: "row" },
    h("th", { scope: "row", role: "rowheader" },
      h("span", { class: "name" }, `${line.name} (${line.packSize})`),
      h("span", { class: "hint" }, lineRemarks(line, currency).join(" · "))),
    cell("Packs", number(line.packs)),
    cell("Price", money(line.unitPriceKobo, currency)),
    cell("Total", money(line.lineTotalKobo, currency)),
  );
}

function cell(label, text) {
  return h("td", { role: "cell", "data-label": label }, text);
}

function lineRemarks({ text, notes, priceNote, priceNoteCurrency, packing }, currency) {
  const other = priceNoteCurrency && priceNoteCurrency !== currency ? ` (${priceNoteCurrency})` : "";
  const price = priceNote ? `You wrote a price: ${priceNote}${other}` : "";
  return [`You wrote: ${text}`, ...notes, price, packing].filter(Boolean);
}

function nothingYet(order) {
  return h("p", { class: "hint" }, hasEnded(order) ? "Nothing was ordered." : "The products appear here as soon as they are found.");
}

function unmatchedLines(lines) {
  if (!lines.length) return [];
  return [
    h("h2", {}, "Not found"),
    h("ul", { class: "unmatched" }, ...lines.map(({ text, reason, question, alternatives }) =>
      h("li", {},
        h("strong", {}, text),
        h("span", { class: "hint" }, reason),
        ...(question ? [h("span", { class: "question" }, question)] : nearest(alternatives))))),
  ];
}

function nearest(alternatives) {
  const names = alternatives.map(({ name }) => name);
  return names.length ? [h("span", { class: "hint" }, `Did you mean: ${names.join(", ")}?`)] : [];
}
