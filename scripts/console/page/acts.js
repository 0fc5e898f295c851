/* Acts: a dialog that says what will be done, takes the reason, and does it. */

import { announce, h, problem, whenSubmitted } from "/shop/dom.js";
import * as api from "./api.js";
import { button, command } from "./parts.js";
import { plural, PROVIDERS } from "./words.js";

/** The server acts on so many orders in one request. */
const AT_ONCE = 25;
const VERBS = { resume: "Resume", replay: "Replay", cancel: "Cancel", refund: "Refund", breaker: "Set the breaker" };
const MODES = [["FORCED_OPEN", "Force it open: no call"], ["FORCED_CLOSED", "Force it closed: every call"], ["AUTO", "Leave it to itself"]];

/** Opens the dialog of an act; without an operator who may act, the sign-in first. */
export async function openAct(context, wish) {
  const { operator } = await context.readSession();
  if (operator?.mayAct) return actDialog(context, wish);
  return signInDialog(context, () => openAct(context, wish));
}

function actDialog(context, wish) {
  const chosen = { ...wish };
  let plans = 0;
  const will = h("div", { class: "stack will", role: "status" });
  const place = problem();
  const done = h("p", { class: "done", role: "status" });
  const confirm = h("button", { type: "submit" }, title(wish));
  const form = h("form", { class: "stack" },
    ...choices(chosen, (wrong) => planned(wrong)),
    h("div", { class: "field" }, h("label", { for: "reason" }, "Reason"),
      h("input", { id: "reason", name: "reason", required: true, maxlength: "500", autocomplete: "off" })),
    will, place, done,
    h("div", { class: "actions" }, confirm, button("Close", () => dialog.close())));
  const dialog = modal(title(wish), form);

  /** Shows the plan of what is chosen now: the answer about an earlier choice may come later. */
  async function planned(wrong = "") {
    const number = (plans += 1);
    confirm.disabled = true;
    place.textContent = wrong;
    const toChoose = chosen.act === "breaker" && !chosen.mode;
    will.replaceChildren(...(wrong ? [] : [h("p", { class: "hint" }, toChoose ? "Choose what the breaker does." : "Planning …")]));
    if (wrong || toChoose) return;
    try {
      const plan = await planAll(chosen);
      if (number !== plans) return;
      if (plan.amount) chosen.amount = plan.amount;
      will.replaceChildren(h("ul", { class: "list" }, ...plan.will.map((line) => h("li", {}, line))),
        ...(plan.command ? [h("p", { class: "hint" }, "As on the command line: ", command(plan.command))] : []));
      confirm.disabled = !plan.possible;
    } catch (error) {
      if (number !== plans) return;
      will.replaceChildren();
      place.textContent = error.message;
    }
  }

  whenSubmitted(form, place, async (fields) => {
    const reason = fields.get("reason").trim();
    const outcome = await actOnAll({ ...chosen, reason }, (number) => { done.textContent = `${plural(number, "order")} done …`; });
    done.textContent = outcome;
    announce(outcome);
    confirm.disabled = true;
  });
  dialog.addEventListener("close", () => done.textContent && context.refresh());
  planned();
}

const title = ({ act, orderIds = [] }) =>
  (act === "breaker" ? VERBS[act] : `${VERBS[act]} ${orderIds.length === 1 ? "this order" : plural(orderIds.length, "order")}`);

/** The fields of an act besides its reason. */
function choices(chosen, onChange) {
  if (chosen.act === "breaker") {
    return [h("fieldset", { class: "stack" }, h("legend", {}, `Breaker of ${PROVIDERS[chosen.provider]}`),
      ...MODES.map(([mode, words]) => h("label", { class: "choice" }, h("input", {
        type: "radio", name: "mode", value: mode, required: true,
        on: { change() { chosen.mode = mode; onChange(); } },
      }), words)))];
  }
  if (chosen.act === "refund") {
    return [h("div", { class: "field" }, h("label", { for: "amount" }, "Amount in NGN (all that is left if empty)"),
      h("input", { id: "amount", inputmode: "decimal", autocomplete: "off", on: { change(event) {
        chosen.amount = kobo(event.target.value);
        onChange(Number.isNaN(chosen.amount) ? `${event.target.value} is no amount: write it as 1500 or 1500.50.` : "");
      } } }))];
  }
  return [];
}

/** The amount in kobo that a text names; null of an empty text, NaN of one that names none. */
function kobo(text) {
  const digits = text.trim().replaceAll(",", "");
  if (!digits) return null;
  return /^\d+(\.\d{1,2})?$/.test(digits) && Number(digits) > 0 ? Math.round(Number(digits) * 100) : NaN;
}

async function planAll(wish) {
  const plans = [];
  for (const part of parts(wish)) plans.push(await api.plan(part));
  if (plans.length === 1) return plans[0];
  const will = plans.flatMap((plan) => plan.will);
  return { will: [...new Set(will)], command: null, possible: plans.some((plan) => plan.possible) };
}

async function actOnAll(wish, onProgress) {
  const outcomes = {};
  let number = 0;
  for (const part of parts(wish)) {
    const { done, results } = await api.act(part);
    if (!results) return done;
    for (const outcome of Object.values(results)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    onProgress(number += part.orderIds.length);
  }
  return `${Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(", ")}.`;
}

/** The wish in requests that the server takes. */
function parts(wish) {
  const { orderIds = [], ...rest } = wish;
  if (orderIds.length <= AT_ONCE) return [{ ...rest, orderIds }];
  return Array.from({ length: Math.ceil(orderIds.length / AT_ONCE) }, (_, number) =>
    ({ ...rest, orderIds: orderIds.slice(number * AT_ONCE, (number + 1) * AT_ONCE) }));
}

/** Signs an operator in: address and password, then the next steps that Cognito asks for. */
export function signInDialog(context, then = () => {}) {
  const place = problem();
  const fields = h("div", { class: "stack" }, field("email", "E-mail", "email"), field("password", "Password", "password"));
  const form = h("form", { class: "stack" }, h("p", { class: "hint" }, "Acts need an account of the group ops."), fields, place,
    h("div", { class: "actions" }, h("button", { type: "submit" }, "Sign in"), button("Close", () => dialog.close())));
  const dialog = modal("Sign in", form);
  let challenge = null;

  whenSubmitted(form, place, async (given) => {
    const answer = challenge
      ? await api.answerStep({ step: challenge.step, email: challenge.email, session: challenge.session, answer: given.get("answer") })
      : await api.signIn(given.get("email"), given.get("password"));
    challenge = answer.challenge ?? null;
    if (challenge) return ask(challenge);
    const { operator } = await context.readSession();
    if (!operator.mayAct) {
      place.textContent = "This account is not in the group ops: it may only look.";
      return;
    }
    dialog.close();
    then();
  });

  function ask({ step, secret }) {
    const words = step === "NEW_PASSWORD_REQUIRED" ? "New password" : "Code of your authenticator app";
    fields.replaceChildren(...(secret ? [h("p", {}, "Set up your app with this key: ", h("code", {}, secret))] : []),
      field("answer", words, step === "NEW_PASSWORD_REQUIRED" ? "password" : "text"));
    fields.querySelector("input").focus();
  }
}

const field = (name, words, type) =>
  h("div", { class: "field" }, h("label", { for: name }, words), h("input", { id: name, name, type, required: true, autocomplete: "off" }));

function modal(words, form) {
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, h("h2", { id: "dialog-title" }, words), form);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  form.querySelector("input")?.focus();
  return dialog;
}
