// JSONata's reference implementation, with the functions that Step Functions adds and its rules for results.
// A JSON array of {expression, states, variables, millis} on stdin; an array of {value} or {error} on stdout.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
import { json } from 'node:stream/consumers';
import jsonata from 'jsonata';

async function evaluate({ expression, states, variables, millis }) {
  try {
    const parsed = jsonata(expression);
    parsed.registerFunction('parse', (text) => JSON.parse(text), '<s:x>');
    parsed.registerFunction('millis', () => millis, '<:n>');
    parsed.registerFunction('now', () => new Date(millis).toISOString(), '<:s>');
    const value = await parsed.evaluate(undefined, { ...variables, states });
    return value === undefined ? { error: 'no result' } : { value };
  } catch (error) {
    return { error: String(error.code ?? error.message) };
  }
}

const questions = await json(process.stdin);
console.log(JSON.stringify(await Promise.all(questions.map(evaluate))));
