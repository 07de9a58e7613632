// Whether each item's acts are all here, in order, and end in this very export.
//
// - A subject's acts count n = 0, 1, 2 …, each naming the hash of the one before; no entry of the
//   log is dated before the entry before it.
// - The last entry closes the export's batch and holds the selection; every item ends in it.
// - A batch's root covers its members; where all of them are here it is computed again, and for the
//   export all of them must be.
// - Every entry has a use: an item's act, a closing of this export, or of a batch an act came in.

import { demand, isHex, sameBytes, toHex, fromHex } from "./bytes.js";
import { batchOf, chainOf } from "./entries.js";
import { demandKeys, isCount } from "./json.js";
import { rootOf } from "./merkle.js";

const EXPORTED = "item.exported";
const CLOSED = "batch.closed";
const LARGEST_GROUP = 256;

/** Entries by subject, each with its `chain` filled in. */
export function bySubject(entries) {
  const subjects = new Map();
  for (const entry of entries) {
    entry.chain = chainOf(entry);
    const acts = subjects.get(entry.chain.obj) ?? [];
    acts.push(entry);
    subjects.set(entry.chain.obj, acts);
  }
  return subjects;
}

/** Refuse unless `acts` are a subject's acts from its first, without a gap. */
export function demandUnbroken(acts, what) {
  acts.forEach(({ chain }, n) => {
    demand(chain.n === n, `act ${n} of ${what} is missing`);
    const before = n === 0 ? "" : toHex(acts[n - 1].hash);
    demand(chain.prev === before, `act ${n} of ${what} does not follow from the one before`);
  });
}

function closingOf(entry) {
  const { reason } = entry.groups;
  const what = `the end of a batch at ${entry.index}`;
  demandKeys(reason, ["count", "more", "root"], ["reason"], what);
  const { count, more, root } = reason;
  const proper = isCount(count) && count >= 1 && count <= LARGEST_GROUP;
  demand(proper && typeof more === "boolean" && isHex(root, 64), `${what} is not well formed`);
  return reason;
}

/** Refuse unless the batch leaf `entry` closes over `members`, as far as those are all here. */
function demandCovers(entry, members) {
  const { count, root } = closingOf(entry);
  const what = `the end of a batch at ${entry.index}`;
  demand(members.length <= count, `${what} counts fewer acts than are here`);
  if (members.length < count) return;
  const over = rootOf(members.map(({ hash }) => hash));
  demand(sameBytes(over, fromHex(root)), `${what} covers other acts`);
}

/** Refuse unless the export's batch leaves close exactly over the last acts of `items`. */
function demandExportBatch(closings, lastActs) {
  demandUnbroken(closings, "the export");
  let from = -1;
  closings.forEach((entry, i) => {
    const { count, more } = closingOf(entry);
    const members = lastActs.filter(({ index }) => from < index && index < entry.index);
    from = entry.index;
    demand(more === i < closings.length - 1, "the export does not end where it says");
    demand(count === members.length, "the export counts other acts than are here");
    demandCovers(entry, members);
  });
  const covered = lastActs.every(({ index }) => index < from);
  demand(covered, "an item was exported outside this export");
}

/** The acts of one item, checked to end in the export that the batch `exporting` is. */
function demandItem(acts, obj, exporting) {
  const what = `item ${obj.slice(0, 8)}…`;
  demand(acts !== undefined, `no act of ${what} is here`);
  demandUnbroken(acts, what);
  const last = acts.at(-1);
  demand(last.chain.act === EXPORTED, `${what} does not end in its export: a later act is missing`);
  demand(batchOf(last) === exporting, `${what} ends in another export than this one`);
  const early = acts.slice(0, -1).some((act) => batchOf(act) === exporting);
  demand(!early, `${what} goes on after this export`);
  return last;
}

/** Refuse unless each other batch that acts came in has its end here, and nothing else is here. */
function demandOtherBatches(memberActs, subjects, items, exporting) {
  const members = new Map();
  for (const act of memberActs) {
    const batch = batchOf(act);
    if (batch === null || batch === exporting) continue;
    const closing = (subjects.get(batch) ?? []).find(({ index }) => index > act.index);
    demand(closing !== undefined, `the batch that act ${act.index} came in has no end here`);
    members.set(closing, [...(members.get(closing) ?? []), act]);
  }
  for (const [obj, entries] of subjects) {
    if (items.includes(obj) || obj === exporting) continue;
    for (const entry of entries) {
      const covered = members.get(entry);
      demand(covered !== undefined, `entry ${entry.index} is here without a use`);
      demand(entry.chain.act === CLOSED, `entry ${entry.index} does not end a batch`);
      demandCovers(
        entry,
        covered.sort((one, other) => one.index - other.index),
      );
    }
  }
}

/** Refuse unless time never runs backwards along the log. */
function demandTimes(entries) {
  entries.forEach(({ index, chain }, i) => {
    const falls = i > 0 && chain.t < entries[i - 1].chain.t;
    demand(!falls, `entry ${index} is dated before the one before it`);
  });
}

/** Refuse unless the chains of `items` are whole and end in the export the last entry closes. */
export function demandChains(entries, subjects, items) {
  demandTimes(entries);
  const { chain } = entries.at(-1);
  demand(chain.act === CLOSED, "the last entry does not close an export");
  const exporting = chain.obj;
  demand(!items.includes(exporting), "the export lists itself as an item");
  const lastActs = items.map((obj) => demandItem(subjects.get(obj), obj, exporting));
  lastActs.sort((one, other) => one.index - other.index);
  demandExportBatch(subjects.get(exporting), lastActs);
  const memberActs = items.flatMap((obj) => subjects.get(obj));
  demandOtherBatches(memberActs, subjects, items, exporting);
}
