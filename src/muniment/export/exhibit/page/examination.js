// The examination of what the log says (custody-log section 8, steps 1 to 7), each step blamed on
// its own verdict. A step that needs what an earlier one could not give is left unchecked.

import { demand, Refusal, toHex, toUtf8 } from "./bytes.js";
import { bySubject, demandChains } from "./chain.js";
import { demandProof, parseEntries } from "./entries.js";
import { Findings } from "./findings.js";
import {
  demandExtension,
  demandHead,
  demandUsed,
  hasLaterSignature,
  readHead,
  readKeys,
  readOlderHead,
  readPolicy,
} from "./heads.js";
import { demandRecorded, parseRecord, parseSelection, WITHHELD_DIGEST } from "./selection.js";
import { sha256 } from "./sha256.js";
import { tokenFiles, wordsOnTokens } from "./tokens.js";
import { isCosigned, reportWitnesses } from "./witnesses.js";

export const SPECIMEN = "specimen.muniment.invalid/";
export const RECORD = "data/record.json";
const NEEDED_FILES = ["custody/checkpoint", "custody/entries.jsonl", "custody/keys"];
const CONSISTENCY = /^custody\/consistency\/[1-9]\d*-[1-9]\d*$/;
const proofPath = (entry) => `custody/proofs/${entry.index}.tlog-proof`;

/** Run `step`; when it refuses, blame `verdict` and give undefined. */
export async function attempt(findings, verdict, step) {
  try {
    return await step();
  } catch (error) {
    // Anything but a Refusal is a form that no check foresaw: refused as well, in plain words.
    const foreseen = error instanceof Refusal;
    findings.fail(verdict, foreseen ? error.message : `this cannot be read (${error.message})`);
    return undefined;
  }
}

function fileOf(custody, path) {
  demand(custody.has(path), `${path} is missing`);
  return custody.get(path);
}

/**
 * Examine the custody files (a Map of path to bytes, record.json among them). Gives `findings` and
 * what was read: head, keys, entries, subjects, selection, record, and the `paths` that have a use.
 */
export async function examineCustody(custody, brought, verifySignature) {
  const findings = new Findings();
  const paths = new Set([...NEEDED_FILES, "custody/policy"]);
  const state = { findings, custody, brought, verifySignature, paths };
  await examineHead(state);
  if (state.head !== undefined) await examineEntries(state);
  if (state.entries !== undefined) await examineChains(state);
  if (state.subjects !== undefined) {
    await examineOlderHeads(state);
    await examineRecord(state);
  }
  reportDisclosures(state);
  await reportTokens(state);
  return state;
}

async function examineHead(state) {
  const { findings, custody, brought, verifySignature } = state;
  const policy = await attempt(findings, "witnessed", () =>
    readPolicy(fileOf(custody, "custody/policy")),
  );
  await attempt(findings, "included", () => {
    for (const path of NEEDED_FILES) fileOf(custody, path);
    state.head = readHead(custody.get("custody/checkpoint"), "the checkpoint");
    state.keys = readKeys(custody.get("custody/keys"), policy, brought);
  });
  if (state.keys === undefined) return;
  const signed = await attempt(findings, "included", async () => {
    await demandHead(state.head, state.keys, verifySignature);
    return true;
  });
  state.trusted = signed === true;
}

async function examineEntries(state) {
  const { findings, custody, head } = state;
  state.entries = await attempt(findings, "included", () => {
    const bytes = fileOf(custody, "custody/entries.jsonl");
    return parseEntries(bytes, head.checkpoint.origin);
  });
  if (state.entries === undefined) return;
  for (const entry of state.entries) {
    state.paths.add(proofPath(entry));
    await attempt(findings, "included", () =>
      demandProof(entry, fileOf(custody, proofPath(entry)), head),
    );
    if (entry.fault !== null) findings.fail("disclosed", `entry ${entry.index}: ${entry.fault}`);
  }
  const [first, last] = [state.entries[0].index, state.entries.at(-1).index];
  const where = `between places ${first} and ${last} of a log of ${head.checkpoint.size}`;
  const later = state.trusted && hasLaterSignature(head, state.keys)
    ? "; an ML-DSA-44 signature is present and was not checked"
    : "";
  findings.prove("included", `${state.entries.length} acts, ${where}${later}`);
}

async function examineChains(state) {
  const { findings, entries, head } = state;
  await attempt(findings, "chain_complete", () => {
    const { selection } = entries.at(-1).groups;
    demand(selection !== undefined, "the last entry does not close an export");
    const earlier = entries.slice(0, -1).some(({ groups }) => groups.selection !== undefined);
    demand(!earlier, "an entry before the last discloses a selection");
    state.selection = parseSelection(selection);
    for (const size of state.selection.heads) {
      state.paths.add(`custody/consistency/${size}-${head.checkpoint.size}`);
    }
  });
  const subjects = await attempt(findings, "chain_complete", () => bySubject(entries));
  if (state.selection === undefined || subjects === undefined) return;
  state.subjects = subjects;
  await attempt(findings, "chain_complete", () => {
    const { items } = state.selection;
    demandChains(entries, subjects, items);
    const acts = items.reduce((sum, obj) => sum + subjects.get(obj).length, 0);
    const whole = `${acts} acts on ${items.length} ${items.length === 1 ? "item" : "items"}`;
    findings.prove("chain_complete", `${whole}, from receipt to this export, none missing`);
  });
}

