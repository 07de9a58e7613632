// Signed notes and what stands in them: C2SP signed-note, tlog-checkpoint.
//
// - A checkpoint is three lines (origin, size, root) and no extension line.
// - In a bundle every signature line has a use: a line by a key that is not named is refused.
// - A signature by a known key that does not hold is fatal, whatever the others say.

import { demand, fromBase64, fromUtf8, isHex, toHex, toUtf8 } from "./bytes.js";
import { anyoneCanSign } from "./ed25519.js";
import { sha256 } from "./sha256.js";

export const ED25519 = 0x01;
export const ML_DSA_44 = 0x06; // named where it is there; no browser checks it
export const COSIGNATURE = 0x04;

const isName = (text) => /^[^\s+]+$/u.test(text);

/** A C2SP verifier key `<name>+<8 hex>+<base64 of type and key>`, its id recomputed. */
export function parseVerifierKey(text) {
  const [name, id, ...rest] = text.split("+");
  const spelled = rest.join("+");
  demand(isName(name) && isHex(id, 8) && spelled !== "", "a key is not a C2SP verifier key");
  const typed = fromBase64(spelled, "a verifier key");
  demand(typed.length > 1, "a verifier key is empty");
  const expected = sha256(toUtf8(`${name}\n`), typed).subarray(0, 4);
  demand(toHex(expected) === id, `the key of ${name} does not have the id it claims`);
  if (typed[0] === ED25519 || typed[0] === COSIGNATURE) {
    demand(typed.length === 33, `the key of ${name} does not have 32 bytes`);
    demand(!anyoneCanSign(typed.subarray(1)), `under the key of ${name} anyone could sign`);
  }
  return { text, name, id, type: typed[0], key: typed.subarray(1) };
}

/** The keys in `text`: one a line, `#` comments and empty lines passed over. */
export function parseKeyLines(text) {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map(parseVerifierKey);
}

function parseSignature(line) {
  const match = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line);
  demand(match !== null, "a signature line does not have its three parts");
  const bytes = fromBase64(match[2], "a signature");
  demand(bytes.length > 4, "a signature is empty");
  return { name: match[1], id: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

/** A signed note's text (its last line feed included) and signatures. */
export function parseNote(bytes, what) {
  const whole = fromUtf8(bytes, what);
  // C2SP signed-note: no control characters but the line feed.
  demand(!/[\u0000-\u0009\u000b-\u001f]/.test(whole), `${what} holds a control character`);
  const cut = whole.lastIndexOf("\n\n");
  demand(cut > 0 && whole.endsWith("\n"), `${what} is not a signed note`);
  const lines = whole.slice(cut + 2, -1).split("\n");
  return { text: whole.slice(0, cut + 1), signatures: lines.map(parseSignature) };
}

/** The checkpoint that a note's text spells. */
export function parseCheckpoint(text, what) {
  const lines = text.split("\n");
  demand(lines.length === 4 && lines[3] === "", `${what} does not have exactly three lines`);
  const [origin, size, root] = lines;
  demand(isName(origin), `${what} names no origin`);
  demand(/^(0|[1-9][0-9]{0,15})$/.test(size), `${what} has no proper size`);
  demand(Number.isSafeInteger(Number(size)), `${what} has no proper size`);
  const hash = fromBase64(root, `the root of ${what}`);
  demand(hash.length === 32, `the root of ${what} does not have 32 bytes`);
  return { origin, size: Number(size), root: hash };
}

const spells = (signature, key) => signature.name === key.name && signature.id === key.id;

/** True when a signature line of `note` is by `key`, whether or not it holds. */
export function namesKey(note, key) {
  return note.signatures.some((signature) => spells(signature, key));
}

/**
 * Check a head against the keys it may carry: every line is by one of `known`, each key has one
 * line at most, and every plain Ed25519 signature holds. Cosignatures are left to cosignedAt.
 */
export async function demandSignatures(note, known, verifySignature, what) {
  const seen = new Set();
  for (const signature of note.signatures) {
    const key = known.find((candidate) => spells(signature, candidate));
    demand(key !== undefined, `${what} is signed by a key that this exhibit does not name`);
    demand(!seen.has(key), `${what} is signed twice by one key`);
    seen.add(key);
    if (key.type !== ED25519) continue;
    const holds = await verifySignature(key.key, toUtf8(note.text), signature.signature);
    demand(holds, `the signature of ${key.name} under ${what} does not hold`);
  }
}

/**
 * The time in seconds that the witness `key` states in its cosignature on `note`, or null where it
 * made none; refuses a cosignature that does not hold (C2SP tlog-cosignature, cosignature/v1).
 */
export async function cosignedAt(note, key, verifySignature) {
  const found = note.signatures.find((signature) => spells(signature, key));
  if (found === undefined || key.type !== COSIGNATURE) return null;
  demand(found.signature.length === 72, `the cosignature of ${key.name} is not 72 bytes long`);
  const view = new DataView(found.signature.buffer, found.signature.byteOffset, 8);
  const time = view.getBigUint64(0);
  const message = toUtf8(`cosignature/v1\ntime ${time}\n${note.text}`);
  const holds = await verifySignature(key.key, message, found.signature.subarray(8));
  demand(holds && time < 2n ** 53n, `the cosignature of ${key.name} does not hold`);
  return Number(time);
}
