/* The page: the session, the current view, and live updates of orders. */

import { Api } from "./api.js";
import { announce, h } from "./dom.js";
import { dropDraft } from "./drafts.js";
import { Liveness } from "./liveness.js";
import { OrderBook } from "./orders.js";
import { Follower } from "./realtime.js";
import { Renewal, readSession, signOut } from "./session.js";
import { newListView } from "./view_new_list.js";
import { notFoundView } from "./view_not_found.js";
import { orderView } from "./view_order.js";
import { ordersView } from "./view_orders.js";
import { signInView } from "./view_sign_in.js";
import { watch } from "./wakefulness.js";
import { hasEnded, inWords } from "./words.js";

const SIGNED_OUT = "You have been signed out. Please sign in again.";
const IN_ANOTHER_TAB = "You have signed out in another tab.";

const main = document.getElementById("main");
const menu = document.getElementById("menu");
const signOutButton = document.getElementById("sign-out");
const connection = document.getElementById("connection");
/** All tabs of the shop share one session, and so its end. */
const tabs = new BroadcastChannel("session");

/** The services of a session for the views; null without a session. */
let context = null;
let shown = null;

async function start() {
  document.addEventListener("click", followLink);
  window.addEventListener("popstate", () => showView());
  signOutButton.addEventListener("click", leave);
  tabs.addEventListener("message", ({ data }) => followTabs(data));
  try {
    const session = await readSession();
    if (session) enter(session);
    showView({ focus: false });
  } catch (error) {
    main.replaceChildren(h("p", { class: "problem", role: "alert" }, error.message));
  }
}

/* --- session --- */

function enter(session) {
  const book = new OrderBook();
  const api = new Api(session, () => renewal.now());
  const liveness = new Liveness(connection, catchUp);
  const follower = new Follower(session, {
    onUpdate,
    onMissed: () => liveness.read(),
    onLive: () => liveness.live(),
    onLost: () => (navigator.onLine ? liveness.lost() : liveness.offline()),
    onRefused: () => renewal.now(),
  });
  const renewal = new Renewal(session, {
    onRenewed(renewed) {
      context.session = renewed;
      api.renew(renewed);
      follower.renew(renewed);
    },
    onEnded: onSignedOut,
  });
  const unwatch = watch({
    onWake() {
      renewal.whenDue();
      follower.restart();
      liveness.read();
    },
    onOffline: () => liveness.offline(),
    onShown: () => liveness.read(),
  });
  context = { session, api, book, go, refresh, end: () => [follower, renewal, liveness].forEach((each) => each.stop()), unwatch };
  book.onChange(announceChange);
  follower.start();
}

function exit(notice) {
  context.end();
  context.unwatch();
  context = null;
  showView({ notice });
}

async function leave() {
  await signOut().catch(() => {});
  dropDraft();
  tabs.postMessage("signed-out");
  history.replaceState(null, "", "/");
  if (context) exit("You are signed out.");
}

function onSignedOut() {
  if (context) exit(SIGNED_OUT);
}

function onSignedIn(session) {
  tabs.postMessage("signed-in");
  enter(session);
  showView();
}

async function followTabs(event) {
  if (event === "signed-out") {
    dropDraft();
    if (context) exit(IN_ANOTHER_TAB);
  } else if (!context) {
    const session = await readSession().catch(() => null);
    if (!session || context) return;
    enter(session);
    showView();
  }
}

/* --- views --- */

function showView({ focus = true, notice } = {}) {
  shown?.leave?.();
  shown = context ? currentView() : signInView(onSignedIn, notice);
  menu.hidden = signOutButton.hidden = !context;
  for (const link of menu.querySelectorAll("a")) {
    const here = link.pathname === location.pathname;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${shown.title} · Groceries`;
  main.replaceChildren(shown.element);
  if (focus) (main.querySelector("h1") ?? main).focus();
}

function currentView() {
  const [, section, orderId, ...rest] = location.pathname.split("/");
  if (rest.length) return notFoundView();
  if (section === "") return newListView(context);
  if (section !== "orders") return notFoundView();
  return orderId ? orderView(context, orderId) : ordersView(context);
}

function go(path) {
  history.pushState(null, "", path);
  scrollTo(0, 0);
  showView();
}

/** Links within the page don't reload it. */
function followLink(event) {
  const link = event.target.closest("a");
  const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || !plain || link.target || link.origin !== location.origin || link.hash) return;
  event.preventDefault();
  go(link.pathname);
}

/* --- live updates --- */

function onUpdate(update) {
  const before = context.book.get(update.orderId);
  const isNews = context.book.take(update) && !(before?.version >= update.version);
  // Updates contain no unmatched lines, no creation time and no expiry of the link.
  if (isNews) refresh(update.orderId).catch(() => {});
}

/** Reads the orders whose updates may have been missed; rejects where that failed. */
async function catchUp() {
  const open = context?.book.all().filter((order) => !hasEnded(order)) ?? [];
  await Promise.all(open.map(({ orderId }) => refresh(orderId)));
}

/** Reads an order. A new one may not be readable yet: its update follows. */
async function refresh(orderId) {
  const { api, book } = context;
  try {
    book.take(await api.getOrder(orderId));
  } catch (error) {
    const sentOrSeen = book.get(orderId) !== undefined;
    if (!(sentOrSeen && error.type === "OrderNotFound")) throw error;
  }
}

function announceChange(order, before) {
  if (!before || before.version >= order.version) return;
  const { title, meaning } = inWords(order);
  announce(`${title}. ${meaning}`);
}

start();
