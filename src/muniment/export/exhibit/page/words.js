// What the page says in words: verdicts, states, acts. Nothing is decided here.

/** The overall verdicts: mark, title and explanation. */
export const OVERALL = {
  not_yet_checked: [
    "○",
    "Not yet checked",
    "What this page says about the acts agrees with itself. Whether the files are the ones it " +
      "describes is checked once you hand them over.",
  ],
  intact_anchored: [
    "✓",
    "Intact, under the log key you brought",
    "The files are the ones recorded, and the record comes from the log whose key you were " +
      "given elsewhere.",
  ],
  intact_self_attested: [
    "✓",
    "Intact, by the exhibit’s own word",
    "The files are the ones recorded, but only the exhibit’s own key says whose record it is. " +
      "Compare that key with one you were given elsewhere.",
  ],
  refused: ["✕", "Refused", "This exhibit does not check."],
};

/** The seven verdicts, as what holds when they are proved. */
export const NAMES = {
  bytes_intact: "Files unchanged",
  included: "Acts in the log",
  append_only: "Log only ever grew",
  chain_complete: "No act missing",
  witnessed: "Watched by outsiders",
  existed_before: "Existed by a proved time",
  disclosed: "Nothing withheld",
};

export const STATES = {
  proved: ["✓", "proved"],
  failed: ["✕", "failed"],
  absent: ["○", "absent"],
};

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
  return ACTS[kind] ?? plain(kind);
}

/**
 * Text from an exhibit as it may be shown: what would hide or reorder the text around it is written
 * as an escape. Joiners stay: Arabic and Indic scripts spell with them.
 */
export function plain(text) {
  return String(text).replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, (letter) => {
    if (letter === "\u200c" || letter === "\u200d") return letter;
    return `\\u{${letter.codePointAt(0).toString(16)}}`;
  });
}

/** A time of the log for people: the same moment, in UTC. */
export function timeInWords(text) {
  return text.replace("T", " ").replace("Z", " UTC");
}

/** Every value inside `value` with the names that lead to it: `[["source", "url"], "…"]`. */
export function* leavesOf(value, path = []) {
  if (typeof value !== "object") {
    yield [path.map(plain), plain(value)];
    return;
  }
  for (const [name, part] of Object.entries(value)) {
    if (name === "_sd") continue;
    const shown = Array.isArray(value) ? String(Number(name) + 1) : name;
    yield* leavesOf(part, [...path, shown]);
  }
}
