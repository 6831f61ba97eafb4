// SPDX-License-Identifier: MIT
//
// The benchmark's page: what is chosen, the contest (contest.js), and its results as charts, a table and JSON.
//
//   idle -> measuring -> done
import { barChart } from './chart.js';
import { Contest, findRuntimes } from './contest.js';

const $ = (selector) => document.querySelector(selector);

const MODELS = {
  page_corners: { url: new URL('../../models/page_corners.onnx', import.meta.url).href, format: 'onnx' },
  page_clean: {
    url: new URL('../../models/page_clean.onnx', import.meta.url).href,
    format: 'onnx',
    given: [{ name: 'tile', dtype: 'float32', shape: [1, 3, 256, 256] }],
  },
};

const NAMES = { octavo: 'Octavo', '@litertjs/core': 'LiteRT.js', '@tensorflow/tfjs-tflite': 'tfjs-tflite' };
const nameOf = (runtime) => NAMES[runtime] ?? runtime;

const ms = (value) => `${value < 1 ? value.toFixed(3) : value < 100 ? value.toFixed(1) : Math.round(value)} ms`;
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const share = (part) => (part === 0 ? 'nothing' : part < 1e-4 ? part.toExponential(0) : `${(part * 100).toFixed(2)} %`);

let stopper = new AbortController();
let report;

function enter(state) {
  document.body.dataset.state = state;
  const isMeasuring = state === 'measuring';
  $('#measure').hidden = isMeasuring;
  $('#stop').hidden = $('#status').hidden = !isMeasuring;
  for (const fieldset of document.querySelectorAll('fieldset')) fieldset.disabled = isMeasuring;
}

function complain(text) {
  $('#notice p').textContent = text;
  $('#notice').hidden = false;
}

/* --- what is chosen --- */

/** Threads need shared memory, which browsers give to isolated pages only. */
function offerThreads() {
  const most = globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 1;
  $('#threads').replaceChildren(...[1, 2, 4].map((count) => {
    const label = document.createElement('label');
    const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'threads', value: count,
      checked: count === 1, disabled: count > most });
    const text = Object.assign(document.createElement('span'), { textContent: count });
    const reason = most > 1 ? `This device has ${most} cores.` : 'This page is not cross-origin isolated.';
    if (count > most) label.title = reason;
    label.append(input, text);
    return label;
  }));
}

function takeFile(file) {
  const format = /\.(onnx|tflite)$/i.exec(file.name)?.[1].toLowerCase();
  if (!format) return complain(`${file.name} is neither .onnx nor .tflite.`);
  if (MODELS.file) URL.revokeObjectURL(MODELS.file.url);
  MODELS.file = { url: URL.createObjectURL(file), format };
  $('#file-name').textContent = file.name;
  $('#file-note').textContent = `${megabytes(file.size)}, from this device`;
  $('#own').checked = true;
  tellAbsent();
}

const chosen = () => Object.fromEntries(new FormData($('#form')));

/** Says plainly who is missing. */
async function tellAbsent() {
  const { absent } = await findRuntimes(MODELS[chosen().model]?.format ?? 'onnx');
  const names = absent.map(({ runtime }) => nameOf(runtime)).join(' and ');
  $('#absent').hidden = absent.length === 0;
  $('#absent').textContent = `Not here, and so left out: ${names}. After “npm install”, this server has them.`;
}

/* --- the contest --- */

async function measure() {
  const { model, threads, runs } = chosen();
  if (!MODELS[model]) return $('#file').click();
  const { url, format, given } = MODELS[model];
  const { here } = await findRuntimes(format);
  $('#notice').hidden = true;
  enter('measuring');
  stopper = new AbortController();
  const contest = new Contest({ signal: stopper.signal, onNews: showNews });
  const name = model === 'file' ? $('#file-name').textContent : model;
  try {
    const rows = await contest.hold(here, { url, given, threads: Number(threads), runs: Number(runs) });
    report = { model: name, threads: Number(threads), date: new Date().toISOString(), userAgent: navigator.userAgent,
      cores: navigator.hardwareConcurrency, isIsolated: globalThis.crossOriginIsolated, rows };
    show(rows);
    showTable(rows);
    enter('done');
  } catch (error) {
    enter('idle');
    if (error.name !== 'AbortError') complain(error.message);
  }
}

