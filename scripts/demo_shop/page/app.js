/* The page: the session, the current view, and live updates of orders. */

import { Api } from "./api.js";
import { announce, h } from "./dom.js";
import { OrderBook } from "./orders.js";
import { Follower } from "./realtime.js";
import { readSession, signOut } from "./session.js";
import { newListView } from "./view_new_list.js";
import { orderView } from "./view_order.js";
import { ordersView } from "./view_orders.js";
import { signInView } from "./view_sign_in.js";
import { hasEnded, inWords } from "./words.js";

const SIGNED_OUT = "You have been signed out. Please sign in again.";

const main = document.getElementById("main");
const menu = document.getElementById("menu");
const signOutButton = document.getElementById("sign-out");
const connection = document.getElementById("connection");

/** The services of a session for the views; null without a session. */
let context = null;
let shown = null;

async function start() {
  document.addEventListener("click", followLink);
  window.addEventListener("popstate", () => showView());
  document.addEventListener("visibilitychange", () => document.hidden || catchUp());
  signOutButton.addEventListener("click", leave);
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
  const api = new Api(session, onSignedOut);
  const follower = new Follower(session, {
    onUpdate,
    onLive() {
      setConnection("live", "Live: changes appear by themselves");
      catchUp();
    },
    onLost: () => setConnection("lost", "Connection lost; trying again …"),
    onSignedOut,
  });
  context = { session, api, book, follower, expiry: expiryOf(session), go, refresh };
  book.onChange(announceChange);
  setConnection("lost", "Connecting …");
  follower.start();
}

/** The server renews a session in its last five minutes; this page asks in the last one. */
function expiryOf(session) {
  return setTimeout(renew, new Date(session.expiresAt) - Date.now() - 60_000);
}

async function renew() {
  const session = await readSession().catch(() => null);
  if (!context) return;
  if (!session || session.expiresAt === context.session.expiresAt) return onSignedOut();
  context.session = session;
  context.api.renew(session);
  context.follower.renew(session);
  context.expiry = expiryOf(session);
}

function exit(notice) {
  context.follower.stop();
  clearTimeout(context.expiry);
  context = null;
  setConnection(null, "");
  showView({ notice });
}

async function leave() {
  await signOut();
  history.replaceState(null, "", "/");
  exit("You are signed out.");
}

function onSignedOut() {
  if (context) exit(SIGNED_OUT);
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
  const [, section, orderId] = location.pathname.split("/");
  if (section !== "orders") return newListView(context);
  return orderId ? orderView(context, orderId) : ordersView(context);
}

function onSignedIn(session) {
  enter(session);
  showView();
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

/** Reads the updates that were missed while the page was disconnected. */
function catchUp() {
  const open = context?.book.all().filter((order) => !hasEnded(order)) ?? [];
  for (const { orderId } of open) refresh(orderId).catch(() => {});
}

/** Reads an order. A new one may not be readable yet: its update follows. */
async function refresh(orderId) {
  const { api, book } = context;
  try {
    book.take(await api.getOrder(orderId));
  } catch (error) {
    const justSent = book.get(orderId)?.version === 0;
    if (!(justSent && error.type === "OrderNotFound")) throw error;
  }
}

function announceChange(order, before) {
  if (!before || before.version >= order.version) return;
  const { title, meaning } = inWords(order);
  announce(`${title}. ${meaning}`);
}

function setConnection(state, text) {
  connection.hidden = state === null;
  connection.className = `connection ${state}`;
  connection.textContent = text;
}

start();
