/* Says whether what is shown is live, and reads orders again by itself while it is not. */

import { h, show } from "./dom.js";
import { timeOfDay } from "./locale.js";

const POLL_MS = 15_000;

export class Liveness {
  #place;
  #catchUp;
  #text = h("span");
  #again = h("button", { type: "button", class: "link", hidden: true, on: { click: () => this.read() } }, "Read again");
  #poll = null;
  #readAt = null;
  #words = "";

  /** `catchUp()` reads the open orders again; it resolves once that is done, and rejects where it failed. */
  constructor(place, catchUp) {
    this.#place = place;
    place.replaceChildren(this.#text, this.#again);
    this.#catchUp = catchUp;
    this.#lose("Connecting …");
  }

  live() {
    this.#stopPolling();
    this.#tell("live", "Live: changes appear by themselves");
    this.read();
  }

  lost() {
    this.#lose("Connection lost; trying again …");
  }

  offline() {
    this.#lose("You are offline.");
  }

  /** Reads the open orders again. */
  async read() {
    await this.#catchUp().then(() => { this.#readAt = Date.now(); }, () => {});
    if (this.#poll) this.#show();
  }

  stop() {
    this.#stopPolling();
    this.#place.hidden = true;
  }

  #lose(words) {
    this.#words = words;
    this.#poll ??= setInterval(() => this.read(), POLL_MS);
    this.#show();
  }

  #stopPolling() {
    clearInterval(this.#poll);
    this.#poll = null;
  }

  #show() {
    const since = this.#readAt ? ` What you see is not live; it was read at ${timeOfDay(this.#readAt)}.` : "";
    this.#tell("lost", `${this.#words}${since}`);
  }

  #tell(state, text) {
    this.#text.textContent = text;
    show(this.#again, state === "lost" && this.#readAt !== null, document.getElementById("main"));
    this.#place.className = `connection ${state}`;
    this.#place.hidden = false;
  }
}