async function examineOlderHeads(state) {
  const { findings, custody, head, keys, selection, verifySignature } = state;
  // What must lead to an unsigned head proves nothing: `included` has failed, this is not checked.
  if (!state.trusted) return;
  const sizes = selection.heads;
  const olders = [];
  state.olders = olders;
  for (const path of custody.keys()) {
    if (!CONSISTENCY.test(path)) continue;
    await attempt(findings, "append_only", async () => {
      const older = readOlderHead(path, custody.get(path), head);
      demand(sizes.includes(older.checkpoint.size), `${path} is not named by the export`);
      await demandHead(older, keys, verifySignature);
      demandExtension(older, head);
      olders.push(older);
    });
  }
  await attempt(findings, "included", () => demandUsed(keys, [head, ...olders]));
  olders.sort((one, other) => one.checkpoint.size - other.checkpoint.size);
  // `chain_complete` has failed where an item has no acts at all.
  if (!selection.items.every((obj) => state.subjects.has(obj))) return;
  await attempt(findings, "append_only", () => {
    const missing = sizes.find((size) => !olders.some((older) => older.checkpoint.size === size));
    demand(missing === undefined, `the log's head at ${missing} entries is not proved`);
    state.firstHeads = selection.items.map((obj) => {
      const [first] = state.subjects.get(obj);
      const older = olders.find(({ checkpoint }) => checkpoint.size > first.index);
      demand(older !== undefined, `no head of the log is kept for the act at ${first.index}`);
      return older;
    });
    const { tokens } = state.selection;
    const idle = olders.find(
      (older) =>
        !state.firstHeads.includes(older) &&
        !tokens.includes(older.checkpoint.size) &&
        !isCosigned(selection, older.checkpoint.size),
    );
    demand(idle === undefined, `no item rests on ${idle?.what}`);
    const from = state.firstHeads.map(({ checkpoint }) => checkpoint.size);
    const since = `since the log held ${Math.min(...from)} entries`;
    findings.prove("append_only", `nothing removed or reordered ${since}`);
  });
  await attempt(findings, "witnessed", () => reportWitnesses(state));
}

async function examineRecord(state) {
  const { findings, custody, head, selection, subjects } = state;
  await attempt(findings, "bytes_intact", () => {
    const bytes = fileOf(custody, RECORD);
    const selected = selection.files.find((file) => file.path === RECORD);
    const same = toHex(sha256(bytes)) === selected.sha256;
    demand(same, `${RECORD} has other content than the log recorded`);
    const record = parseRecord(bytes, selection);
    state.record = record;
    const specimen = head.checkpoint.origin.startsWith(SPECIMEN);
    demand(record.specimen === specimen, "the record and the log differ about what is a specimen");
    demandRecorded(record, subjects, selection.withheld);
  });
}

async function reportTokens({ findings, custody, selection, head, olders, paths }) {
  const files = tokenFiles(custody);
  for (const path of files.keys()) paths.add(path);
  const heads = [...(head === undefined ? [] : [head]), ...(olders ?? [])];
  await attempt(findings, "existed_before", () => {
    const words = wordsOnTokens(files, selection?.tokens ?? [], heads);
    findings.absent("existed_before", words);
  });
}

function reportDisclosures({ findings, entries, selection }) {
  if (selection === undefined) return;
  const hidden = entries.reduce((sum, entry) => sum + entry.closed.length, 0);
  const [given] = selection.withheld.flatMap((one) => WITHHELD_DIGEST.exec(one)?.[1] ?? []);
  // The export's own entry, the last, names what is left out before it.
  const before = entries.slice(0, -1).flatMap(({ closed }) => closed.map((one) => `${one}\n`));
  const same = given === undefined || given === toHex(sha256(toUtf8(before.join(""))));
  const named = selection.withheld.filter((one) => !WITHHELD_DIGEST.test(one)).join(", ");
  const details = `${hidden} ${hidden === 1 ? "detail" : "details"}`;
  if (!same) {
    findings.fail("disclosed", "other details are missing than those that the export withheld");
  } else if (hidden === 0 && named === "") {
    findings.prove("disclosed", "nothing is withheld");
  } else if (named === "") {
    findings.fail("disclosed", `${details} missing, though the export withholds nothing`);
  } else {
    findings.absent("disclosed", `${details} withheld: ${named}`);
  }
}
