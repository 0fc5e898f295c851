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

// Lambda's errors where it did not call the function. Being busy is over in seconds; a version that was not
// called for 14 days is restored within minutes.
const THROTTLED = ['TooManyRequestsException', 'EC2ThrottledException', 'Rate Exceeded'];
const NOT_READY = [
  'SnapStartNotReadyException',
  'CodeArtifactUserPendingException',
  'ResourceConflictException',
  'ResourceNotReadyException',
];

function isOneOf(error, names) {
  const said = `${error.type} ${error.message}`;
  return names.filter((name) => said.includes(name)).length > 0;
}

function busy(seconds) {
  const message = `We are very busy right now. Please try again in ${seconds} seconds.`;
  util.error(message, 'Busy', null, { retryAfterSeconds: seconds });
}

// A refusal comes back as data ({ refusal: { errorType, errorMessage, retryAfterSeconds } }): AppSync would give
// every error of a function the type Lambda:Unhandled. What the function did not expect is answered without details.
export function response(ctx) {
  if (ctx.error) {
    if (isOneOf(ctx.error, THROTTLED)) {
      busy(5);
    }
    if (isOneOf(ctx.error, NOT_READY)) {
      busy(30);
    }
    util.error('Something went wrong on our side. Please try again.', 'InternalError');
  }
  if (ctx.result.refusal) {
    const { errorMessage, errorType, retryAfterSeconds } = ctx.result.refusal;
    util.error(errorMessage, errorType, null, retryAfterSeconds ? { retryAfterSeconds } : null);
  }
  return ctx.result;
}
