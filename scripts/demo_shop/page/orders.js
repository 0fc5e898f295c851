/* The page's orders, each in the newest version received. */

export class OrderBook {
  #orders = new Map();
  #listeners = new Set();

  get(orderId) {
    return this.#orders.get(orderId);
  }

  all() {
    return [...this.#orders.values()];
  }

  /**
   * Takes an order, or an update of one, unless something newer is known; returns whether it did.
   * Updates don't carry all of an order: what they leave out stays.
   */
  take(order) {
    const known = this.#orders.get(order.orderId);
    if (known && known.version > order.version) return false;
    const merged = { ...known, ...order };
    this.#orders.set(order.orderId, merged);
    for (const listener of this.#listeners) listener(merged, known);
    return true;
  }

  /** Calls `listener(order, before)` at each change; the returned function unsubscribes. */
  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
