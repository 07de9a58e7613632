// The files of the bag against what the log says of them: digests, sizes, nothing missing, nothing
// more. The manifests and record.html are not in the selection: they are made again and compared.

import { demand, fromUtf8, isUtf8, sameBytes, toBase64, toHex, toUtf8 } from "./bytes.js";
import { crc32 } from "./crc32.js";
import { canonicalJson } from "./json.js";
import { Sha256, sha256 } from "./sha256.js";
import { Sha512 } from "./sha512.js";

const STEP = 4 * 1024 * 1024;
const MANIFEST = "manifest-sha256.txt";
const LONG_MANIFEST = "manifest-sha512.txt";
const TAG_MANIFEST = "tagmanifest-sha256.txt";
const DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
export const PAGE = "record.html";

// Spelled in two parts so that the page holds its own mark once.
const MARK = `<script type="application/json" id=${'"bundle">'}`;
const MARK_END = `${"</"}script>`;

/** The text that record.html embeds: all of custody/ and record.json. */
export function embeddedText(custody) {
  const [binary, text] = [{}, {}];
  for (const [path, bytes] of custody) {
    if (isUtf8(bytes)) text[path] = fromUtf8(bytes, path);
    else binary[path] = toBase64(bytes);
  }
  return embeddable({ binary, text });
}

/** Canonical JSON that may stand in a page: no `<`, so nothing in it can end the block. */
export function embeddable(value) {
  return canonicalJson(value).replaceAll("<", "\\u003c");
}

/** Refuse unless `page` is the template of `digest` with exactly `embedded` in its place. */
export function demandPage(page, digest, embedded) {
  const text = fromUtf8(page, PAGE);
  const from = text.indexOf(MARK) + MARK.length;
  const to = text.indexOf(MARK_END, from);
  demand(from >= MARK.length && to >= from, `${PAGE} has no place for the exhibit's record`);
  demand(text.indexOf(MARK, from) === -1, `${PAGE} has two places for the exhibit's record`);
  const template = toUtf8(text.slice(0, from) + text.slice(to));
  demand(toHex(sha256(template)) === digest, `${PAGE} is not the page that the export recorded`);
  demand(text.slice(from, to) === embedded, `${PAGE} shows something other than the files say`);
}

const isPayload = (path) => path.startsWith("data/");

/** Digests and size of a file, read piece by piece; `crc` is what the ZIP says, or undefined. */
async function digestOf(path, { blob, crc }, long, onBytes) {
  const hash = new Sha256();
  let sum = 0;
  let next = blob.slice(0, STEP).arrayBuffer();
  for (let at = 0; at < blob.size; at += STEP) {
    const bytes = new Uint8Array(await next);
    // The next piece is read while this one is hashed.
    next = blob.slice(at + STEP, at + 2 * STEP).arrayBuffer();
    hash.update(bytes);
    long?.update(bytes);
    if (crc !== undefined) sum = crc32(sum, bytes);
    onBytes(bytes.length);
  }
  demand(crc === undefined || sum === crc, `${path} differs from the checksum in the ZIP`);
  const digests = { sha256: toHex(hash.digest()), sha512: long && toHex(long.digest()) };
  return { path, ...digests, size: blob.size };
}

function manifestOf(files, algorithm) {
  return toUtf8(files.map((file) => `${file[algorithm]}  ${file.path}\n`).join(""));
}

const byPath = (one, other) => (one.path < other.path ? -1 : 1);

/**
 * Digests of all `files` by path, and a sentence for each that could not be read as it should.
 * SHA-512 is taken of the payload only, and only where the bag has a manifest of it.
 */
export async function digestFiles(files, onBytes) {
  const digests = new Map();
  const problems = [];
  for (const [path, file] of files) {
    try {
      const long = files.has(LONG_MANIFEST) && isPayload(path) ? new Sha512() : undefined;
      digests.set(path, await digestOf(path, file, long, onBytes));
    } catch (error) {
      const unreadable = error.name === "NotReadableError";
      problems.push(unreadable ? `${path} could not be read` : error.message);
    }
  }
  return { digests, problems };
}

/**
 * Sentences for what is missing, too many or changed among `digests`; none when all is well.
 * `custodyPaths` are the files of the log that have a use; one of those that is missing is blamed
 * where it is needed.
 */
export function differences(digests, selection, custodyPaths) {
  const problems = [];
  const made = [MANIFEST, TAG_MANIFEST, PAGE];
  const expected = new Set([...made, LONG_MANIFEST, ...custodyPaths]);
  for (const path of made) if (!digests.has(path)) problems.push(`${path} is missing`);
  for (const { path, sha256: hex, size } of selection.files) {
    const found = digests.get(path);
    if (selection.withheld.includes(path)) continue;
    expected.add(path);
    if (found === undefined) problems.push(`${path} is missing, and not said to be withheld`);
    else if (found.sha256 !== hex) problems.push(`${path} has other content than the log recorded`);
    else if (found.size !== size) problems.push(`${path} has another size than the log recorded`);
  }
  for (const path of digests.keys()) {
    if (!expected.has(path)) problems.push(`${path} is not part of this exhibit`);
  }
  return problems;
}

/** Refuse unless the manifests are exactly what the files at hand make them. */
export async function demandManifests(files, digests) {
  const all = [...digests.values()].sort(byPath);
  const payload = all.filter(({ path }) => isPayload(path));
  const tags = all.filter(({ path }) => !isPayload(path) && path !== TAG_MANIFEST);
  for (const [path, listed, algorithm] of [
    [MANIFEST, payload, "sha256"],
    [LONG_MANIFEST, payload, "sha512"],
    [TAG_MANIFEST, tags, "sha256"],
  ]) {
    if (path === LONG_MANIFEST && !files.has(path)) continue;
    const found = await bytesOf(files, path);
    const same = sameBytes(found, manifestOf(listed, algorithm));
    demand(same, `${path} does not list the files that are here`);
  }
}

/** Refuse unless the bag says what it is, and its date, size and identifier are the export's. */
export async function demandBagInfo(files, digests, exporting) {
  const declared = fromUtf8(await bytesOf(files, "bagit.txt"), "bagit.txt");
  demand(declared === DECLARATION, "bagit.txt does not declare a BagIt 1.0 bag");
  const info = fromUtf8(await bytesOf(files, "bag-info.txt"), "bag-info.txt");
  const lines = new Map(info.split("\n").map((line) => line.split(/: (.*)/, 2)));
  const payload = [...digests.values()].filter(({ path }) => isPayload(path));
  const octets = payload.reduce((sum, { size }) => sum + size, 0);
  for (const [label, value] of [
    ["Bagging-Date", exporting.chain.t.slice(0, 10)],
    ["External-Identifier", exporting.eid],
    ["Payload-Oxum", `${octets}.${payload.length}`],
  ]) {
    demand(lines.get(label) === value, `bag-info.txt and the export differ about ${label}`);
  }
}

async function bytesOf(files, path) {
  demand(files.has(path), `${path} is missing`);
  return new Uint8Array(await files.get(path).blob.arrayBuffer());
}
