// The witness policy of a bundle (C2SP tlog-policy): who may witness, and how many must.

import { demand } from "./bytes.js";
import { cosignedAt, parseVerifierKey } from "./note.js";

const WAYS = {
  log: (policy, [key, url]) => {
    demand(key !== undefined && (url === undefined || url !== ""), "a log line lacks its key");
    policy.logs.push(parseVerifierKey(key));
  },
  witness: (policy, [name, key]) => {
    demand(name !== undefined && key !== undefined, "a witness line lacks its name or key");
    define(policy, name, { witness: parseVerifierKey(key) });
  },
  group: (policy, [name, count, ...members]) => {
    demand(members.length > 0, "a group of witnesses has no members");
    const words = { any: 1, all: members.length };
    const threshold = words[count] ?? (/^[1-9][0-9]{0,3}$/.test(count) ? Number(count) : 0);
    demand(threshold >= 1 && threshold <= members.length, "a group asks for no possible number");
    for (const member of members) {
      demand(policy.named.has(member), "a group names a witness that is not defined before it");
      demand(!policy.taken.has(member), "a witness stands in two groups");
      policy.taken.add(member);
    }
    define(policy, name, { threshold, members });
  },
  quorum: (policy, [name, ...more]) => {
    demand(policy.quorum === null && more.length === 0, "the policy has more than one quorum");
    demand(name === "none" || policy.named.has(name), "the quorum is not defined before it");
    policy.quorum = name;
  },
};

function define(policy, name, rule) {
  demand(name !== "none" && !policy.named.has(name), "the policy defines a name twice");
  policy.named.set(name, rule);
}

/** The policy that `text` spells: `logs` and `witnesses` (keys), and the quorum's rule. */
export function parsePolicy(text) {
  const policy = { logs: [], named: new Map(), taken: new Set(), quorum: null };
  demand(text.endsWith("\n"), "the policy does not end in a line feed");
  for (const line of text.slice(0, -1).split("\n")) {
    const words = line.split(/[ \t]+/).filter((word) => word !== "");
    if (words.length === 0 || words[0].startsWith("#")) continue;
    demand(Object.hasOwn(WAYS, words[0]), "the policy holds a line of no known kind");
    WAYS[words[0]](policy, words.slice(1));
  }
  demand(policy.quorum !== null, "the policy names no quorum");
  const rules = [...policy.named.values()];
  policy.witnesses = rules.flatMap((rule) => (rule.witness ? [rule.witness] : []));
  const spelled = [...policy.logs, ...policy.witnesses].map((key) => key.key.join());
  demand(new Set(spelled).size === spelled.length, "the policy holds one key twice");
  return policy;
}

/**
 * What the witnesses of `policy` say of a head: `{cosigned, times, met}`. `met` is false while the
 * quorum is `none`: nobody was asked to watch.
 */
export async function witnessesOf(policy, note, verifySignature) {
  const times = [];
  const cosigned = new Set();
  for (const [name, rule] of policy.named) {
    if (!rule.witness) continue;
    const time = await cosignedAt(note, rule.witness, verifySignature);
    if (time === null) continue;
    cosigned.add(name);
    times.push(time);
  }
  const holds = (name) => {
    const { witness, members, threshold } = policy.named.get(name);
    return witness ? cosigned.has(name) : members.filter(holds).length >= threshold;
  };
  return { cosigned, times, met: policy.quorum !== "none" && holds(policy.quorum) };
}
