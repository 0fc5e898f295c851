import { extensions, util } from '@aws-appsync/utils';

// Runs once, when a client subscribes; the filter then decides on each update, in AppSync itself.
export function request(ctx) {
  if (ctx.arguments.customerId !== ctx.identity.sub) {
    util.unauthorized();
  }
  return { payload: null };
}

export function response(ctx) {
  const { customerId, orderId } = ctx.arguments;
  const filters = [{ fieldName: 'customerId', operator: 'eq', value: customerId }];
  if (orderId) {
    filters.push({ fieldName: 'orderId', operator: 'eq', value: orderId });
  }
  extensions.setSubscriptionFilter({ filterGroup: [{ filters }] });
  return null;
}
