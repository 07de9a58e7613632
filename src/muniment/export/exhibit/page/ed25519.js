// Ed25519 signatures (RFC 8032): by WebCrypto where the browser has it, else by the code here.
//
// - Checking only; nothing secret passes through, so nothing here runs in constant time.
// - The equation is checked without the cofactor, as OpenSSL and BoringSSL do.

import { fromHex, sameBytes, toHex } from "./bytes.js";
import { sha512 } from "./sha512.js";

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

const mod = (x) => ((x % P) + P) % P;

function power(base, exponent) {
  let result = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = (b * b) % P) {
    if (e & 1n) result = (result * b) % P;
  }
  return result;
}

// RFC 8032 5.1.3: 2^((p-1)/4) mod p.
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

const fromLittleEndian = (bytes) => BigInt(`0x${toHex(bytes.slice().reverse())}`);

function toLittleEndian(number) {
  return fromHex(number.toString(16).padStart(64, "0")).reverse();
}

// A point is [X, Y, Z, T] with x = X/Z, y = Y/Z, xy = T/Z (RFC 8032 5.1.4).
const NEUTRAL = [0n, 1n, 1n, 0n];

function added([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = ((y1 - x1) * (y2 - x2)) % P;
  const b = ((y1 + x1) * (y2 + x2)) % P;
  const c = (2n * t1 * t2 * D) % P;
  const d = (2n * z1 * z2) % P;
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(factor, point) {
  let result = NEUTRAL;
  for (let n = factor, p = point; n > 0n; n >>= 1n, p = added(p, p)) {
    if (n & 1n) result = added(result, p);
  }
  return result;
}

/** The point that 32 bytes spell, or null (RFC 8032 5.1.3). */
function pointOf(bytes) {
  const spelled = fromLittleEndian(bytes);
  const sign = spelled >> 255n;
  const y = spelled & (2n ** 255n - 1n);
  if (y >= P) return null;
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
  if (mod(v * x * x) === mod(-u)) x = mod(x * ROOT_OF_MINUS_ONE);
  if (mod(v * x * x) !== u || (x === 0n && sign === 1n)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

function spellingOf([x, y, z]) {
  const inverse = power(z, P - 2n);
  const bytes = toLittleEndian(mod(y * inverse));
  if (mod(x * inverse) & 1n) bytes[31] |= 0x80;
  return bytes;
}

const BASE = pointOf(fromHex("58" + "66".repeat(31)));

/** True for a key of small order, under which a signature can be made without the secret. */
export function anyoneCanSign(key) {
  const point = pointOf(key);
  if (point === null) return true;
  const [x, , z] = times(8n, point);
  return x % P === 0n && z !== 0n;
}

/** True when `signature` is `key`'s over `message`; own arithmetic, no WebCrypto. */
export function ownEd25519(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const point = pointOf(key);
  const s = fromLittleEndian(signature.subarray(32));
  if (point === null || s >= L) return false;
  const hashed = new Uint8Array(64 + message.length);
  hashed.set(signature.subarray(0, 32));
  hashed.set(key, 32);
  hashed.set(message, 64);
  const k = fromLittleEndian(sha512(hashed)) % L;
  const [x, y, z, t] = point;
  const expected = added(times(s, BASE), times(k, [mod(-x), y, z, mod(-t)]));
  return sameBytes(spellingOf(expected), signature.subarray(0, 32));
}

/**
 * A signature check `{name, check(key, message, signature)}`, the browser's own where it has one.
 * WebCrypto is missing in older browsers and in pages that are not a "secure context".
 */
export async function signatureCheck() {
  const own = { name: "this page's own code", check: async (...args) => ownEd25519(...args) };
  if (globalThis.crypto?.subtle === undefined) return own;
  try {
    const spelledBase = fromHex("58" + "66".repeat(31));
    await crypto.subtle.importKey("raw", spelledBase, "Ed25519", false, ["verify"]);
  } catch {
    return own;
  }
  return { name: "the browser's WebCrypto", check: webCryptoEd25519 };
}

async function webCryptoEd25519(key, message, signature) {
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  } catch {
    return false;
  }
  return crypto.subtle.verify("Ed25519", imported, signature, message);
}
