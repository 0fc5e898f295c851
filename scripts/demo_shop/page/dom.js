/* Builds elements. Texts always become text nodes, never markup. */

import { icon } from "./icons.js";

/**
 * An element. Attributes that are null or false are left out; `on` holds event handlers.
 * Children that are null are left out, too.
 */
export function h(tag, { on = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  for (const [event, handler] of Object.entries(on)) element.addEventListener(event, handler);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The heading of a view, which takes the focus when the view is shown. */
export function heading(text) {
  return h("h1", { tabindex: "-1" }, text);
}

/** Shows or hides an element; a hidden one passes the focus on. */
export function show(element, visible, nextFocus) {
  const focused = element.contains(document.activeElement);
  element.hidden = !visible;
  if (!visible && focused) nextFocus.focus();
}

/** Announces a text to screen readers politely. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

/** The error message of a form or a button; announced as soon as it has a text. */
export function problem() {
  return h("p", { class: "problem", role: "alert", id: `problem-${crypto.randomUUID()}` });
}

/**
 * Says what the page is waiting for; hidden while it has no text. `say(text, count)` changes it: screen readers
 * read the text where it is another, and never the count.
 */
export function working(text = "") {
  const [words, counted] = [h("span", {}, text), h("span", { class: "count", "aria-hidden": "true" })];
  const element = h("p", { class: "working", role: "status", hidden: !text }, icon("busy"), h("span", {}, words, " ", counted));
  element.say = (now, count = "") => {
    element.hidden = !now;
    if (words.textContent !== now) words.textContent = now;
    counted.textContent = count;
  };
  return element;
}

/** The pill of a status, `{ tone, title }`: a colour, an icon and a word. */
export function pill({ tone, title }) {
  return h("span", { class: `pill ${tone}` }, icon(tone), title);
}

/**
 * Runs a button's action, once at a time: the button is busy meanwhile. An error is shown in `place`; one with
 * a `field` marks the form's field of that name, and the focus goes there.
 */
export async function run(button, place, action, form = null) {
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true";
  place.textContent = "";
  for (const field of form?.elements ?? []) accept(field);
  try {
    await action();
  } catch (error) {
    place.textContent = error.message;
    const field = error.field && form?.elements[error.field];
    if (field) reject(field, place);
  } finally {
    button.ariaDisabled = "false";
  }
}

/** Runs a form's action when it is submitted; see `run`. */
export function whenSubmitted(form, place, action) {
  const button = form.querySelector("button[type=submit]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(button, place, () => action(new FormData(form)), form);
  });
}

function reject(field, place) {
  field.ariaInvalid = "true";
  field.dataset.hints ??= field.getAttribute("aria-describedby") ?? "";
  field.setAttribute("aria-describedby", `${place.id} ${field.dataset.hints}`.trim());
  field.focus();
}

function accept(field) {
  if (field.ariaInvalid !== "true") return;
  field.ariaInvalid = null;
  if (field.dataset.hints) field.setAttribute("aria-describedby", field.dataset.hints);
  else field.removeAttribute("aria-describedby");
}
