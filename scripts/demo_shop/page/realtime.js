/*
 * AppSync's real-time protocol: one subscription, for as long as the page is open.
 * https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
 */

const PROTOCOL = "graphql-ws";
const SUBSCRIPTION_ID = "orders";
const QUERY = `subscription($customerId: ID!) {
  onOrderUpdated(customerId: $customerId) {
    orderId status message totalKobo currency paymentLink paymentReceived cancelRequestedAt refundState updatedAt version
    lines { text name packs packSize unitPriceKobo lineTotalKobo notes packing priceNote priceNoteCurrency }
  }
}`;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;

/** Follows all orders of the session's customer, and reconnects when needed. */
export class Follower {
  #session;
  #hooks;
  #socket = null;
  #failures = 0;
  #retry = null;
  #watchdog = null;
  #patienceMs = 300_000;

  /**
   * Hooks: `onUpdate(update)`; `onLive()` whenever updates begin to come, for what was missed until
   * then; `onLost()` when they stop coming; `onSignedOut()` when the token is not taken any more.
   */
  constructor(session, hooks) {
    this.#session = session;
    this.#hooks = hooks;
  }

  start() {
    this.#socket = new WebSocket(this.#url, [PROTOCOL, `header-${base64Url(this.#authorization)}`]);
    this.#socket.addEventListener("open", () => this.#send({ type: "connection_init" }));
    this.#socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(data)));
    this.#socket.addEventListener("close", () => this.#lose());
    this.#expectSignOfLife();
  }

  /** Connects again, whenever it has to, with the token of a renewed session. */
  renew(session) {
    this.#session = session;
  }

  stop() {
    clearTimeout(this.#retry);
    clearTimeout(this.#watchdog);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  get #url() {
    return this.#session.graphqlUrl.replace(/^http/, "ws");
  }

  get #authorization() {
    return { host: new URL(this.#session.graphqlUrl).host, Authorization: this.#session.idToken };
  }

  #send(message) {
    this.#socket.send(JSON.stringify(message));
  }

  #receive({ type, payload }) {
    if (!this.#socket) return;
    if (type === "connection_ack") this.#patienceMs = payload.connectionTimeoutMs;
    this.#expectSignOfLife();
    switch (type) {
      case "connection_ack":
        return this.#subscribe();
      case "start_ack":
        this.#failures = 0;
        return this.#hooks.onLive();
      case "data":
        return this.#hooks.onUpdate(payload.data.onOrderUpdated);
      case "error":
      case "connection_error":
        return this.#fail(payload.errors ?? []);
    }
  }

  #subscribe() {
    const variables = { customerId: this.#session.claims.sub };
    this.#send({
      id: SUBSCRIPTION_ID,
      type: "start",
      payload: {
        data: JSON.stringify({ query: QUERY, variables }),
        extensions: { authorization: this.#authorization },
      },
    });
  }

  #fail(errors) {
    const refused = errors.some(({ errorType }) => errorType.startsWith("Unauthorized"));
    if (refused) this.#hooks.onSignedOut();
    else this.#socket.close();
  }

  /** A connection without a message within its promised timeout counts as closed. */
  #expectSignOfLife() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#socket?.close(), this.#patienceMs);
  }

  #lose() {
    if (!this.#socket) return;
    this.#hooks.onLost();
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures);
    this.#failures += 1;
    // All pages lose a server at the same time, so their reconnects need random delays.
    this.#retry = setTimeout(() => this.start(), pause * (0.5 + Math.random() / 2));
  }
}

function base64Url(value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
