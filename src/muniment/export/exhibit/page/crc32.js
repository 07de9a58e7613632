// CRC-32 as ZIP uses it, fed piece by piece, eight bytes a step.

const CRC_TABLES = [];

for (let table = 0; table < 8; table += 1) {
  CRC_TABLES.push(new Int32Array(256));
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = table === 0 ? byte : CRC_TABLES[table - 1][byte];
    const rounds = table === 0 ? 8 : 1;
    for (let i = 0; i < rounds; i += 1) {
      if (table === 0) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
      else crc = (crc >>> 8) ^ CRC_TABLES[0][crc & 0xff];
    }
    CRC_TABLES[table][byte] = crc;
  }
}

/** The CRC-32 of what came before (`crc`, 0 at first) and `bytes`. */
export function crc32(crc, bytes) {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = CRC_TABLES;
  let c = ~crc;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    const low =
      c ^ (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
    c =
      t7[low & 0xff] ^
      t6[(low >>> 8) & 0xff] ^
      t5[(low >>> 16) & 0xff] ^
      t4[low >>> 24] ^
      t3[bytes[at + 4]] ^
      t2[bytes[at + 5]] ^
      t1[bytes[at + 6]] ^
      t0[bytes[at + 7]];
  }
  for (; at < bytes.length; at += 1) c = (c >>> 8) ^ t0[(c ^ bytes[at]) & 0xff];
  return ~c >>> 0;
}
