// What the export act says the exhibit holds, and what record.json tells about it in words.
//
// - The selection is in the log; record.json is one of the files it fixes.
// - A path has one form; nothing in it can mean another place, an option or a device.

import { demand, isHex } from "./bytes.js";
import { demandKeys, isCount, isObject, parseCanonical } from "./json.js";

const TAG_FILES = ["bag-info.txt", "bagit.txt", "data/record.json", "VERIFY.md", "verify.py"];
const NUMBER = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?";
const PART = new RegExp(`^data/(original|renditions)/(${NUMBER})/[0-9]{3}([.][a-z0-9]{1,8})?$`);

/** What `withheld` may hold beside names: a digest over the digests of all that is left out. */
export const WITHHELD_DIGEST = /^digests[/]([0-9a-f]{64})$/;

const isTexts = (value) => Array.isArray(value) && value.every((text) => typeof text === "string");
const isDistinct = (list) => new Set(list).size === list.length;

/** The selection in an entry's groups; refuses any other form. */
export function parseSelection(value) {
  const keys = ["files", "heads", "items", "name", "recipient", "template", "tokens", "withheld"];
  demandKeys(value, keys, ["witnesses"], "the selection");
  const { files, heads, items, name, recipient, template, tokens, withheld } = value;
  demand(/^[a-z0-9-]{1,100}$/.test(name) && typeof recipient === "string", "the selection's names");
  demand(isHex(template, 64), "the selection names no template");
  demand(isTexts(items) && items.length > 0 && isDistinct(items), "the selection's items");
  demand(items.every((obj) => isHex(obj, 32)), "the selection's items");
  const rising = Array.isArray(heads) && heads.every((n, i) => isCount(n) && !(heads[i - 1] >= n));
  demand(rising, "the selection's heads");
  demand(Array.isArray(tokens), "the selection's time tokens");
  demand(isTexts(withheld) && isDistinct(withheld), "the selection's list of what is withheld");
  const digests = withheld.filter((one) => WITHHELD_DIGEST.test(one));
  demand(digests.length < 2, "the selection gives two digests of what is withheld");
  demand(Array.isArray(files), "the selection's files");
  if (value.witnesses !== undefined) demandWitnesses(value.witnesses, heads.length);
  files.forEach((file, i) => {
    demandKeys(file, ["path", "sha256", "size"], [], "a selected file");
    demand(isHex(file.sha256, 64) && isCount(file.size), "a selected file has no proper digest");
    const known = TAG_FILES.includes(file.path) || PART.test(file.path);
    demand(known, `the selection holds a path of no known kind: ${file.path}`);
    demand(i === 0 || files[i - 1].path < file.path, "the selected files are not in order");
  });
  for (const path of TAG_FILES) {
    demand(files.some((file) => file.path === path), `the selection lacks ${path}`);
  }
  return value;
}

function demandWitnesses(value, count) {
  const what = "what the selection says of witnesses";
  demandKeys(value, ["checkpoint", "lines", "policy"], [], what);
  const { checkpoint, lines, policy } = value;
  demand(Array.isArray(lines) && lines.length === count && lines.every(isCount), what);
  demand(isHex(policy, 64) && typeof checkpoint === "boolean", what);
}

/** record.json, checked to be about the selection's items and parts, and about nothing else. */
export function parseRecord(bytes, selection) {
  const record = parseCanonical(bytes, "data/record.json");
  demand(isObject(record) && record.schema === 1, "data/record.json is of no known form");
  demand(Array.isArray(record.items), "data/record.json lists no items");
  const objects = record.items.map((item) => item.obj);
  demand(objects.join() === selection.items.join(), "data/record.json lists other items");
  const numbers = record.items.map((item) => String(item.number).toLowerCase());
  demand(isDistinct(numbers), "data/record.json gives two items one number");
  const unnamed = new Map(selection.files.map((file) => [file.path, file]));
  for (const path of TAG_FILES) unnamed.delete(path);
  for (const part of record.items.flatMap((item) => partsOf(item))) {
    // What is withheld by name may be described, or only named; demandRecorded looks at the rest.
    if (selection.withheld.includes(part.path) && !unnamed.has(part.path)) continue;
    const file = unnamed.get(part.path);
    const same = file?.sha256 === part.sha256 && file?.size === part.size;
    demand(same, `data/record.json and the log differ about ${part.path}`);
    unnamed.delete(part.path);
  }
  const [left] = unnamed.keys();
  demand(left === undefined, `data/record.json does not say what ${left} is`);
  return record;
}

/** The parts of an item in record.json, each in its own item's folder. */
function partsOf(item) {
  const proper = typeof item.number === "string" && Array.isArray(item.parts);
  demand(proper && typeof item.title === "string", "data/record.json: an item is not well formed");
  for (const part of item.parts) {
    const place = typeof part.path === "string" ? PART.exec(part.path) : null;
    demand(place !== null && place[2] === item.number, `a part of ${item.number} lies elsewhere`);
    const described = typeof part.name === "string" && typeof part.media_type === "string";
    demand(described || part.sha256 === undefined, `the record does not describe ${part.path}`);
  }
  return item.parts;
}

/**
 * Refuse unless the parts of each item are those that its own acts recorded, by digest and size,
 * and each recorded part is there or among the `withheld` paths.
 */
export function demandRecorded(record, subjects, withheld) {
  for (const item of record.items) {
    const acts = subjects.get(item.obj) ?? [];
    const recorded = acts.flatMap(({ groups }) => groups.object?.parts ?? []);
    for (const part of item.parts) {
      if (part.sha256 === undefined) continue;
      const found = recorded.some((one) => isSamePart(one, part));
      demand(found, `the log did not record ${part.path} as a part of ${item.number}`);
    }
    const lacking = recorded.filter((one) => !item.parts.some((part) => isSamePart(one, part)));
    const allowed = withheld.filter((path) => PART.exec(path)?.[2] === item.number).length;
    const [first] = lacking;
    demand(lacking.length <= allowed, `a part of ${item.number} is not here: ${first?.sha256}`);
  }
}

const isSamePart = (one, other) => one.sha256 === other.sha256 && one.size === other.size;
