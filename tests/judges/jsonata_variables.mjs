// The variables that JSONata expressions read and do not bind themselves, by the reference parser.
// A JSON array of expressions on stdin; an array of arrays of names on stdout.
import { json } from 'node:stream/consumers';
import jsonata from 'jsonata';

function* children(node) {
  for (const value of Object.values(node)) {
    if (value && typeof value === 'object') yield value;
  }
}

function* freeVariables(node, bound) {
  if (Array.isArray(node)) {
    const scope = new Set(bound);
    for (const each of node) {
      yield* freeVariables(each, scope);
      if (each?.type === 'bind') scope.add(each.lhs.value);
    }
  } else if (node.type === 'variable') {
    if (node.value && !bound.has(node.value)) yield node.value;
  } else if (node.type === 'bind') {
    yield* freeVariables(node.rhs, new Set([...bound, node.lhs.value]));
  } else if (node.type === 'lambda') {
    yield* freeVariables(node.body, new Set([...bound, ...node.arguments.map(({ value }) => value)]));
  } else if (node.type === 'function' || node.type === 'partial') {
    yield* freeVariables(node.arguments, bound);
    if (bound.has(node.procedure.value)) return;
    yield `${node.procedure.value}()`;
  } else {
    for (const child of children(node)) yield* freeVariables(child, bound);
  }
}

const names = (expression) => [...new Set(freeVariables(jsonata(expression).ast(), new Set()))];
console.log(JSON.stringify((await json(process.stdin)).map(names)));