function showNews(rows, doing, part) {
  $('#doing').textContent = doing;
  $('#progress').value = part;
  $('#table').replaceChildren();
  $('#copy').hidden = true;
  show(rows);
}

function show(rows) {
  $('#results').hidden = !rows.some(({ build, refusal }) => build || refusal);
  $('#charts').hidden = !rows.some(({ build }) => build);
  const bars = (value, runs = () => undefined) => rows.filter(({ refusal }) => !refusal).map((row) => ({
    name: nameOf(row.runtime), note: row.build ?? '', isOwn: row.runtime === 'octavo', value: value(row),
    runs: runs(row),
  }));
  $('#charts').replaceChildren(
    barChart({ title: 'One run', explanation: 'The median; each stroke is a run.', text: ms,
      bars: bars(({ p50 }) => p50, ({ times }) => times) }),
    barChart({ title: 'From nothing', explanation: 'Runtime and model loaded, one result.', text: ms,
      bars: bars(({ startMs }) => startMs) }),
    barChart({ title: 'Memory', explanation: 'Taken by WebAssembly.', text: megabytes,
      bars: bars(({ wasmBytes }) => wasmBytes) }),
    barChart({ title: 'Download', explanation: 'Runtime and model, unpacked.', text: megabytes,
      bars: bars(({ bytes }) => bytes) }),
  );
}

/* --- numbers --- */

const COLUMNS = [
  ['Runtime', ({ runtime, version }) => `${nameOf(runtime)} ${version}`],
  ['Build', ({ build }) => build],
  ['Median', ({ p50 }) => ms(p50)],
  ['95 % below', ({ p95 }) => ms(p95)],
  ['First run', ({ firstMs }) => ms(firstMs)],
  ['From nothing', ({ startMs }) => ms(startMs)],
  ['Memory', ({ wasmBytes }) => megabytes(wasmBytes)],
  ['Differs by', ({ difference }) => share(difference)],
];

function showTable(rows) {
  const head = $('#table').createTHead().insertRow();
  for (const [title] of COLUMNS) {
    head.append(Object.assign(document.createElement('th'), { scope: 'col', textContent: title }));
  }
  const body = $('#table').createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    const shown = row.refusal ? [COLUMNS[0], ['', ({ refusal }) => `refuses this model: ${refusal}`]] : COLUMNS;
    const cells = shown.map(([, text]) => text(row));
    for (const text of cells) line.insertCell().textContent = text;
    if (row.refusal) line.lastElementChild.colSpan = COLUMNS.length - 1;
  }
  $('#copy').hidden = false;
}

async function copy() {
  await navigator.clipboard.writeText(JSON.stringify(report, null, 2));
  $('#copy').textContent = 'Copied';
  setTimeout(() => { $('#copy').textContent = 'Copy as JSON'; }, 2000);
}

offerThreads();
tellAbsent();
$('#form').addEventListener('submit', (event) => {
  event.preventDefault();
  measure();
});
$('#form').addEventListener('change', tellAbsent);
$('#stop').addEventListener('click', () => stopper.abort());
$('#own').addEventListener('click', () => $('#file').click());
$('#file').addEventListener('change', ({ target }) => target.files[0] && takeFile(target.files[0]));
$('#copy').addEventListener('click', () => copy().catch(({ message }) => complain(message)));
$('#notice button').addEventListener('click', () => { $('#notice').hidden = true; });
addEventListener('dragover', (event) => event.preventDefault());
addEventListener('drop', (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer.files;
  if (file && document.body.dataset.state !== 'measuring') takeFile(file);
});
