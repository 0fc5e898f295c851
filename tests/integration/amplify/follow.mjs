// Follows a customer's orders with Amplify's client; each line printed is one event, as JSON.
// Arguments: the API's URL, the customer's access token, the Cognito sub to follow.
import { generateClient } from '@aws-amplify/api';
import { Amplify, Hub, decodeJWT } from '@aws-amplify/core';

// Without this, the open socket would keep the process after the end of the one that started it.
process.stdin.on('close', () => process.exit(0)).resume();

const [endpoint, accessToken, customerId] = process.argv.slice(2);

const print = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

// Amplify insists on wss://, and on this machine nothing speaks TLS.
const { WebSocket } = globalThis;
globalThis.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    super(url.replace('wss://', 'ws://'), protocols);
  }
};

Amplify.configure(
  { API: { GraphQL: { endpoint, region: 'eu-west-1', defaultAuthMode: 'userPool' } } },
  { Auth: { tokenProvider: { getTokens: async () => ({ accessToken: decodeJWT(accessToken) }) } } },
);

Hub.listen('api', ({ payload }) => {
  if (payload.event === 'Subscription ack') print({ event: 'ready' });
});

const query = /* GraphQL */ `
  subscription Follow($customerId: ID!) {
    onOrderUpdated(customerId: $customerId) { orderId status version message paymentLink }
  }`;

generateClient()
  .graphql({ query, variables: { customerId } })
  .subscribe({
    next: ({ data }) => print({ event: 'update', update: data.onOrderUpdated }),
    error: ({ errors }) => {
      print({ event: 'error', message: errors[0].message });
      process.exit(0);
    },
  });
