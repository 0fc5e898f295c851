import { util } from '@aws-appsync/utils';

// The event that Powertools' AppSyncResolver reads: the shape of a direct Lambda resolver.
export function request(ctx) {
  return {
    operation: 'Invoke',
    payload: {
      info: { fieldName: ctx.info.fieldName, parentTypeName: ctx.info.parentTypeName },
      arguments: ctx.arguments,
      identity: ctx.identity,
      request: { headers: { 'x-amzn-trace-id': ctx.request.headers['x-amzn-trace-id'] } },
      source: ctx.source,
    },
  };
}

// A refusal comes back as data ({ refusal: { errorType, errorMessage } }): AppSync would give every error
// of a function the type Lambda:Unhandled. What the function did not expect is answered without details.
export function response(ctx) {
  if (ctx.error) {
    util.error('Something went wrong on our side. Please try again.', 'InternalError');
  }
  if (ctx.result.refusal) {
    const { errorMessage, errorType, retryAfterSeconds } = ctx.result.refusal;
    util.error(errorMessage, errorType, null, retryAfterSeconds ? { retryAfterSeconds } : null);
  }
  return ctx.result;
}
