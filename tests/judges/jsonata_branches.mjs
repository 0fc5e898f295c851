// Which results the conditions in JSONata expressions have had, by the reference implementation.
// A condition is what stands before ``?``; and each side of ``and`` and ``or`` is one, too.
// A JSON array of {expression, states, variables, millis} on stdin; on stdout, for each, an array with the results of
// each condition: [], [true], [false], or both.
import { json } from 'node:stream/consumers';
import jsonata from 'jsonata';

// [node, field] of every condition below a node, the outer one first.
function* conditions(node) {
  if (node.type === 'condition') yield [node, 'condition'];
  if (node.type === 'binary' && ['and', 'or'].includes(node.value)) {
    yield [node, 'lhs'];
    yield [node, 'rhs'];
  }
  for (const value of Object.values(node)) {
    if (value && typeof value === 'object') yield* conditions(value);
  }
}

async function branches({ expression, states, variables, millis }) {
  const parsed = jsonata(expression);
  const found = [...conditions(parsed.ast())];
  const seen = found.map(() => new Set());
  const asBoolean = jsonata('$boolean($)');
  parsed.registerFunction('seen', async (number, value) => {
    seen[number].add((await asBoolean.evaluate(value)) ?? false);
    return value;
  });
  found.forEach(([node, field], number) => {
    const call = jsonata(`$seen(${number}, 0)`).ast();
    call.arguments[1] = node[field];
    node[field] = call;
  });
  parsed.registerFunction('parse', (text) => JSON.parse(text), '<s:x>');
  parsed.registerFunction('millis', () => millis, '<:n>');
  parsed.registerFunction('now', () => new Date(millis).toISOString(), '<:s>');
  try {
    await parsed.evaluate(undefined, { ...variables, states });
  } catch {
    // An expression that fails has had the results until then.
  }
  return seen.map((results) => [...results]);
}

const questions = await json(process.stdin);
console.log(JSON.stringify(await Promise.all(questions.map(branches))));
