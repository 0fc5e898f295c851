/* The sign-in form: e-mail address, password, and the code of an authenticator app. */

import { h, problem, whenSubmitted } from "./dom.js";
import { signIn } from "./session.js";

/** `onSignedIn(session)` is called with the new session; `notice` is the reason for a new sign-in. */
export function signInView(onSignedIn, notice) {
  const place = problem();
  const form = h(
    "form",
    { class: "card narrow", "aria-labelledby": "sign-in-title" },
    h("h1", { id: "sign-in-title", tabindex: "-1" }, "Sign in"),
    h("p", { class: "hint" }, notice ?? "Order groceries with a list in your own words."),
    field("E-mail", { name: "email", type: "email", autocomplete: "username" }),
    field("Password", { name: "password", type: "password", autocomplete: "current-password" }),
    field(
      "Code",
      { name: "code", inputmode: "numeric", pattern: "[0-9 ]{6,7}", autocomplete: "one-time-code" },
      "The 6 digits that your authenticator app shows.",
    ),
    place,
    h("button", { type: "submit" }, "Sign in"),
  );
  whenSubmitted(form, place, async (content) => {
    const code = content.get("code").replaceAll(" ", "");
    onSignedIn(await signIn(content.get("email"), content.get("password"), code));
  });
  return { title: "Sign in", element: form };
}

function field(label, attributes, hint) {
  const hintId = hint ? `${attributes.name}-hint` : null;
  return h(
    "div",
    { class: "field" },
    h("label", { for: attributes.name }, label),
    h("input", { id: attributes.name, required: true, "aria-describedby": hintId, ...attributes }),
    hint ? h("p", { id: hintId, class: "hint" }, hint) : null,
  );
}
