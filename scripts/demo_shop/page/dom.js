/* Builds elements. Texts always become text nodes, never markup. */

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

/** The error message of a form; announced as soon as it has a text. */
export function problem() {
  return h("p", { class: "problem", role: "alert" });
}

/** Runs a form's action once at a time: the button is busy meanwhile, and errors are shown. */
export function whenSubmitted(form, place, action) {
  const button = form.querySelector("button[type=submit]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.ariaDisabled === "true") return;
    button.ariaDisabled = "true";
    place.textContent = "";
    try {
      await action(new FormData(form));
    } catch (error) {
      place.textContent = error.message;
    } finally {
      button.ariaDisabled = "false";
    }
  });
}
