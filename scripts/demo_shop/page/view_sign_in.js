/* Signing in, step by step: password, then the authenticator app; and accounts and new passwords. */

import { h, problem, whenSubmitted } from "./dom.js";
import { answerChallenge, changeAccount, signIn } from "./session.js";

const PASSWORD_RULE = "At least 12 characters: capital and small letters, digits and symbols.";
const NOT_CONFIRMED = "UserNotConfirmedException";

/** `onSignedIn(session)` is called with the new session; `notice` is the reason for a new sign-in. */
export function signInView(onSignedIn, notice) {
  const element = h("div", {});
  const flow = new Flow(element, onSignedIn);
  flow.password(notice ?? "Order groceries with a list in your own words.", false);
  return { title: "Sign in", element };
}

class Flow {
  #place;
  #onSignedIn;
  #email = "";

  constructor(place, onSignedIn) {
    this.#place = place;
    this.#onSignedIn = onSignedIn;
  }

  password(hint, focus = true) {
    this.#show("Sign in", hint, "Sign in", [this.#emailField(), passwordField()], async (content) => {
      this.#email = content.get("email");
      try {
        this.#proceed(await signIn(this.#email, content.get("password")));
      } catch (error) {
        if (error.code !== NOT_CONFIRMED) throw error;
        await changeAccount("send-code", { email: this.#email });
        this.#confirm();
      }
    }, [["Create an account", () => this.#signUp()], ["Forgot your password?", () => this.#forgot()]], focus);
  }

  /** Shows the next step of a sign-in, or ends it. */
  #proceed(found) {
    if (!found.challenge) return this.#onSignedIn(found);
    const { step } = found.challenge;
    if (step === "SOFTWARE_TOKEN_MFA") return this.#code(found.challenge);
    if (step === "MFA_SETUP") return this.#setUp(found.challenge);
    return this.#newPassword(found.challenge);
  }

  #code(challenge) {
    const lost = h("details", { class: "hint" },
      h("summary", {}, "Lost your authenticator?"),
      h("p", {}, "Please call the shop. Our staff check who you are and remove the lost app; then sign in ",
        "with your password and set up a new one. Your orders stay."));
    this.#show("Your code", "Your password is right. Now the second step.", "Continue",
      [codeField("The 6 digits that your authenticator app shows."), lost],
      async (content) => this.#proceed(await answerChallenge(challenge, digits(content))), [["Start again", () => this.#restart()]]);
  }

  #setUp(challenge) {
    const uri = `otpauth://totp/Groceries:${encodeURIComponent(challenge.email)}?secret=${challenge.secret}&issuer=Groceries`;
    this.#show("Set up your authenticator", "Each sign-in needs a code of an authenticator app.", "Continue", [
      h("p", {}, "Enter this key in your app, or ", h("a", { href: uri }, "open it in the app of this device"), "."),
      h("p", {}, h("code", { "aria-label": "Key for your app" }, challenge.secret)),
      codeField("The 6 digits that the app shows then."),
    ], async (content) => this.#proceed(await answerChallenge(challenge, digits(content))), [["Start again", () => this.#restart()]]);
  }

  #newPassword(challenge) {
    this.#show("Choose a password", "Your first password was temporary.", "Continue", [newPasswordField()],
      async (content) => this.#proceed(await answerChallenge(challenge, content.get("password"))));
  }

  #signUp() {
    this.#show("Create an account", "We send a code to your address.", "Create account",
      [this.#emailField(), newPasswordField()],
      async (content) => {
        this.#email = content.get("email");
        await changeAccount("sign-up", { email: this.#email, password: content.get("password") });
        this.#confirm();
      }, [["Sign in instead", () => this.#restart()]]);
  }

  #confirm() {
    this.#show("Confirm your address", `We have sent a code to ${this.#email}.`, "Confirm",
      [codeField("The 6 digits in the e-mail.")],
      async (content) => {
        await changeAccount("confirm", { email: this.#email, code: digits(content) });
        this.password("Your address is confirmed. Please sign in.");
      }, [["Start again", () => this.#restart()]]);
  }

  #forgot() {
    this.#show("Reset your password", "We send a code to the address, if it has an account.", "Send code",
      [this.#emailField()],
      async (content) => {
        this.#email = content.get("email");
        await changeAccount("forgot-password", { email: this.#email });
        this.#reset();
      }, [["Sign in instead", () => this.#restart()]]);
  }

  #reset() {
    this.#show("Choose a new password", `We have sent a code to ${this.#email}, if it has an account.`, "Set password",
      [codeField("The 6 digits in the e-mail."), newPasswordField()],
      async (content) => {
        const reset = { email: this.#email, code: digits(content), password: content.get("password") };
        await changeAccount("reset-password", reset);
        this.password("Your new password is set. Please sign in.");
      }, [["Start again", () => this.#restart()]]);
  }

  #restart() {
    this.password("Order groceries with a list in your own words.");
  }

  #emailField() {
    return field("E-mail", { name: "email", type: "email", autocomplete: "username", value: this.#email || null });
  }

  /** Shows a form; `ways` are its other ways, each a label and what it does. */
  #show(title, hint, button, content, action, ways = [], focus = true) {
    const place = problem();
    const form = h("form", { class: "card narrow", "aria-labelledby": "sign-in-title" },
      h("h1", { id: "sign-in-title", tabindex: "-1" }, title),
      h("p", { class: "hint" }, hint),
      ...content,
      place,
      h("button", { type: "submit" }, button),
      ...ways.map(([label, act]) => h("button", { type: "button", class: "quiet", on: { click: act } }, label)),
    );
    whenSubmitted(form, place, action);
    this.#place.replaceChildren(form);
    if (focus) form.querySelector("h1").focus();
  }
}

function passwordField() {
  return field("Password", { name: "password", type: "password", autocomplete: "current-password" });
}

function newPasswordField() {
  const attributes = { name: "password", type: "password", autocomplete: "new-password", minlength: 12 };
  return field("New password", attributes, PASSWORD_RULE);
}

function codeField(hint) {
  const attributes = { name: "code", inputmode: "numeric", pattern: "[0-9 ]{6,7}", autocomplete: "one-time-code" };
  return field("Code", attributes, hint);
}

function digits(content) {
  return content.get("code").replaceAll(" ", "");
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
