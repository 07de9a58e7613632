// Reads the one form of ZIP that a bundle has, without unpacking: each file becomes a slice.
//
// - Every header is compared with the only bytes that may stand there, so that no other tool can
//   see other files, names or sizes in the same ZIP, and no byte is left unread.
// - Stored members in ASCII order under one folder; ZIP64 above 4 GiB (APPNOTE 6.3.10).

import { demand, joined, sameBytes, toUtf8 } from "./bytes.js";

const MAX16 = 0xffff;
const MAX32 = 0xffffffff;
const PLAIN = 20;
const WIDE = 45;
const UNIX = 3 << 8;
const FIRST_DAY = 0x21;
const FILE_MODE = 0o100644 * 0x10000;

/** Little-endian numbers, each given as `[bytes, value]`. */
function packed(...fields) {
  const out = new Uint8Array(fields.reduce((sum, [width]) => sum + width, 0));
  let at = 0;
  for (const [width, value] of fields) {
    for (let i = 0, rest = value; i < width; i += 1, rest = Math.floor(rest / 256)) {
      out[at + i] = rest % 256;
    }
    at += width;
  }
  return out;
}

function numberAt(bytes, at, width) {
  let value = 0;
  for (let i = width - 1; i >= 0; i -= 1) value = value * 256 + (bytes[at + i] ?? 0);
  demand(Number.isSafeInteger(value), "the ZIP gives an impossible number");
  return value;
}

function localHeader({ name, crc, size }) {
  const wide = size >= MAX32;
  const extra = wide ? packed([2, 1], [2, 16], [8, size], [8, size]) : new Uint8Array(0);
  const shown = Math.min(size, MAX32);
  return joined(
    packed([4, 0x04034b50], [2, wide ? WIDE : PLAIN], [2, 0], [2, 0], [2, 0], [2, FIRST_DAY]),
    packed([4, crc], [4, shown], [4, shown], [2, name.length], [2, extra.length]),
    toUtf8(name),
    extra,
  );
}

function centralHeader({ name, crc, size, start }) {
  const [wide, far] = [size >= MAX32, start >= MAX32];
  const values = [...(wide ? [[8, size], [8, size]] : []), ...(far ? [[8, start]] : [])];
  const extra = packed(...(values.length > 0 ? [[2, 1], [2, 8 * values.length], ...values] : []));
  const version = values.length > 0 ? WIDE : PLAIN;
  const shown = Math.min(size, MAX32);
  return joined(
    packed([4, 0x02014b50], [2, UNIX + version], [2, version], [2, 0], [2, 0], [2, 0]),
    packed([2, FIRST_DAY], [4, crc], [4, shown], [4, shown], [2, name.length], [2, extra.length]),
    packed([2, 0], [2, 0], [2, 0], [4, FILE_MODE], [4, Math.min(start, MAX32)]),
    toUtf8(name),
    extra,
  );
}

function endRecords(count, size, start) {
  const files = Math.min(count, MAX16);
  const [length, from] = [Math.min(size, MAX32), Math.min(start, MAX32)];
  const end = joined(
    packed([4, 0x06054b50], [4, 0], [2, files], [2, files]),
    packed([4, length], [4, from], [2, 0]),
  );
  if (files < MAX16 && length < MAX32 && from < MAX32) return end;
  return joined(
    packed([4, 0x06064b50], [8, 44], [2, UNIX + WIDE], [2, WIDE], [4, 0], [4, 0]),
    packed([8, count], [8, count], [8, size], [8, start]),
    packed([4, 0x07064b50], [4, 0], [8, start + size], [4, 1]),
    end,
  );
}

async function bytesOf(blob, from, to) {
  demand(from >= 0 && to <= blob.size, "the ZIP is cut short");
  return new Uint8Array(await blob.slice(from, to).arrayBuffer());
}

