// No data source: what is published is the answer, and the answer is what subscribers get.
export function request(ctx) {
  return { payload: ctx.arguments.input };
}

export function response(ctx) {
  return ctx.result;
}
