// Who saw the log, as the bundle shows it: cosignatures against the policy, and both against what
// the export act says of them.

import { demand, toHex } from "./bytes.js";
import { witnessesOf } from "./policy.js";
import { sha256 } from "./sha256.js";

/** Refuse unless policy and lines on the older heads are as the export act says, if it does. */
async function demandSaid({ custody, keys, olders, selection, verifySignature }) {
  const said = selection.witnesses;
  if (said === undefined) return;
  const same = toHex(sha256(custody.get("custody/policy"))) === said.policy;
  demand(same, "the policy is not the one that the selection names");
  if (olders.length !== said.lines.length) return;
  for (const [i, older] of olders.entries()) {
    const { cosigned } = await witnessesOf(keys.policy, older.note, verifySignature);
    demand(cosigned.size === said.lines[i], `${older.what} bears other cosignatures than it did`);
  }
}

/** True where the export act says that witnesses signed the older head of this size. */
export function isCosigned({ heads, witnesses }, size) {
  return (witnesses?.lines[heads.indexOf(size)] ?? 0) > 0;
}

/** Put into the findings who of the policy saw the log, and whether that is a quorum. */
export async function reportWitnesses(state) {
  const { findings, head, keys, olders, selection, subjects, verifySignature } = state;
  const { policy } = keys;
  if (policy === undefined) return;
  const [log, ...others] = policy.logs;
  const ours = log?.text === keys.log.text && others.length === 0;
  demand(ours, "custody/policy is about another log than this one");
  await demandSaid(state);
  const count = policy.witnesses.length;
  if (count === 0) {
    findings.absent("witnessed", "no outside witness watches this log");
    return;
  }
  const seen = new Map();
  for (const one of [...olders, head]) {
    seen.set(one, await witnessesOf(policy, one.note, verifySignature));
  }
  const early = selection.items.every((obj) => {
    const first = subjects.get(obj)?.[0].index ?? Infinity;
    return olders.some((one) => one.checkpoint.size > first && seen.get(one).met);
  });
  const most = Math.max(...[...seen.values()].map(({ cosigned }) => cosigned.size));
  const when = early ? "since each item was received" : "at the time of this export";
  if (early || seen.get(head).met) {
    findings.prove("witnessed", `${most} of ${count} witnesses saw this log ${when}`);
  } else {
    findings.absent("witnessed", `${most} of ${count} witnesses, fewer than the policy asks for`);
  }
}
