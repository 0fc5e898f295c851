// Runs the documentation's snippet; each line printed is one event, as JSON.
// Arguments: the snippet's file, the API's URL, an access token.
import { CONNECTION_STATE_CHANGE } from '@aws-amplify/api';
import { Amplify, Hub, decodeJWT } from '@aws-amplify/core';

process.stdin.on('close', () => process.exit(0)).resume();

const [snippet, endpoint, accessToken] = process.argv.slice(2);
const print = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

// Amplify insists on wss://, and on this machine nothing speaks TLS.
const { WebSocket } = globalThis;
globalThis.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    super(url.replace('wss://', 'ws://'), protocols);
  }
};
console.warn = () => {};

Amplify.configure(
  { API: { GraphQL: { endpoint, region: 'eu-west-1', defaultAuthMode: 'userPool' } } },
  { Auth: { tokenProvider: { getTokens: async () => ({ accessToken: decodeJWT(accessToken) }) } } },
);
Hub.listen('api', ({ payload }) => {
  if (payload.event === CONNECTION_STATE_CHANGE) print({ state: payload.data.connectionState });
});

globalThis.report = ({ errors }) => print({ error: errors[0].message });

const { followOrders } = await import(snippet);
const query = `subscription Follow($customerId: ID!) {
  onOrderUpdated(customerId: $customerId) { orderId version }
}`;
followOrders(query, 'c-1', {
  onUpdate: (update) => print({ update }),
  catchUp: () => print({ read: true }),
  onLive: (live) => print({ live }),
}, 50, 4_000);
