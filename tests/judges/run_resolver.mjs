// Runs a function of an AppSync resolver in Node, with stand-ins for what the runtime provides.
// {code, function, context} on stdin; {result, filter} or {error: {message, type}} on stdout.
// Source: https://docs.aws.amazon.com/appsync/latest/devguide/built-in-util-js.html
import { json } from 'node:stream/consumers';

const { code, function: name, context } = await json(process.stdin);

class Refusal extends Error {
  constructor(message, type) {
    super(message);
    this.type = type;
  }
}

const answer = {};
globalThis.util = {
  error: (message, type) => {
    throw new Refusal(message, type);
  },
  unauthorized: () => {
    throw new Refusal('Unauthorized', 'Unauthorized');
  },
};
globalThis.extensions = { setSubscriptionFilter: (filter) => (answer.filter = filter) };

const withoutImport = code.replace(/^import \{[^}]*\} from '@aws-appsync\/utils';$/m, '');
const resolver = await import(`data:text/javascript,${encodeURIComponent(withoutImport)}`);
try {
  answer.result = resolver[name](context) ?? null;
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  answer.error = { message: error.message, type: error.type };
}
console.log(JSON.stringify(answer));
