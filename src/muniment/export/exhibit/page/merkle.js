// Merkle tree hashes and proofs (RFC 9162 section 2.1), SHA-256.
//
// - Sizes go up to 2^53, so halves are taken by division and never by 32-bit shifts.
// - A proof must be used up exactly: neither a hash too few nor one too many.

import { sameBytes } from "./bytes.js";
import { sha256 } from "./sha256.js";

const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);

/** The hash of a leaf with these bytes. */
export function leafHash(bytes) {
  return sha256(LEAF, bytes);
}

function nodeHash(left, right) {
  return sha256(NODE, left, right);
}

const half = (n) => Math.floor(n / 2);
const odd = (n) => n % 2 === 1;

/** The root over `hashes`, which must not be empty (RFC 9162 2.1.1). */
export function rootOf(hashes) {
  if (hashes.length === 1) return hashes[0];
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return nodeHash(rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)));
}

/** True when `proof` shows the leaf at `index` in the tree of `size` and `root` (2.1.3.2). */
export function inclusionHolds(leaf, index, size, proof, root) {
  if (index >= size || leaf.length !== 32 || root.length !== 32) return false;
  let [fn, sn, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (odd(fn) || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (!odd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && sameBytes(hash, root);
}

/** True when `proof` shows that the tree of `size` extends the one of `oldSize` (2.1.4.2). */
export function consistencyHolds(oldSize, oldRoot, size, root, proof) {
  if (oldSize < 1 || oldSize > size) return false;
  if (oldSize === size) return proof.length === 0 && sameBytes(oldRoot, root);
  let [fn, sn] = [oldSize - 1, size - 1];
  while (odd(fn)) [fn, sn] = [half(fn), half(sn)];
  // A complete old tree is itself the first node of the path.
  const path = fn === 0 ? [oldRoot, ...proof] : proof;
  if (path.length === 0) return false;
  let [oldHash, hash] = [path[0], path[0]];
  for (const sibling of path.slice(1)) {
    if (sn === 0) return false;
    if (odd(fn) || fn === sn) {
      oldHash = nodeHash(sibling, oldHash);
      hash = nodeHash(sibling, hash);
      while (!odd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && sameBytes(oldHash, oldRoot) && sameBytes(hash, root);
}
