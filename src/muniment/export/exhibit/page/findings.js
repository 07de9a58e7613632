// The seven verdicts of an exhibit, and the one that follows from them (custody-log section 8).

export const VERDICTS = [
  "bytes_intact",
  "included",
  "append_only",
  "chain_complete",
  "witnessed",
  "existed_before",
  "disclosed",
];

// These four must be proved; the others may be absent.
const NEEDED = VERDICTS.slice(0, 4);

export class Findings {
  #faults = new Map(VERDICTS.map((name) => [name, []]));
  #settled = new Map();

  /** A check behind the verdict `name` did not hold. */
  fail(name, detail) {
    if (!this.#faults.get(name).includes(detail)) this.#faults.get(name).push(detail);
  }

  /** Every check behind `name` held; a fault, whenever it is found, outweighs it. */
  prove(name, detail) {
    this.#settled.set(name, { state: "proved", detail });
  }

  /** There is nothing to check for `name`, or it could not be checked. */
  absent(name, detail) {
    if (!this.#settled.has(name)) this.#settled.set(name, { state: "absent", detail });
  }

  /** State and detail of every verdict. */
  verdicts() {
    const table = {};
    for (const name of VERDICTS) {
      const faults = this.#faults.get(name);
      const untouched = { state: "absent", detail: "not checked: an earlier check failed" };
      if (faults.length === 0) table[name] = this.#settled.get(name) ?? untouched;
      else table[name] = { state: "failed", detail: inWords(faults) };
    }
    return table;
  }
}

function inWords(faults) {
  const shown = faults.slice(0, 3).join("; ");
  return faults.length > 3 ? `${shown}; and ${faults.length - 3} more` : shown;
}

/** The overall verdict: refused, intact_anchored or intact_self_attested. */
export function overall(verdicts, anchored) {
  const failed = VERDICTS.some((name) => verdicts[name].state === "failed");
  const lacking = NEEDED.some((name) => verdicts[name].state !== "proved");
  if (failed || lacking) return "refused";
  return anchored ? "intact_anchored" : "intact_self_attested";
}
