// Selective disclosures of an act (RFC 9901 as custody-log section 2 narrows it).
//
// - A disclosure is the base64url of canonical `[salt, name, value]`; its digest stands in the
//   `_sd` of the leaf, or of another disclosure that was given.
// - Each disclosure has its digest in exactly one place, a parent's before its children's; a digest
//   without a disclosure is withheld.
// - Reserved names (`_sd`, `_sd_alg`, `...`) name nothing.

import { demand, fromBase64Url, Refusal, toBase64Url, toUtf8 } from "./bytes.js";
import { isObject, parseCanonical } from "./json.js";
import { sha256 } from "./sha256.js";

// The last is no name of the standard: in JavaScript it would change the object it is set on.
const RESERVED = ["_sd", "_sd_alg", "...", "__proto__"];
const MOST_IN_LEAF = 16;

function opened(text) {
  const parts = parseCanonical(fromBase64Url(text, "a disclosure"), "a disclosure");
  demand(Array.isArray(parts) && parts.length === 3, "a disclosure does not have three parts");
  const [salt, name, value] = parts;
  demand(fromBase64Url(salt, "a salt").length === 16, "a salt does not have 16 bytes");
  demand(typeof name === "string" && !RESERVED.includes(name), "a disclosure has a reserved name");
  return { name, value, digest: toBase64Url(sha256(toUtf8(text))) };
}

/** Refuse unless `digests` is what an `_sd` holds: digests in ASCII order, none twice. */
function demandDigests(digests) {
  demand(Array.isArray(digests) && digests.length > 0, "_sd is not a list of digests");
  digests.forEach((digest, i) => {
    // 43 letters for 256 bits: the last carries four of them.
    const proper = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(digest);
    demand(proper, "_sd holds something other than digests");
    demand(i === 0 || digests[i - 1] < digest, "_sd is not sorted, or holds a digest twice");
  });
}

/** Every object inside `value`, itself included. */
function* objectsIn(value) {
  if (Array.isArray(value)) for (const part of value) yield* objectsIn(part);
  if (!isObject(value)) return;
  yield value;
  for (const part of Object.values(value)) yield* objectsIn(part);
}

/** The disclosures of one leaf while they are being placed, parents before children. */
class Placing {
  #waiting = new Map();
  #met = new Set();

  /** The digests of `list` may now be disclosed, as members of `holder`. */
  expect(list, holder) {
    demandDigests(list);
    for (const digest of list) {
      demand(!this.#met.has(digest), "one digest stands in two places");
      this.#met.add(digest);
      this.#waiting.set(digest, holder);
    }
  }

  place({ name, value, digest }) {
    const holder = this.#waiting.get(digest);
    demand(holder !== undefined, "a disclosure has its digest nowhere, or is given twice");
    this.#waiting.delete(digest);
    demand(!Object.hasOwn(holder, name), "a disclosure repeats a name");
    for (const inner of [...objectsIn(value)]) {
      for (const reserved of RESERVED.slice(1)) {
        demand(!Object.hasOwn(inner, reserved), "a disclosed value uses a reserved name");
      }
      if (Object.hasOwn(inner, "_sd")) this.expect(inner._sd, inner);
    }
    holder[name] = value;
  }

  get closed() {
    return [...this.#waiting.keys()].sort();
  }
}

/**
 * What the disclosures of one leaf say: `{groups, closed, fault}`. `groups` maps the names at the
 * leaf to values, disclosed names inside them filled in; `closed` are the digests without a
 * disclosure, in order; `fault` is what is wrong with the first disclosure that does not hold, or
 * null.
 */
export function disclose(leaf, texts) {
  const placing = new Placing();
  const groups = Object.create(null);
  const inClear = { eid: leaf.eid, log: leaf.log, v: leaf.v };
  let fault = null;
  try {
    demand(leaf._sd.length <= MOST_IN_LEAF, "a leaf holds more than 16 digests");
    placing.expect(leaf._sd, groups);
    for (const text of texts) {
      const one = opened(text);
      demand(!Object.hasOwn(inClear, one.name), "a disclosure repeats a name");
      placing.place(one);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    fault = error.message;
  }
  return { groups, closed: placing.closed, fault };
}
