/* The page: the current view, its refreshing, and the operator's session. */

import { h, announce } from "/shop/dom.js";
import * as api from "./api.js";
import { signInDialog } from "./acts.js";
import { button } from "./parts.js";
import { executionView } from "./view_execution.js";
import { nowView } from "./view_now.js";
import { orderView } from "./view_order.js";
import { searchView } from "./view_search.js";
import { plural, span } from "./words.js";

const main = document.getElementById("main");
const menu = document.getElementById("menu");
const reads = document.getElementById("reads");

let session = null;
let shown = 0;

async function start() {
  api.takeKey();
  document.addEventListener("click", followLink);
  window.addEventListener("popstate", () => showView());
  try {
    await readSession();
  } catch (error) {
    return fail(error);
  }
  showView({ focus: false });
}

/** What views need: requests, navigation, and the session. */
const context = {
  go, refresh: () => showView({ focus: false }), readSession,
  session: () => session,
  isShown: (number) => number === shown,
  read(answer) {
    const { requests, records, seconds, limits } = answer.reads;
    const limited = limits.length ? ` Not all is shown: ${limits.join("; ")}.` : "";
    reads.textContent = `Read ${plural(records, "record")} in ${plural(requests, "request")}, ${span(seconds)}.${limited}`;
    return answer;
  },
};

async function readSession() {
  session = await api.session();
  document.getElementById("stage").textContent = session.stage;
  const { operator } = session;
  document.getElementById("operator").replaceChildren(...(operator
    ? [h("span", { class: "hint" }, operator.email, operator.mayAct ? "" : " (may only look)"),
      button("Sign out", async () => { await api.signOut(); await readSession(); announce("You are signed out."); })]
    : [button("Sign in", () => signInDialog(context))]));
  return session;
}

async function showView({ focus = true } = {}) {
  const number = (shown += 1);
  for (const link of menu.querySelectorAll("a")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  main.setAttribute("aria-busy", "true");
  try {
    const view = await currentView(number);
    if (number !== shown) return;
    document.title = `${view.title} · Orders console`;
    main.replaceChildren(view.element);
    view.shown?.();
    if (focus) (main.querySelector("h1") ?? main).focus();
  } catch (error) {
    if (number === shown) fail(error);
  } finally {
    if (number === shown) main.removeAttribute("aria-busy");
  }
}

function currentView(number) {
  const [, section, id] = location.pathname.split("/");
  const query = Object.fromEntries(new URLSearchParams(location.search));
  if (section === "search") return searchView(context, query);
  if (section === "orders") return orderView(context, decodeURIComponent(id));
  if (section === "runs") return executionView(context, decodeURIComponent(id), query);
  return nowView(context, number);
}

function fail(error) {
  main.replaceChildren(h("h1", { tabindex: "-1" }, "This can't be shown"), h("p", { class: "problem", role: "alert" }, error.message));
}

function go(path) {
  history.pushState(null, "", path);
  scrollTo(0, 0);
  return showView();
}

/** Links within the page don't reload it. */
function followLink(event) {
  const link = event.target.closest("a");
  const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link?.pathname || !plain || link.target || link.origin !== location.origin || link.hash) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

start();
