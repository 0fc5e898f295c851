/* The customers' GraphQL API: queries and mutations. */

const ORDER = `
  orderId status message totalKobo currency paymentLink paymentLinkExpiresAt paidAt
  paymentReceived cancelRequestedAt refundState version createdAt updatedAt groceryList reviewEndsAt
  lines {
    text productId name packs packSize unitPriceKobo lineTotalKobo notes packing priceNote priceNoteCurrency
    alternatives { productId name }
  }
  rating { understood }
  unmatched { text reason question alternatives { productId name } }
`;
const GET_ORDER = `query($orderId: ID!) { getOrder(orderId: $orderId) { ${ORDER} } }`;
const MY_ORDERS = `query($limit: Int, $nextToken: String) {
  myOrders(limit: $limit, nextToken: $nextToken) { items { ${ORDER} } nextToken }
}`;
const SUBMIT = `mutation($input: SubmitGroceryListInput!) {
  submitGroceryList(input: $input) { orderId status }
}`;
const CANCEL = `mutation($orderId: ID!) { cancelOrder(orderId: $orderId) { ${ORDER} } }`;

const CONFIRM = `mutation($orderId: ID!, $version: Int!) { confirmOrder(orderId: $orderId, version: $version) { ${ORDER} } }`;
const PRODUCTS = `query($text: String!) { products(text: $text) { items { productId name packSize unitPriceKobo } } }`;
const EDITS = { updateOrderLine: "UpdateOrderLineInput", removeOrderLine: "RemoveOrderLineInput", addOrderLine: "AddOrderLineInput" };
const RATE = `mutation($orderId: ID!, $input: RateOrderInput!) { rateOrder(orderId: $orderId, input: $input) { ${ORDER} } }`;

const BLOCKED = "This was not accepted. If many people near you are shopping at the moment, please try again "
  + "in five minutes.";

/**
 * A refusal with a message for the customer; `type` is the API's error type. Where the same request may
 * succeed later, `retryAfterSeconds` says when.
 */
export class ApiError extends Error {
  constructor(message, type, retryAfterSeconds) {
    super(message);
    this.type = type;
    this.retryAfterSeconds = retryAfterSeconds;
    this.field = type === "InvalidOrder" ? "list" : undefined;
  }
}

export class Api {
  #url;
  #token;
  #onRefused;

  /** `onRefused()` is called when the API no longer accepts the token; it resolves to whether there is another. */
  constructor({ graphqlUrl, idToken }, onRefused) {
    this.#url = graphqlUrl;
    this.#token = idToken;
    this.#onRefused = onRefused;
  }

  /** Goes on with the token of a renewed session. */
  renew({ idToken }) {
    this.#token = idToken;
  }

  getOrder(orderId) {
    return this.#ask(GET_ORDER, { orderId });
  }

  myOrders(limit, nextToken) {
    return this.#ask(MY_ORDERS, { limit, nextToken });
  }

  /** The same key for the same list: a retry after a broken connection makes no second order. */
  submit(groceryList, idempotencyKey, review) {
    return this.#ask(SUBMIT, { input: { groceryList, idempotencyKey, review } });
  }

  cancelOrder(orderId) {
    return this.#ask(CANCEL, { orderId });
  }

  /** One of the mutations that change an order in review; `input` names the version that is changed. */
  editOrder(mutation, input) {
    return this.#ask(`mutation($input: ${EDITS[mutation]}!) { ${mutation}(input: $input) { ${ORDER} } }`, { input });
  }

  confirmOrder(orderId, version) {
    return this.#ask(CONFIRM, { orderId, version });
  }

  products(text) {
    return this.#ask(PRODUCTS, { text });
  }

  /** `answer`: understood (WELL, PARTLY, BADLY), and wrongLines, numbers of lines from 0. */
  rateOrder(orderId, answer) {
    return this.#ask(RATE, { orderId, input: answer });
  }

  async #ask(query, variables) {
    const token = this.#token;
    const response = await this.#send(query, variables);
    if (response.status !== 401) return answerOf(response);
    const renewed = token !== this.#token || await this.#onRefused();
    return answerOf(renewed ? await this.#send(query, variables) : response);
  }

  #send(query, variables) {
    return fetch(this.#url, {
      method: "POST",
      headers: { Authorization: this.#token, "Content-Type": "application/json" },
      body: JSON.stringify({ query, variables }),
      credentials: "omit",
    }).catch(() => {
      throw new ApiError("We can't be reached right now. Please try again.", "Unreachable");
    });
  }
}

async function answerOf(response) {
  if (response.status === 403) throw new ApiError(BLOCKED, "Blocked");
  const { data, errors } = await response.json();
  if (errors?.length) {
    const [{ message, errorType, errorInfo }] = errors;
    throw new ApiError(message, errorType, errorInfo?.retryAfterSeconds);
  }
  return Object.values(data)[0];
}
