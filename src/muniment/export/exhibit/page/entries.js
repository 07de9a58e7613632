// custody/entries.jsonl and custody/proofs: the leaves of the log that this exhibit is about.
//
// - One line an entry, in index order, in canonical form; each leaf equals its own canonical form.
// - Each entry has one proof, in its own file, and each proof file belongs to one entry.

import { demand, fromBase64, fromUtf8, isHex, sameBytes, toUtf8 } from "./bytes.js";
import { disclose } from "./disclosure.js";
import { demandKeys, isCount, isObject, parseCanonical } from "./json.js";
import { inclusionHolds, leafHash } from "./merkle.js";

const LONGEST_LEAF = 4096;
const PROOF_HEAD = "c2sp.org/tlog-proof@v1";

/** An entry from its line: index, leaf bytes and hash, and what the disclosures say. */
function parseEntry(line, origin) {
  const entry = parseCanonical(toUtf8(line), "an entry");
  demandKeys(entry, ["index", "leaf", "disclosures"], [], "an entry");
  const what = `entry ${entry.index}`;
  demand(isCount(entry.index) && Array.isArray(entry.disclosures), `${what} is not well formed`);
  const bytes = fromBase64(entry.leaf, `the leaf of ${what}`);
  demand(bytes.length <= LONGEST_LEAF, `the leaf of ${what} is too long`);
  const leaf = parseCanonical(bytes, `the leaf of ${what}`);
  demandKeys(leaf, ["_sd", "eid", "log", "v"], [], `the leaf of ${what}`);
  const known = leaf.v === 1 && isHex(leaf.eid, 32) && Array.isArray(leaf._sd);
  demand(known, `the leaf of ${what} is of no known form`);
  demand(leaf.log === origin, `the leaf of ${what} belongs to another log`);
  const disclosed = disclose(leaf, entry.disclosures);
  return { index: entry.index, eid: leaf.eid, hash: leafHash(bytes), ...disclosed };
}

/** All entries in `bytes`, in index order. */
export function parseEntries(bytes, origin) {
  const text = fromUtf8(bytes, "custody/entries.jsonl");
  demand(text.endsWith("\n") && text.length > 1, "custody/entries.jsonl is empty or cut short");
  const entries = text
    .slice(0, -1)
    .split("\n")
    .map((line) => parseEntry(line, origin));
  entries.forEach((entry, i) => {
    const ordered = i === 0 || entries[i - 1].index < entry.index;
    demand(ordered, "custody/entries.jsonl is not in index order");
  });
  const distinct = new Set(entries.map(({ eid }) => eid)).size === entries.length;
  demand(distinct, "two entries carry the same act id");
  return entries;
}

/** Refuse unless `bytes` are a C2SP tlog-proof of `entry` that ends in exactly `head`. */
export function demandProof(entry, bytes, head) {
  const what = `the proof of entry ${entry.index}`;
  const text = fromUtf8(bytes, what);
  const cut = text.indexOf("\n\n");
  demand(cut > 0, `${what} has no checkpoint`);
  demand(sameBytes(toUtf8(text.slice(cut + 2)), head.bytes), `${what} ends in another checkpoint`);
  const [first, index, ...hashes] = text.slice(0, cut).split("\n");
  demand(first === PROOF_HEAD, `${what} is not a C2SP proof`);
  demand(index === `index ${entry.index}`, `${what} is of another entry`);
  const path = hashes.map((hash) => fromBase64(hash, `a hash in ${what}`));
  demand(path.every((hash) => hash.length === 32), `${what} holds a hash of another length`);
  const { size, root } = head.checkpoint;
  const holds = inclusionHolds(entry.hash, entry.index, size, path, root);
  demand(holds, `entry ${entry.index} is not in the log at the place it claims`);
}

/** True for a real moment written `YYYY-MM-DDTHH:MM:SSZ`. */
export function isInstant(text) {
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return false;
  const moment = new Date(text);
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === text.replace("Z", ".000Z");
}

/** The `chain` group of an entry, which every entry discloses; refuses any other form of it. */
export function chainOf(entry) {
  const what = `the chain of entry ${entry.index}`;
  const { chain } = entry.groups;
  demand(chain !== undefined, `entry ${entry.index} does not say which act it is`);
  demandKeys(chain, ["act", "by", "n", "obj", "prev", "t"], [], what);
  demand(typeof chain.act === "string" && /^[a-z_]+\.[a-z_]+$/.test(chain.act), `${what}: act`);
  demand(isHex(chain.by, 32) && isHex(chain.obj, 32) && isCount(chain.n), `${what}: who or what`);
  demand(chain.prev === "" || isHex(chain.prev, 64), `${what}: previous act`);
  demand(isInstant(chain.t), `${what}: time`);
  return chain;
}

/** The batch that an entry's `handling` names, or null. */
export function batchOf(entry) {
  const { handling } = entry.groups;
  if (!isObject(handling) || !Object.hasOwn(handling, "batch")) return null;
  demand(isHex(handling.batch, 32), `entry ${entry.index} names no proper batch`);
  return handling.batch;
}
