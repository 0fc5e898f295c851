/* The session. The token is only in this page's memory; after a reload the server returns it. */

/** The session: idToken, expiresAt, graphqlUrl, and the token's claims; null without a session. */
export async function readSession() {
  return asSession(await call("GET"));
}

/** Signs in; throws an Error whose message is the reason. */
export async function signIn(email, password, code) {
  return asSession(await call("POST", { email, password, code }));
}

/** Ends the session. */
export async function signOut() {
  await call("DELETE");
}

async function call(method, content) {
  const response = await fetch("/session", {
    method,
    headers: { "Content-Type": "application/json" },
    body: content && JSON.stringify(content),
  }).catch(() => {
    throw new Error("The shop does not answer. Is it still running?");
  });
  if (response.status === 204) return null;
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

function asSession(answer) {
  return answer && { ...answer, claims: claims(answer.idToken) };
}

/** A token's claims. The API verifies the token, this page does not. */
function claims(token) {
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
