// Joins the page to what examines: hears the reader, runs one examination at a time, shows it.
//
// - `window.munimentReport` and `data-verdict` on the root element hold the latest result for
//   programs; `data-checks` counts the results shown.

import { Refusal } from "./bytes.js";
import { signatureCheck } from "./ed25519.js";
import { embeddedIn, reportOnBundle, reportOnEmbedded, reportOnRefusal } from "./exhibit.js";
import { bundleFromDrop, bundleFromFile, bundleFromFolder } from "./handed.js";
import { ED25519, ML_DSA_44, parseKeyLines } from "./note.js";
import { showExhibit, showFates, showProgress, showVerdicts } from "./view.js";

const at = (id) => document.getElementById(id);
const root = document.documentElement;

const session = {
  signatures: null,
  embedded: "",
  brought: [],
  bundle: null,
  busy: Promise.resolve(),
};

function publish(report) {
  const { verdict, log_key, verdicts, specimen, signatures } = report;
  window.munimentReport = { verdict, log_key, verdicts, specimen, signatures };
  showVerdicts(report);
  root.dataset.verdict = verdict;
  root.dataset.checks = String(Number(root.dataset.checks ?? 0) + 1);
}

async function showEmbedded() {
  const report = await reportOnEmbedded(session.embedded, session.brought, session.signatures);
  publish(report);
  showExhibit(report);
}

/** Examine what the reader hands over; `open` gives the bundle. */
async function examine(open) {
  showProgress(0, 0);
  let report;
  try {
    const bundle = await open();
    session.bundle = bundle;
    const total = [...bundle.files.values()].reduce((sum, { blob }) => sum + blob.size, 0);
    let done = 0;
    const onBytes = (count) => showProgress((done += count), total);
    const { embedded, brought, signatures } = session;
    report = await reportOnBundle(bundle, embedded, brought, signatures, onBytes);
    showFates(report.digests, report.state.record);
  } catch (error) {
    report = reportOnRefusal(error, session.signatures);
  }
  showProgress(null, 0);
  publish(report);
  at("state").scrollIntoView({ block: "nearest" });
}

/** Run `work` after whatever is running, however that ended: results come in order. */
function next(work) {
  session.busy = session.busy.then(work, work);
  return session.busy;
}

/** The keys of logs: one of ML-DSA-44 stands beside an Ed25519 key, which is what anchors. */
function logKeys(keys) {
  const names = keys.filter(({ type }) => type === ED25519).map(({ name }) => name);
  const known = [ED25519, ML_DSA_44];
  const proper = ({ type, name }) => known.includes(type) && names.includes(name);
  if (!keys.every(proper)) throw new Refusal("a log key is an Ed25519 key");
  return keys;
}

function useKeys() {
  const problem = at("key-problem");
  problem.hidden = true;
  try {
    session.brought = logKeys(parseKeyLines(at("key").value));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    problem.textContent = `This is not a log key: ${error.message}.`;
    problem.hidden = false;
    return;
  }
  const { bundle } = session;
  next(bundle === null ? showEmbedded : () => examine(async () => bundle));
}

function listen() {
  const [zip, folder, drop] = [at("zip"), at("folder"), at("drop")];
  zip.addEventListener("change", () => {
    const [file] = zip.files;
    if (file) next(() => examine(() => bundleFromFile(file)));
  });
  folder.addEventListener("change", () => {
    const files = [...folder.files];
    if (files.length > 0) next(() => examine(async () => bundleFromFolder(files)));
  });
  // Anywhere on the page, so that a ZIP dropped beside the box does not replace the page.
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  document.addEventListener("dragleave", () => drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    // What was dropped can be asked for only while the event lasts.
    const bundle = bundleFromDrop(event.dataTransfer);
    next(() => examine(() => bundle));
  });
  at("key-use").addEventListener("click", useKeys);
}

session.busy = (async () => {
  session.signatures = await signatureCheck();
  session.embedded = embeddedIn(at("bundle"));
  listen();
  await showEmbedded();
})();
