// Bytes and their spellings: strict readers for UTF-8, hexadecimal and base64.
//
// - Every reader refuses what it would not write itself: one value has one spelling.
// - Refusal is the one error of this page: something read is not what the format says.

export class Refusal extends Error {}

/** Throw a Refusal with `message` unless `condition` holds. */
export function demand(condition, message) {
  if (!condition) throw new Refusal(message);
}

const utf8Writer = new TextEncoder();
const utf8Reader = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The UTF-8 bytes of `text`. */
export function toUtf8(text) {
  return utf8Writer.encode(text);
}

/** The text of UTF-8 `bytes`; refuses anything that is not well-formed. */
export function fromUtf8(bytes, what) {
  try {
    return utf8Reader.decode(bytes);
  } catch {
    throw new Refusal(`${what} is not UTF-8 text`);
  }
}

/** True for bytes that are well-formed UTF-8. */
export function isUtf8(bytes) {
  try {
    utf8Reader.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Lower-case hexadecimal digits of `bytes`. */
export function toHex(bytes) {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** True for exactly `count` lower-case hexadecimal digits. */
export function isHex(text, count) {
  return typeof text === "string" && text.length === count && /^[0-9a-f]*$/.test(text);
}

/** The bytes of hexadecimal `text`, which the caller has checked with isHex. */
export function fromHex(text) {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

/** Standard base64 of `bytes`, padded. */
export function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x6000) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + 0x6000)));
  }
  return text;
}

/** The bytes of standard padded base64; refuses any other spelling of the same bytes. */
export function fromBase64(text, what) {
  demand(typeof text === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(text), `${what} is not base64`);
  let raw;
  try {
    raw = atob(text);
  } catch {
    throw new Refusal(`${what} is not base64`);
  }
  const bytes = Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
  demand(toBase64(bytes) === text, `${what} is not in the one allowed base64 form`);
  return bytes;
}

/** base64url without padding (RFC 4648 section 5). */
export function toBase64Url(bytes) {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The bytes of unpadded base64url; refuses any other spelling of the same bytes. */
export function fromBase64Url(text, what) {
  demand(typeof text === "string" && /^[A-Za-z0-9_-]*$/.test(text), `${what} is not base64url`);
  const padding = "=".repeat((4 - (text.length % 4)) % 4);
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + padding, what);
}

/** True when both hold the same bytes. */
export function sameBytes(one, other) {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i += 1) if (one[i] !== other[i]) return false;
  return true;
}

/** All `pieces`, one after the other. */
export function joined(...pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
