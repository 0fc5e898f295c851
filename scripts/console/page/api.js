/* The console's server: views, the operator's session, and acts. */

const KEY = "console-key";

/** A refusal, with a message for the operator. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Takes the run's key out of the address, and keeps it for this origin's tabs. */
export function takeKey() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (!key) return;
  localStorage.setItem(KEY, key);
  history.replaceState(null, "", location.pathname + location.search);
}

export const now = () => ask("GET", "/api/now");
export const search = (fields) => ask("GET", `/api/search?${new URLSearchParams(fields)}`);
export const order = (id) => ask("GET", `/api/orders/${encodeURIComponent(id)}`);
export const paystack = (id) => ask("GET", `/api/orders/${encodeURIComponent(id)}/paystack`);
export const traces = (id) => ask("GET", `/api/orders/${encodeURIComponent(id)}/traces`);
export const run = (id, number) => ask("GET", `/api/runs/${encodeURIComponent(id)}?number=${number}`);
export const logs = (id, span) => ask("GET", `/api/runs/${encodeURIComponent(id)}/logs?${new URLSearchParams(span)}`);
export const session = () => ask("GET", "/api/session");
export const signIn = (email, password) => ask("POST", "/api/session", { email, password });
export const answerStep = (answer) => ask("POST", "/api/session/step", answer);
export const signOut = () => ask("DELETE", "/api/session");
export const plan = (wish) => ask("POST", "/api/acts/plan", wish);
export const act = (wish) => ask("POST", "/api/acts", wish);

async function ask(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { Authorization: `Bearer ${localStorage.getItem(KEY) ?? ""}` },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => {
    throw new ApiError("The console's server does not answer: is `orders console` still running?", 0);
  });
  if (response.status === 204) return null;
  const content = await response.json().catch(() => ({ message: "The console's server failed. Its terminal says why." }));
  if (!response.ok) throw new ApiError(content.message, response.status);
  return content;
}
