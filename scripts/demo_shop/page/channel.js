/*
 * One connection of AppSync's real-time protocol with one subscription.
 * https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
 */

const PROTOCOL = "graphql-ws";
const SUBSCRIPTION_ID = "orders";
const FIRST_PATIENCE_MS = 30_000;

export class Channel {
  #socket;
  #session;
  #query;
  #hooks;
  #watchdog = null;
  #patienceMs = FIRST_PATIENCE_MS;

  /**
   * Connects and subscribes. Hooks: `onLive()` when the subscription begins; `onData(payload)` for what it
   * delivers; `onEnd(errors)` once, when nothing comes any more, with AppSync's errors, if it sent any.
   */
  constructor(session, query, hooks) {
    this.#session = session;
    this.#query = query;
    this.#hooks = hooks;
    const protocols = [PROTOCOL, `header-${base64Url(this.#authorization)}`];
    this.#socket = new WebSocket(session.graphqlUrl.replace(/^http/, "ws"), protocols);
    this.#socket.addEventListener("open", () => this.#send({ type: "connection_init" }));
    this.#socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(data)));
    this.#socket.addEventListener("close", () => this.#end([]));
    this.#expectSignOfLife();
  }

  /** Ends the connection without calling `onEnd`. */
  close() {
    const socket = this.#socket;
    clearTimeout(this.#watchdog);
    this.#socket = null;
    socket?.close();
  }

  get #authorization() {
    return { host: new URL(this.#session.graphqlUrl).host, Authorization: this.#session.idToken };
  }

  #send(message) {
    this.#socket?.send(JSON.stringify(message));
  }

  #receive({ type, payload }) {
    if (!this.#socket) return;
    if (type === "connection_ack") this.#patienceMs = payload.connectionTimeoutMs;
    this.#expectSignOfLife();
    switch (type) {
      case "connection_ack":
        return this.#subscribe();
      case "start_ack":
        return this.#hooks.onLive();
      case "data":
        return this.#hooks.onData(payload);
      case "complete": // the subscription is over, although the socket stays open
        return this.#end([]);
      case "error":
      case "connection_error":
        return this.#end(payload?.errors ?? []);
    }
  }

  #subscribe() {
    const variables = { customerId: this.#session.claims.sub };
    this.#send({
      id: SUBSCRIPTION_ID,
      type: "start",
      payload: {
        data: JSON.stringify({ query: this.#query, variables }),
        extensions: { authorization: this.#authorization },
      },
    });
  }

  /** A connection without a message within its promised timeout counts as closed. */
  #expectSignOfLife() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#end([]), this.#patienceMs);
  }

  #end(errors) {
    if (!this.#socket) return;
    this.close();
    this.#hooks.onEnd(errors);
  }
}

function base64Url(value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
