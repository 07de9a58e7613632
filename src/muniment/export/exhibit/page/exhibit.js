// One exhibit as the reader handed it over, examined whole; and the report that comes of it.
//
// - Everything is read from the files handed over. What this page embeds must say the same.
// - Before any file is handed over, the embedded record is examined and the bytes are "not yet
//   checked".

import { demand, fromBase64, fromUtf8, Refusal, toUtf8 } from "./bytes.js";
import {
  demandBagInfo,
  demandManifests,
  demandPage,
  differences,
  digestFiles,
  embeddable,
  embeddedText,
  PAGE,
} from "./bag.js";
import { attempt, examineCustody, RECORD, SPECIMEN } from "./examination.js";
import { Findings, overall } from "./findings.js";
import { demandKeys, isObject } from "./json.js";

/** The custody files that a page embeds, as a Map of path to bytes; refuses any other form. */
export function parseEmbedded(text) {
  let embedded;
  try {
    embedded = JSON.parse(text);
  } catch {
    throw new Refusal("this page holds no exhibit");
  }
  demand(embeddable(embedded) === text, "the embedded record is not in canonical form");
  demandKeys(embedded, ["binary", "text"], [], "the embedded record");
  const { binary, text: plain } = embedded;
  demand(isObject(binary) && isObject(plain), "the embedded record holds an unknown kind of file");
  const files = new Map(Object.entries(plain).map(([path, part]) => [path, toUtf8(part)]));
  for (const [path, part] of Object.entries(binary)) {
    demand(!files.has(path), `the embedded record holds ${path} twice`);
    files.set(path, fromBase64(part, path));
  }
  return files;
}

/** A report on what is embedded alone: everything but the bytes. */
export async function reportOnEmbedded(embedded, brought, signatures) {
  const findings = new Findings();
  const custody = await attempt(findings, "included", () => parseEmbedded(embedded));
  const state = custody && (await examineCustody(custody, brought, signatures.check));
  (state?.findings ?? findings).absent("bytes_intact", "not yet checked");
  const report = reportOf(state ?? { findings }, brought, signatures);
  const hopeless = Object.values(report.verdicts).some(({ state: one }) => one === "failed");
  return { ...report, verdict: hopeless ? "refused" : "not_yet_checked" };
}

/**
 * A report on a whole bundle `{name, files}` (name null for a folder), `embedded` being what this
 * page carries. `onBytes` is told how many bytes have been hashed since it was last told. A bundle
 * is hashed once; what came out stays with it as `digested`.
 */
export async function reportOnBundle(bundle, embedded, brought, signatures, onBytes) {
  const custody = new Map();
  for (const [path, { blob }] of bundle.files) {
    const ofLog = path.startsWith("custody/") || path === RECORD;
    if (ofLog) custody.set(path, new Uint8Array(await blob.arrayBuffer()));
  }
  const state = await examineCustody(custody, brought, signatures.check);
  bundle.digested ??= await digestFiles(bundle.files, onBytes);
  await examineBytes(state, bundle, embedded);
  return { ...reportOf(state, brought, signatures), digests: bundle.digested.digests };
}

async function examineBytes(state, bundle, embedded) {
  const { findings, selection } = state;
  const { digests, problems } = bundle.digested;
  for (const problem of problems) findings.fail("bytes_intact", problem);
  await attempt(findings, "bytes_intact", () => demandManifests(bundle.files, digests));
  // The rest needs what the export names; where that is not known, `chain_complete` has failed.
  if (selection === undefined) return;
  await attempt(findings, "bytes_intact", () => {
    const named = bundle.name === null || bundle.name === selection.name;
    demand(named, "the folder in the ZIP has another name");
  });
  for (const problem of differences(digests, selection, state.paths)) {
    findings.fail("bytes_intact", problem);
  }
  await examineMade(state, bundle, embedded);
  if (state.record === undefined) return;
  const size = [...digests.values()].reduce((sum, file) => sum + file.size, 0);
  const whole = `${digests.size} files, ${inBytes(size)}`;
  findings.prove("bytes_intact", `${whole}, all as the log recorded`);
}

/** The files that are made again: what the bag says of itself, and this page. */
async function examineMade(state, { files, digested }, embedded) {
  const { findings, custody, entries, selection, subjects } = state;
  if (subjects !== undefined) {
    await attempt(findings, "bytes_intact", () =>
      demandBagInfo(files, digested.digests, entries.at(-1)),
    );
  }
  await attempt(findings, "bytes_intact", async () => {
    demand(files.has(PAGE), `${PAGE} is missing`);
    const page = new Uint8Array(await files.get(PAGE).blob.arrayBuffer());
    const expected = embeddedText(custody);
    demandPage(page, selection.template, expected);
    demand(embedded === expected, "this page came with another exhibit than the one handed over");
  });
}

/** A size as people write it. */
export function inBytes(size) {
  if (size < 1000) return `${size} bytes`;
  const power = Math.min(4, Math.floor(Math.log10(size) / 3));
  return `${(size / 1000 ** power).toPrecision(3)} ${["", "kB", "MB", "GB", "TB"][power]}`;
}

function reportOf(state, brought, signatures) {
  const verdicts = state.findings.verdicts();
  const origin = state.head?.checkpoint.origin ?? "";
  return {
    verdict: overall(verdicts, brought.length > 0),
    log_key: state.keys?.log.text ?? "",
    verdicts,
    specimen: origin.startsWith(SPECIMEN),
    signatures: signatures.name,
    state,
  };
}

/** A report on something that is no bundle at all, or of a form that no check foresaw. */
export function reportOnRefusal(error, signatures) {
  const findings = new Findings();
  const foreseen = error instanceof Refusal;
  findings.fail("bytes_intact", foreseen ? error.message : `it cannot be read (${error.message})`);
  return reportOf({ findings }, [], signatures);
}

/** The text of a page element's embedded record, or "" when the page is an empty template. */
export function embeddedIn(element) {
  return fromUtf8(toUtf8(element?.textContent ?? ""), "the embedded record");
}
