/* The session. The token is only in this page's memory; after a reload the server returns it. */

/** The session: idToken, expiresAt, graphqlUrl, and the token's claims; null without a session. */
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
  if (!response.ok) throw Object.assign(new Error(answer.message), { code: answer.code });
  return answer;
}

function asSession(answer) {
  return answer?.idToken ? { ...answer, claims: claims(answer.idToken) } : answer;
}

/** A token's claims. The API verifies the token, this page does not. */
function claims(token) {
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
