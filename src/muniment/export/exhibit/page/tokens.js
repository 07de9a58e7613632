// Time tokens (RFC 3161), as far as a page reaches: for which bytes, of which time.
//
// - custody/tsa/<size>.note is what was stamped: a head in this bundle with the log's own signature
//   lines. <size>-<k>.tsr is a token over it, <size>-<k>.pem the certificates on its path.
// - A token for other bytes fails the bundle. Who signed a token is for openssl to check: the
//   verdict stays "absent", with the time that the token states.

import { demand, fromUtf8, isHex, Refusal, sameBytes, toHex, toUtf8 } from "./bytes.js";
import { isCount } from "./json.js";
import { sha512 } from "./sha512.js";

const FOLDER = "custody/tsa/";
const SIGNED_DATA = "2a864886f70d010702"; // 1.2.840.113549.1.7.2
const TST_INFO = "2a864886f70d0109100104"; // 1.2.840.113549.1.9.16.1.4
const SHA512_NAME = "608648016503040203"; // 2.16.840.1.101.3.4.2.3
const [INTEGER, OCTETS, NAMED, TIME, SEQUENCE, FIRST] = [2, 4, 6, 24, 48, 160];

/** The files of a bundle that have to do with time tokens, as a Map of path to bytes. */
export function tokenFiles(custody) {
  return new Map([...custody].filter(([path]) => path.startsWith(FOLDER)));
}

/**
 * What the tokens state, in words; refuses where they do not fit. `named` is what the selection
 * says of tokens, `heads` are the checkpoint and the older heads.
 */
export function wordsOnTokens(files, named, heads) {
  if (files.size === 0 && named.length === 0) return "this exhibit carries no time token";
  const rising = named.every((size, i) => isCount(size) && size > 0 && !(named[i - 1] >= size));
  demand(rising, "the selection's time tokens are not sizes of heads in order");
  demandFiles(files, named);
  const found = named.flatMap((size) => {
    const note = files.get(`${FOLDER}${size}.note`);
    const fits = heads.some(
      (head) => head.checkpoint.size === size && sameBytes(stampedPart(head), note),
    );
    demand(fits, `${FOLDER}${size}.note is not a head of the log in this exhibit`);
    const replies = [...files].filter(([path]) => isReply(path, size));
    return replies.map(([path, reply]) => `${path} states ${statedTime(reply, note, path)}`);
  });
  return `${found.join("; ")}: check it with openssl ts -verify, as VERIFY.md says`;
}

const isReply = (path, size) => path.startsWith(`${FOLDER}${size}-`) && path.endsWith(".tsr");

/** Refuse unless each named head has its note and tokens, each token its path, and no file more. */
function demandFiles(files, sizes) {
  const needed = new Set();
  for (const size of sizes) {
    needed.add(`${FOLDER}${size}.note`);
    let number = 1;
    do {
      needed.add(`${FOLDER}${size}-${number}.tsr`).add(`${FOLDER}${size}-${number}.pem`);
      number += 1;
    } while (files.has(`${FOLDER}${size}-${number}.tsr`));
  }
  for (const path of needed) demand(files.has(path), `${path} is missing`);
  for (const path of files.keys()) {
    const beside = /[.](crl|ocsp)$/.test(path) && needed.has(path.replace(/[.]\w+$/, ".tsr"));
    demand(needed.has(path) || beside, `${path} belongs to no time token of the selection`);
  }
}

/** What of a head is stamped: its text, a blank line, the log's own signature lines. */
function stampedPart({ bytes, checkpoint, what }) {
  const text = fromUtf8(bytes, what);
  const cut = text.indexOf("\n\n") + 2;
  const own = `\u2014 ${checkpoint.origin} `;
  const lines = text.slice(cut).split("\n").filter((line) => line.startsWith(own));
  return toUtf8(`${text.slice(0, cut)}${lines.map((line) => `${line}\n`).join("")}`);
}

/** The time a reply states for this note; refuses what is no reply, or one for other bytes. */
function statedTime(reply, note, path) {
  let read;
  try {
    read = readReply(reply);
  } catch (error) {
    throw new Refusal(`${path} is no time-stamp reply (${error.message})`);
  }
  const same = read.algorithm === SHA512_NAME && sameBytes(read.imprint, sha512(note));
  demand(same, `${path} is for other bytes`);
  return read.time;
}

/** Digest algorithm, imprint and time of a reply (RFC 3161 section 2.4.2). */
function readReply(reply) {
  const [status, token] = inside(only(values(reply)), SEQUENCE);
  demand(toHex(held(inside(status, SEQUENCE)[0], INTEGER)) === "00", "nothing was granted");
  const [kind, wrapped] = inside(token, SEQUENCE);
  const [, , content] = inside(only(inside(wrapped, FIRST)), SEQUENCE);
  const [inner, boxed] = inside(content, SEQUENCE);
  const kinds = [toHex(held(kind, NAMED)), toHex(held(inner, NAMED))];
  demand(kinds[0] === SIGNED_DATA && kinds[1] === TST_INFO, "it holds something else");
  const octets = held(only(inside(boxed, FIRST)), OCTETS);
  const [, , imprint, , time] = inside(only(values(octets)), SEQUENCE);
  const [algorithm, digest] = inside(imprint, SEQUENCE);
  return {
    algorithm: toHex(held(inside(algorithm, SEQUENCE)[0], NAMED)),
    imprint: held(digest, OCTETS),
    time: instant(fromUtf8(held(time, TIME), "its time")),
  };
}

/** A GeneralizedTime as RFC 3161 writes it, in RFC 3339 without its fraction. */
function instant(text) {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.]\d*[1-9])?Z$/.exec(text);
  demand(found !== null, "it states no time");
  const [, year, month, day, hour, minute, second] = found;
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  const at = new Date(written);
  const real = !Number.isNaN(at.getTime()) && at.toISOString().startsWith(written.slice(0, 19));
  demand(real, "it states no time");
  return written;
}

function only(list) {
  demand(list.length === 1, "there is not one value where one should be");
  return list[0];
}

function held(value, tag) {
  demand(value?.tag === tag, "another kind of value stands there");
  return value.content;
}

const inside = (value, tag) => values(held(value, tag));

/** The values that stand one after another; refuses unless they fill the bytes. */
function values(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    demand(at + 1 < bytes.length, "it is cut off");
    let [length, start] = [bytes[at + 1], at + 2];
    if (length > 127) {
      const count = length - 128;
      demand(count >= 1 && count <= 4, "a length is not definite, or too long");
      const digits = toHex(bytes.subarray(start, start + count));
      demand(isHex(digits, 2 * count), "it is cut off");
      [length, start] = [parseInt(digits, 16), start + count];
    }
    demand(start + length <= bytes.length, "it is cut off");
    found.push({ tag: bytes[at], content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}
