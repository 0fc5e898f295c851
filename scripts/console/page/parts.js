/* Parts that several views share. */

import { h } from "/shop/dom.js";
import { age, moment, tone } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element; attributes that are null are left out. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const pill = (text, colour = tone(text)) => h("span", { class: `pill ${colour}` }, text);

export const time = (iso) => h("time", { datetime: iso }, moment(iso));

/** The time since a moment. It is empty until `countOn` is called: at each renewal of the view, which may keep the element. */
export const since = (iso) => h("span", { "data-since": iso });

/** Brings the times since moments up to date, which go by while the rest of a view stays as it is. */
export function countOn(view, now) {
  for (const each of view.querySelectorAll("[data-since]")) each.textContent = age(each.dataset.since, now);
}

/** A page of the runbooks, which the console serves; it opens beside the view. */
export const runbook = (page) => h("a", { href: `/runbooks/${page}`, target: "_blank", rel: "noopener" }, `docs/runbooks/${page}`);

/** A card with a heading. */
export function card(title, ...content) {
  return h("section", { class: "card", "aria-label": title }, h("h2", {}, title), ...content);
}

/** Names with their values; those without a value are left out. */
export function facts(rows) {
  const shown = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl", { class: "facts" }, ...shown.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

/** A table; `rows` hold texts or elements. It scrolls sideways where it is too wide. */
export function table(caption, columns, rows) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${caption}: scrolls sideways` }, h("table", {},
    h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {}, ...columns.map((column) => h("th", { scope: "col" }, column)))),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((cell) => h("td", {}, cell ?? "")))))));
}

/** A command to copy. */
export const command = (text) => h("code", { class: "command" }, text);

/** Data as indented JSON; empty data is a dash. */
export function data(value) {
  const text = value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return h("pre", { tabindex: "0" }, text);
}

export const hint = (...content) => h("p", { class: "hint" }, ...content);

export const button = (text, onClick, kind = "quiet") =>
  h("button", { type: "button", class: kind, on: { click: onClick } }, text);

/** What stands in the place of a part that could not be read; null where it was. */
export function unread({ reads }, ...parts) {
  const found = reads.unread.find(({ what }) => parts.some((part) => what.includes(part)));
  return found ? h("p", { class: "unread" }, "Could not be read: ", found.why) : null;
}

/** All that a view could not read, why, and what to do. */
export const unreadCard = ({ reads }) => (reads.unread.length ? h("section", { class: "card problem-card waiting", "aria-labelledby": "unread-title" },
  h("h2", { id: "unread-title" }, "Not all could be read"),
  ...reads.unread.map(({ what, why, advice }) => facts([["Not read", what.join(", ")], ["Why", why], ["What to do", advice]]))) : null);

/** Replaces an element's content where the data differ from those shown: focus stays where it is. */
export function keep(element, content, render) {
  const key = JSON.stringify(content);
  if (element.dataset.shown === key) return;
  element.dataset.shown = key;
  element.replaceChildren(...[render(content)].flat());
}