/** Where the central directory lies: `{count, size, start}`; refuses any unusual end. */
async function directoryOf(blob) {
  const tail = await bytesOf(blob, Math.max(0, blob.size - 98), blob.size);
  demand(tail.length >= 22, "this is not a ZIP");
  const end = tail.length - 22;
  let [count, size, start] = [numberAt(tail, end + 10, 2), 0, 0];
  [size, start] = [numberAt(tail, end + 12, 4), numberAt(tail, end + 16, 4)];
  if (count === MAX16 || size === MAX32 || start === MAX32) {
    demand(tail.length === 98, "this is not a ZIP");
    [count, size, start] = [32, 40, 48].map((at) => numberAt(tail, at, 8));
  }
  const expected = endRecords(count, size, start);
  const fits = start + size + expected.length === blob.size;
  const found = tail.subarray(tail.length - expected.length);
  demand(fits && sameBytes(found, expected), "the end of the ZIP is not as a bundle's must be");
  return { count, size, start };
}

/** One member as the central directory tells it at `at`. */
function memberAt(directory, at) {
  const [nameLength, extraLength] = [28, 30].map((offset) => numberAt(directory, at + offset, 2));
  const nameEnd = at + 46 + nameLength;
  demand(nameEnd + extraLength <= directory.length, "the directory of the ZIP is cut short");
  const letters = directory.subarray(at + 46, nameEnd);
  const plain = letters.every((byte) => byte > 0x20 && byte < 0x7f);
  demand(plain, "a name in the ZIP is not plain ASCII");
  const name = String.fromCharCode(...letters);
  const member = {
    name,
    crc: numberAt(directory, at + 16, 4),
    size: numberAt(directory, at + 24, 4),
    start: numberAt(directory, at + 42, 4),
  };
  let extra = nameEnd + 4;
  if (member.size === MAX32) {
    member.size = numberAt(directory, extra, 8);
    extra += 16;
  }
  if (member.start === MAX32) member.start = numberAt(directory, extra, 8);
  return member;
}

/** The members of the ZIP in `blob`, in order: `{name, crc, size, start}`. */
async function membersOf(blob) {
  const { count, size, start } = await directoryOf(blob);
  demand(size < 2 ** 28, "the ZIP holds too many files");
  const directory = await bytesOf(blob, start, start + size);
  const members = [];
  let [at, offset] = [0, 0];
  while (at < size) {
    const member = memberAt(directory, at);
    const expected = centralHeader(member);
    const found = directory.subarray(at, at + expected.length);
    demand(sameBytes(found, expected), `the ZIP lists ${member.name} in an unusual form`);
    demand(member.start === offset, `the ZIP holds bytes before ${member.name} that no file uses`);
    const ordered = members.length === 0 || members.at(-1).name < member.name;
    demand(ordered, `${member.name} is in the ZIP twice or out of order`);
    members.push(member);
    at += expected.length;
    offset += localHeader(member).length + member.size;
  }
  demand(members.length === count && offset === start, "the ZIP holds bytes that no file uses");
  return members;
}

/** The bundle in a ZIP: `{name, files}`, `files` mapping paths in the bag to `{blob, crc}`. */
export async function readZip(blob) {
  const files = new Map();
  let folder = null;
  for (const member of await membersOf(blob)) {
    const header = localHeader(member);
    const from = member.start + header.length;
    const found = await bytesOf(blob, member.start, from);
    demand(sameBytes(found, header), `the ZIP says two things about ${member.name}`);
    const cut = member.name.indexOf("/");
    folder ??= member.name.slice(0, cut);
    demand(cut > 0 && member.name.startsWith(`${folder}/`), "the ZIP does not hold one folder");
    const inside = blob.slice(from, from + member.size);
    files.set(member.name.slice(cut + 1), { blob: inside, crc: member.crc });
  }
  const named = folder !== null && /^[a-z0-9-]{1,100}$/.test(folder);
  demand(named, "the ZIP's folder has no proper name");
  return { name: folder, files };
}
