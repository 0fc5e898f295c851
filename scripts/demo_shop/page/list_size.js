/* The length of a list in a request, as the API counts it (orderflow/grocery_list/size.py). */

const MOST_BYTES = 6_000;
const SHORT_ESCAPE = /["\\/\b\f\n\r\t]/g;
const PLAIN = /[A-Za-z0-9 !#$%()*+,\-.:;?@[\]^_`{|}~]/g;

export function bytesInJson(text) {
  const count = (pattern) => text.match(pattern)?.length ?? 0;
  const [plain, short] = [count(PLAIN), count(SHORT_ESCAPE)];
  return plain + 2 * short + 6 * (text.length - plain - short);
}

/** Refuses a list that the firewall before the API would refuse without a reason. */
export function checkSize(text) {
  const size = bytesInJson(text);
  if (size > MOST_BYTES) {
    throw new Error(
      `The list takes ${size.toLocaleString("en")} bytes; at most ${MOST_BYTES.toLocaleString("en")} are allowed, `
      + "and a letter with an accent takes six. Please split it into several orders.",
    );
  }
}
