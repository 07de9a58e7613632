// Puts a report on the page. Text only ever becomes text: nothing from an exhibit is read as HTML.

import { isHex, toHex, toUtf8 } from "./bytes.js";
import { inBytes } from "./exhibit.js";
import { isObject } from "./json.js";
import { sha256 } from "./sha256.js";
import { actInWords, leavesOf, NAMES, OVERALL, plain, STATES, timeInWords } from "./words.js";

const at = (id) => document.getElementById(id);

/** A new element with a class and children, each a node or text. */
function made(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** The overall verdict and the seven. */
export function showVerdicts({ verdict, verdicts, specimen }) {
  const [mark, words, why] = OVERALL[verdict];
  at("state").dataset.verdict = verdict;
  at("verdict-mark").textContent = mark;
  at("verdict-words").textContent = (specimen ? "SPECIMEN · " : "") + words;
  at("verdict-why").textContent = why + culprits(verdict, verdicts);
  at("specimen").hidden = !specimen;
  at("not-anchored").hidden = verdict === "intact_anchored";
  at("verdicts").replaceChildren(...Object.entries(verdicts).map(verdictRow));
}

/** Which checks a refusal rests on, as a sentence to follow the others. */
function culprits(verdict, verdicts) {
  if (verdict !== "refused") return "";
  const inState = (state) => Object.keys(verdicts).filter((name) => verdicts[name].state === state);
  const failed = inState("failed").map((name) => `“${NAMES[name]}”`);
  return failed.length === 0 ? " A check could not be made." : ` Failed: ${failed.join(", ")}.`;
}

function verdictRow([name, { state, detail }]) {
  const [mark, word] = STATES[state];
  const waiting = name === "bytes_intact" && detail === "not yet checked";
  const sign = made("span", "mark", mark);
  sign.setAttribute("aria-hidden", "true");
  const what = made("span", "name", NAMES[name]);
  const said = made("span", "what detail", made("span", "word", waiting ? detail : word));
  if (!waiting) said.append(`: ${detail}`);
  const named = made("span", "", what, document.createElement("br"), made("code", "", name));
  const row = made("li", state, sign, named, said);
  row.dataset.name = name;
  row.dataset.state = state;
  return row;
}

/** Everything else: title, items with their parts and acts, the log. */
export function showExhibit({ state, log_key: logKey, signatures }) {
  const { selection, record, subjects, head, entries } = state;
  const readable = record !== undefined;
  if (readable) showTitle(selection, record, entries.at(-1));
  const { withheld } = selection ?? {};
  const items = readable ? record.items.filter(({ obj }) => subjects.has(obj)) : [];
  const agents = Array.isArray(record?.agents) ? record.agents.filter(isObject) : [];
  const named = agents.filter(({ name }) => typeof name === "string" && name !== "");
  const names = new Map(named.map((agent) => [agent.id, agentInWords(agent)]));
  const shown = items.map((item) => itemOf(item, subjects.get(item.obj), names, withheld));
  if (shown.length === 0) shown.push(made("p", "alarm", "This exhibit’s record cannot be read."));
  at("items").replaceChildren(...shown);
  if (head !== undefined) showLog(head, logKey, signatures, state);
}

function agentInWords({ name, kind }) {
  return kind === "person" ? plain(name) : `${plain(name)} (${plain(kind)})`;
}

function showTitle(selection, record, exporting) {
  at("title").textContent = selection.name;
  document.title = `${selection.name} · exhibit record`;
  const from = record?.batch?.organisation ? `from ${plain(record.batch.organisation)}, ` : "";
  const to = selection.recipient === "" ? "" : `for ${plain(selection.recipient)}, `;
  at("about").textContent = `Exported ${from}${to}${timeInWords(exporting.chain.t)}`;
}

function itemOf(item, acts, names, withheld) {
  const parts = made("ul", "parts", ...item.parts.map((part) => partOf(part, withheld)));
  const history = made("ol", "acts", ...acts.map((act) => actOf(act, names)));
  const number = made("p", "number", item.number);
  const title = made("h3", "", item.title === "" ? "Without a title" : plain(item.title));
  title.dir = "auto";
  const heading = made("h4", "", "Its acts, in order");
  return made("article", "item", number, title, parts, heading, history);
}

function partOf({ path, name, media_type: type, sha256: digest, size }, withheld) {
  const part = made("li", "part");
  part.dataset.path = path;
  if (digest === undefined || withheld.includes(path)) {
    part.append(made("p", "", made("strong", "", path), " withheld"));
    return part;
  }
  const kind = path.startsWith("data/renditions/") ? "rendition, " : "";
  const called = made("strong", "", name === "" ? "No name given" : plain(name));
  called.dir = "auto";
  part.append(
    made("p", "called", called, made("span", "soft", ` ${kind}${plain(type)}, ${inBytes(size)}`)),
    fateOf("absent", "○", "not yet checked"),
    made("p", "soft", made("code", "", path)),
    made("p", "digest", made("code", "", `SHA-256 ${digest}`)),
  );
  return part;
}

function fateOf(state, mark, word) {
  return made("p", `fate ${state}`, made("span", "mark", mark), " ", made("span", "word", word));
}

function actOf(act, names) {
  const { chain, index, groups, closed: left } = act;
  const time = made("time", "", timeInWords(chain.t));
  time.dateTime = chain.t;
  const who = names.get(chain.by) ?? `agent ${chain.by.slice(0, 8)}…`;
  const what = made("div", "", made("strong", "", actInWords(chain.act)), ` by ${who}`);
  const facts = made("dl", "facts small");
  for (const [group, value] of Object.entries(groups)) {
    if (group === "chain") continue;
    for (const [path, text] of leavesOf(value, [group])) {
      const said = made("dd", "", text);
      said.dir = "auto";
      facts.append(made("dt", "", path.join(" · ")), said);
    }
  }
  const closed = left.length > 0 ? `, ${left.length} withheld` : "";
  const summary = made("summary", "", `What was recorded${closed}`);
  if (facts.childElementCount > 0) what.append(made("details", "", summary, facts));
  const batch = groups.handling?.batch;
  const within = isHex(batch, 32) ? `, batch ${batch.slice(0, 8)}` : "";
  const place = made("span", "place", `place ${index}${within}`);
  return made("li", "", made("div", "", time, place), what);
}

function showLog(head, logKey, signatures, { entries, keys }) {
  const exporting = entries?.at(-1);
  const rows = [
    ["Log", made("code", "", head.checkpoint.origin)],
    ["Its key", made("code", "", logKey)],
    ["Fingerprint of the key", made("code", "", toHex(sha256(toUtf8(logKey))))],
    ["Entries at export", String(head.checkpoint.size)],
    ["Root at export", made("code", "", toHex(head.checkpoint.root))],
    ["This export", made("code", "", exporting?.eid ?? "")],
    ["Witnesses", String(keys?.policy?.witnesses.length ?? 0)],
    ["Signatures checked with", signatures],
  ];
  const pairs = rows.flatMap(([name, value]) => [made("dt", "", name), made("dd", "", value)]);
  at("log").replaceChildren(...pairs);
}

/** What became of each part, once the bytes were read. `digests` maps paths to what was found. */
export function showFates(digests, record) {
  for (const part of (record?.items ?? []).flatMap((item) => item.parts)) {
    const row = document.querySelector(`.part[data-path="${CSS.escape(part.path)}"] .fate`);
    if (row === null) continue;
    const found = digests.get(part.path);
    const same = found?.sha256 === part.sha256 && found.size === part.size;
    const [mark, word] = same ? ["✓", "unchanged"] : ["✕", found ? "changed" : "missing"];
    row.replaceWith(fateOf(same ? "proved" : "failed", mark, word));
  }
}

/** How far the reading has come; null when it is over. */
export function showProgress(done, total) {
  at("working").hidden = done === null;
  if (done === null) return;
  at("progress").value = total === 0 ? 1 : done / total;
  at("progress-words").textContent = `${inBytes(done)} of ${inBytes(total)} checked`;
}
