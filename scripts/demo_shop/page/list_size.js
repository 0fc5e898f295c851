/* The limits of a list, counted as the API counts them (orderflow/grocery_list/size.py). */

import { number } from "./locale.js";

const MOST_CHARACTERS = 5_000;
const MOST_BYTES = 6_000;
/** From here on the number of bytes is shown, too. */
const NEARLY = 0.8;
const SHORT_ESCAPE = /["\\/\b\f\n\r\t]/g;
const PLAIN = /[A-Za-z0-9 !#$%()*+,\-.:;?@[\]^_`{|}~]/g;

export function bytesInJson(text) {
  const count = (pattern) => text.match(pattern)?.length ?? 0;
  const [plain, short] = [count(PLAIN), count(SHORT_ESCAPE)];
  return plain + 2 * short + 6 * (text.length - plain - short);
}

/** How much of the limits the list takes, in words; `problem` says what is too much, null if nothing is. */
export function measure(text) {
  const [characters, bytes] = [[...text].length, bytesInJson(text)];
  const used = [`${number(characters)} of ${number(MOST_CHARACTERS)} characters`];
  if (bytes > MOST_BYTES * NEARLY) used.push(`${number(bytes)} of ${number(MOST_BYTES)} bytes`);
  return { used: used.join(", "), problem: excess(characters, bytes) };
}

/** Refuses a list that the API or the firewall before it would refuse. */
export function checkSize(text) {
  const { problem } = measure(text);
  if (problem) throw Object.assign(new Error(problem), { field: "list" });
}

function excess(characters, bytes) {
  const advice = "Please split it into several orders.";
  if (characters > MOST_CHARACTERS) {
    return `The list has ${number(characters)} characters; at most ${number(MOST_CHARACTERS)} are allowed. ${advice}`;
  }
  if (bytes <= MOST_BYTES) return null;
  return `The list takes ${number(bytes)} bytes; at most ${number(MOST_BYTES)} are allowed, `
    + `and a letter with an accent takes six. ${advice}`;
}
