// Canonical JSON (RFC 8785) as the log uses it: text, lists, objects, integers, true and false.
//
// - Bytes are accepted only if they are exactly what canonicalJson() writes for their value; so a
//   repeated key, a float, null, a space or another order of keys is refused.

import { demand, fromUtf8, Refusal, sameBytes, toUtf8 } from "./bytes.js";

/** The canonical JSON text of `value`; refuses what the log's JSON cannot hold. */
export function canonicalJson(value) {
  if (typeof value === "string") {
    demand(value.isWellFormed(), "text holds half a character");
    return JSON.stringify(value);
  }
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    demand(Number.isSafeInteger(value) && !Object.is(value, -0), "a number is not an integer");
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  demand(isObject(value), "a value is null");
  // Without a comparison function, sort() orders by UTF-16 code units: RFC 8785 3.2.3.
  const members = Object.keys(value)
    .sort()
    .map((key) => `${canonicalJson(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(",")}}`;
}

/** The value of canonical JSON `bytes`; refuses every other spelling. */
export function parseCanonical(bytes, what) {
  let value;
  try {
    value = JSON.parse(fromUtf8(bytes, what));
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(`${what} is not JSON`);
  }
  let again;
  try {
    again = toUtf8(canonicalJson(value));
  } catch (error) {
    throw new Refusal(`${what}: ${error.message}`);
  }
  demand(sameBytes(again, bytes), `${what} is not in canonical form`);
  return value;
}

/** True for a JSON object: neither a list, nor text, nor null. */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Refuse unless `value` is an object with exactly `keys`, save those that `optional` names. */
export function demandKeys(value, keys, optional, what) {
  demand(isObject(value), `${what} is not an object`);
  for (const key of keys) demand(Object.hasOwn(value, key), `${what} lacks "${key}"`);
  for (const key of Object.keys(value)) {
    demand(keys.includes(key) || optional.includes(key), `${what} holds an unknown "${key}"`);
  }
}

/** True for a count: an integer from 0 up. */
export function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}
