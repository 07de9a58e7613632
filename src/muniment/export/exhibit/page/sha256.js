// SHA-256 (FIPS 180-4), fed piece by piece: WebCrypto can only hash what is wholly in memory.
//
// - update() may be called any number of times with pieces of any length; digest() once.
// - The state is eight 32-bit words; `| 0` keeps every sum a 32-bit integer.

// FIPS 180-4 4.2.2: the first 32 bits of the fractional parts of the cube roots of 64 primes.
const SHA256_ROUNDS = Int32Array.of(
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
  0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
  0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
  0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
  0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
  0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
);

// FIPS 180-4 5.3.3: the same of the square roots of the first eight primes.
const SHA256_START = Int32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
  0x1f83d9ab, 0x5be0cd19,
);

export class Sha256 {
  #state = SHA256_START.slice();
  #schedule = new Int32Array(64);
  #block = new Uint8Array(64);
  #held = 0;
  #length = 0;

  /** Add `bytes` to what is hashed. */
  update(bytes) {
    this.#length += bytes.length;
    let at = 0;
    if (this.#held > 0) {
      at = Math.min(64 - this.#held, bytes.length);
      this.#block.set(bytes.subarray(0, at), this.#held);
      this.#held += at;
      if (this.#held < 64) return this;
      this.#compress(this.#block, 0, 64);
      this.#held = 0;
    }
    const whole = at + Math.floor((bytes.length - at) / 64) * 64;
    this.#compress(bytes, at, whole);
    this.#block.set(bytes.subarray(whole), 0);
    this.#held = bytes.length - whole;
    return this;
  }

  /** The 32 bytes of the digest of everything added. */
  digest() {
    const bits = this.#length * 8;
    const closing = new Uint8Array(this.#held < 56 ? 64 - this.#held : 128 - this.#held);
    closing[0] = 0x80;
    const view = new DataView(closing.buffer);
    view.setUint32(closing.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(closing.length - 4, bits >>> 0);
    this.update(closing);
    const out = new Uint8Array(32);
    this.#state.forEach((word, i) => new DataView(out.buffer).setInt32(4 * i, word));
    return out;
  }

  #compress(bytes, from, to) {
    const W = this.#schedule;
    const K = SHA256_ROUNDS;
    const H = this.#state;
    for (let at = from; at < to; at += 64) {
      for (let i = 0, p = at; i < 16; i += 1, p += 4) {
        W[i] = (bytes[p] << 24) | (bytes[p + 1] << 16) | (bytes[p + 2] << 8) | bytes[p + 3];
      }
      for (let i = 16; i < 64; i += 1) {
        const x = W[i - 15];
        const y = W[i - 2];
        const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
      }
      let a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
      for (let i = 0; i < 64; i += 1) {
        const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const t1 = (h + S1 + (g ^ (e & (f ^ g))) + K[i] + W[i]) | 0;
        const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const t2 = (S0 + ((a & b) | (c & (a | b)))) | 0;
        h = g;
        g = f;
        f = e;
        e = (d + t1) | 0;
        d = c;
        c = b;
        b = a;
        a = (t1 + t2) | 0;
      }
      H[0] += a;
      H[1] += b;
      H[2] += c;
      H[3] += d;
      H[4] += e;
      H[5] += f;
      H[6] += g;
      H[7] += h;
    }
  }
}

/** The SHA-256 of `pieces`, one after the other: 32 bytes. */
export function sha256(...pieces) {
  const hash = new Sha256();
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}
