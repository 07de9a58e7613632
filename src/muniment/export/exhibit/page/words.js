// What the page says in words: verdicts, states, acts. Nothing is decided here.

/** The overall verdicts: mark, title and explanation. */
export const OVERALL = {
  not_yet_checked: [
    "○",
    "Not yet checked",
    "What this page says about the acts agrees with itself. Whether the files are the ones it describes is checked once you hand them over.",
  ],
  intact_anchored: [
    "✓",
    "Intact, under the log key you brought",
    "The files are the ones recorded, and the record comes from the log whose key you were given elsewhere.",
  ],
  intact_self_attested: [
    "✓",
    "Intact, by the exhibit’s own word",
    "The files are the ones recorded, but only the exhibit’s own key says whose record it is. Compare that key with one you were given elsewhere.",
  ],
  refused: ["✕", "Refused", "This exhibit does not check. What failed is listed below."],
};

/** The seven verdicts, as questions a reader has. */
export const NAMES = {
  bytes_intact: "The files are unchanged",
  included: "Each act is in the log",
  append_only: "The log only ever grew",
  chain_complete: "No act is missing",
  witnessed: "Outsiders watched the log",
  existed_before: "It existed by a proved time",
  disclosed: "Nothing is withheld",
};

export const STATES = { proved: ["✓", "proved"], failed: ["✕", "failed"], absent: ["○", "absent"] };

const ACTS = {
  "batch.closed": "Batch closed",
  "item.damaged": "Found damaged",
  "item.described": "Described",
  "item.examined": "Examined",
  "item.exported": "Exported",
  "item.linked": "Linked to another record",
  "item.received": "Received",
  "item.repaired": "Restored after damage",
  "rendition.made": "Rendition made",
};

/** An act in words; an act this page does not know keeps its own name. */
export function actInWords(kind) {
  return ACTS[kind] ?? kind;
}

/** A time of the log for people: the same moment, in UTC. */
export function timeInWords(text) {
  return text.replace("T", " ").replace("Z", " UTC");
}

/** Every value inside `value` with the names that lead to it: `[["source", "url"], "…"]`. */
export function* leavesOf(value, path = []) {
  if (typeof value !== "object") {
    yield [path, String(value)];
    return;
  }
  for (const [name, part] of Object.entries(value)) {
    if (name === "_sd") continue;
    yield* leavesOf(part, Array.isArray(value) ? [...path, String(Number(name) + 1)] : [...path, name]);
  }
}
