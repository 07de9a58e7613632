// What the reader hands over, as files with paths: a ZIP, a chosen folder or a dropped one.

import { demand, Refusal } from "./bytes.js";
import { readZip } from "./zip.js";

const filesOf = (pairs) => new Map(pairs.map(([path, blob]) => [path, { blob }]));

/** A bundle from the files of a chosen folder; paths begin with the folder's own name. */
export function bundleFromFolder(list) {
  const inside = (path) => path.split("/").slice(1).join("/");
  const pairs = [...list].map((file) => [inside(file.webkitRelativePath), file]);
  demand(
    pairs.some(([path]) => path === "bagit.txt"),
    "this is not an exhibit’s folder: choose the one that holds bagit.txt and record.html",
  );
  return { name: null, files: filesOf(pairs) };
}

/** A bundle from a file that should be its ZIP. */
export async function bundleFromFile(file) {
  return readZip(file);
}

function entriesOf(directory) {
  const reader = directory.createReader();
  const next = () => new Promise((done, failed) => reader.readEntries(done, failed));
  return (async () => {
    const all = [];
    // readEntries gives at most a hundred at a time, and none when it is through.
    for (let some = await next(); some.length > 0; some = await next()) all.push(...some);
    return all;
  })();
}

async function walk(directory, prefix) {
  const pairs = [];
  for (const entry of await entriesOf(directory)) {
    const path = prefix + entry.name;
    if (entry.isDirectory) pairs.push(...(await walk(entry, `${path}/`)));
    else pairs.push([path, await new Promise((done, failed) => entry.file(done, failed))]);
  }
  return pairs;
}

/** A bundle from what was dropped: one ZIP or one folder. */
export async function bundleFromDrop(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const [file] = transfer.files;
  if (entries.length !== 1) throw new Refusal("drop one thing: the exhibit’s ZIP, or its folder");
  if (entries[0]?.isDirectory) {
    return { name: null, files: filesOf(await walk(entries[0], "")) };
  }
  return bundleFromFile(file);
}
