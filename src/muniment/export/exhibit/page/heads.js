// The heads of the log in a bundle: the one everything is proved under, and the older ones that it
// must extend. Which key counts, whose signature holds, what was cosigned.

import { demand, fromBase64, fromUtf8, toUtf8 } from "./bytes.js";
import { consistencyHolds } from "./merkle.js";
import {
  demandSignatures,
  ED25519,
  ML_DSA_44,
  namesKey,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
} from "./note.js";
import { parsePolicy } from "./policy.js";

/**
 * The keys a bundle is checked with: `log` (the log's own), `known` (all that may sign). `brought`
 * are the log keys the reader gave: the bundle's own never make it anchored. `policy` may be
 * undefined, where it could not be read.
 */
export function readKeys(bytes, policy, brought) {
  const text = fromUtf8(bytes, "custody/keys");
  demand(text.endsWith("\n"), "custody/keys is empty or cut short");
  const own = text.slice(0, -1).split("\n").map(parseVerifierKey);
  const [log] = own;
  const witnesses = policy?.witnesses ?? [];
  demand(log.type === ED25519, "custody/keys does not begin with a log key");
  for (const key of own.slice(1)) {
    const used = witnesses.some((one) => one.text === key.text) || key.name === log.name;
    demand(used, "custody/keys holds a key that nothing uses");
  }
  demand(distinct(own).length === own.length, "custody/keys repeats a key");
  return { log, own, brought, known: distinct([...own, ...witnesses, ...brought]), policy };
}

/** The policy of a bundle. */
export function readPolicy(bytes) {
  return parsePolicy(fromUtf8(bytes, "custody/policy"));
}

function distinct(keys) {
  return [...new Map(keys.map((key) => [key.text, key])).values()];
}

/** Refuse unless every key of the bundle signs at least one of `heads`. */
export function demandUsed(keys, heads) {
  const idle = keys.own.find((key) => !heads.some((head) => namesKey(head.note, key)));
  demand(idle === undefined, "custody/keys holds a key that signs nothing here");
}

/** A head read from a note's bytes, its form checked and nothing else. */
export function readHead(bytes, what) {
  const note = parseNote(bytes, what);
  return { bytes, note, what, checkpoint: parseCheckpoint(note.text, what) };
}

/** Refuse unless `head` is signed by the log, by its own key and by one the reader brought. */
export async function demandHead(head, keys, verifySignature) {
  const { origin } = head.checkpoint;
  demand(origin === keys.log.name, `${head.what} is of another log than its key`);
  demand(namesKey(head.note, keys.log), `${head.what} is not signed by the key in custody/keys`);
  if (keys.brought.length > 0) {
    const anchors = keys.brought.filter((key) => key.type === ED25519);
    const anchored = anchors.some((key) => namesKey(head.note, key));
    demand(anchored, `${head.what} is not signed by the log key you brought`);
  }
  await demandSignatures(head.note, keys.known, verifySignature, head.what);
}

/** True when `head` has a signature that only other readers check. */
export function hasLaterSignature(head, keys) {
  return keys.known.some((key) => key.type === ML_DSA_44 && namesKey(head.note, key));
}

/** An older head from its consistency file: the head, and the proof that `newer` extends it. */
export function readOlderHead(path, bytes, newer) {
  const text = fromUtf8(bytes, path);
  const cut = text.indexOf("\n\n", text.indexOf("\n\n") + 2);
  demand(cut > 0 && text.endsWith("\n"), `${path} is not a note, a blank line and hashes`);
  const head = readHead(toUtf8(text.slice(0, cut + 1)), path);
  const lines = text.slice(cut + 2) === "" ? [] : text.slice(cut + 2, -1).split("\n");
  const proof = lines.map((line) => fromBase64(line, `a hash in ${path}`));
  demand(proof.every((hash) => hash.length === 32), `${path} holds a hash of another length`);
  const expected = `custody/consistency/${head.checkpoint.size}-${newer.checkpoint.size}`;
  demand(path === expected, `${path} does not hold the heads it is named for`);
  return { ...head, proof };
}

/** Refuse unless the tree of `newer` begins with the whole tree of `older`. */
export function demandExtension(older, newer) {
  const [then, now] = [older.checkpoint, newer.checkpoint];
  demand(then.origin === now.origin, `${older.what} is of another log`);
  const holds = consistencyHolds(then.size, then.root, now.size, now.root, older.proof);
  demand(holds, `the log at ${now.size} entries does not extend what it was at ${then.size}`);
}
