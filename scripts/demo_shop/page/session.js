/* The session. The token is only in this page's memory; after a reload the server returns it. */

/**
 * The session: idToken, expiresAt, graphqlUrl, the token's claims, and `endsAt`, when it expires by this device's
 * clock, in epoch ms; null without a session.
 */
export async function readSession() {
  return asSession(await call("GET", "/session"));
}

/** Starts a sign-in: a session, or the `challenge` to answer next; throws an Error with the reason. */
export async function signIn(email, password) {
  return asSession(await call("POST", "/session", { email, password }));
}

/** Answers a challenge with a code or a new password; see `signIn`. */
export async function answerChallenge({ step, email, session }, answer) {
  return asSession(await call("POST", "/session/step", { step, email, session, answer }));
}

/** Signs up, confirms an address or resets a password; throws an Error with the reason. */
export async function changeAccount(action, content) {
  await call("POST", "/account", { action, ...content });
}

const MARGIN_MS = 60_000;
const RETRY_MS = 10_000;

/** Renews a session before its token expires: the server does so in its last five minutes. */
export class Renewal {
  #session;
  #hooks;
  #timer;
  #running = null;

  /** Hooks: `onRenewed(session)`, and `onEnded()` where there is no session any more. */
  constructor(session, hooks) {
    this.#session = session;
    this.#hooks = hooks;
    this.#plan();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#hooks = null;
  }

  /** Renews it if it is time, which a sleep may have missed. */
  whenDue() {
    if (this.#remaining <= MARGIN_MS) this.now();
  }

  /** Renews it; returns whether there is another token. Several calls at once are one. */
  now() {
    this.#running ??= this.#renew().finally(() => { this.#running = null; });
    return this.#running;
  }

  /** Where the shop can't be reached, it is tried again until the token has expired. */
  async #renew() {
    clearTimeout(this.#timer);
    try {
      return this.#take(await readSession());
    } catch {
      if (this.#remaining > 0) this.#timer = setTimeout(() => this.now(), RETRY_MS);
      else this.#hooks?.onEnded();
      return false;
    }
  }

  get #remaining() {
    return this.#session.endsAt - Date.now();
  }

  #plan() {
    this.#timer = setTimeout(() => this.now(), this.#remaining - MARGIN_MS);
  }

  #take(session) {
    if (!this.#hooks) return false;
    if (!session || session.expiresAt === this.#session.expiresAt) {
      this.#hooks.onEnded();
      return false;
    }
    this.#session = session;
    this.#plan();
    this.#hooks.onRenewed(session);
    return true;
  }
}

/** Ends the session. */
export async function signOut() {
  await call("DELETE", "/session");
}

async function call(method, path, content) {
  const response = await fetch(path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: content && JSON.stringify(content),
  }).catch(() => {
    throw new Error("The shop does not answer. Is it still running?");
  });
  if (response.status === 204) return null;
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.message), { code: answer.code, field: answer.field });
  return answer;
}

function asSession(answer) {
  if (!answer?.idToken) return answer;
  return { ...answer, endsAt: Date.now() + answer.secondsLeft * 1000, claims: claims(answer.idToken) };
}

/** A token's claims. The API verifies the token, this page does not. */
function claims(token) {
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
