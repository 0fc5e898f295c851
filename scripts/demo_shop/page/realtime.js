/* Follows a customer's orders for as long as the page is open, over one channel after the other. */

import { Channel } from "./channel.js";

const QUERY = `subscription($customerId: ID!) {
  onOrderUpdated(customerId: $customerId) {
    orderId status message totalKobo currency paymentLink paymentReceived cancelRequestedAt refundState updatedAt version
    lines {
      text productId name packs packSize unitPriceKobo lineTotalKobo notes packing priceNote priceNoteCurrency
      alternatives { productId name }
    }
  }
}`;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;
/** A channel that lived so long was no failure: the next one is opened at once. */
const SETTLED_MS = 10_000;

export class Follower {
  #session;
  #hooks;
  #live = null;
  #opening = null;
  #failures = 0;
  #liveSince = 0;
  #retry = null;

  /**
   * Hooks: `onUpdate(update)`; `onMissed()` where an update came without its content; `onLive()` whenever
   * updates begin to come, for what was missed until then; `onLost()` when they stop coming; `onRefused()`
   * when the token is not taken any more: `renew` goes on, `stop` ends it.
   */
  constructor(session, hooks) {
    this.#session = session;
    this.#hooks = hooks;
  }

  start() {
    this.#open();
  }

  /** Moves to a channel with the token of a renewed session; until it is live the old one stays. */
  renew(session) {
    this.#session = session;
    this.#open();
  }

  /** Begins anew, where the connection can't be trusted: after a sleep, or in another network. */
  restart() {
    this.#drop();
    this.#hooks.onLost();
    this.#failures = 0;
    this.#open();
  }

  stop() {
    this.#drop();
    clearTimeout(this.#retry);
    this.#opening?.close();
    this.#opening = null;
  }

  #open() {
    clearTimeout(this.#retry);
    this.#opening?.close();
    const channel = new Channel(this.#session, QUERY, {
      onLive: () => this.#goLive(channel),
      onData: (payload) => this.#deliver(payload),
      onEnd: (errors) => this.#lose(channel, errors),
    });
    this.#opening = channel;
  }

  #goLive(channel) {
    this.#drop();
    this.#live = channel;
    this.#opening = null;
    this.#liveSince = Date.now();
    this.#hooks.onLive();
  }

  #drop() {
    this.#live?.close();
    this.#live = null;
  }

  #deliver({ data }) {
    const update = data?.onOrderUpdated;
    if (update) this.#hooks.onUpdate(update);
    else this.#hooks.onMissed();
  }

  #lose(channel, errors) {
    if (channel === this.#live) {
      this.#live = null;
      if (Date.now() - this.#liveSince >= SETTLED_MS) this.#failures = 0;
      if (this.#opening) return this.#hooks.onLost();
    } else {
      this.#opening = null;
    }
    if (!this.#live) this.#hooks.onLost();
    const refused = errors.some(({ errorType }) => errorType?.startsWith("Unauthorized"));
    if (refused) this.#hooks.onRefused();
    else this.#retryLater();
  }

  #retryLater() {
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures);
    this.#failures += 1;
    // All pages lose a server at the same time, so their reconnects need random delays.
    this.#retry = setTimeout(() => this.#open(), pause * (0.5 + Math.random() / 2));
  }
}
