// SPDX-License-Identifier: MIT
//
// The scanner's page: which state it is in, and what leads from one to the next.
//
//   empty -> opening -> finding -> corners -> cleaning -> result
//
// Cancel goes back from where work is done to where it was asked for. The work itself is in worker.js.
import { Comparison } from './comparison.js';
import { CornerEditor } from './corner_editor.js';
import { listenForPhotos } from './intake.js';
import { Scanner } from './scanner.js';

const $ = (selector) => document.querySelector(selector);

const scanner = new Scanner(hear);
const editor = new CornerEditor($('#photo'));
const comparison = new Comparison($('#page'));
const facts = {};
let name = 'scan';

const WORDS = {
  opening: ['Opening the photo', ''],
  finding: ['Looking for the page', ''],
  found: ['Is this the page?', matchMedia('(pointer: coarse)').matches
    ? 'If a corner is off, drag it.'
    : 'If a corner is off, drag it, or move it with the arrow keys.'],
  lost: ['No page found', 'Put the four corners where the page is, and go on.'],
  crossed: ['The corners cross', 'Drag them so that the outline goes once around the page.'],
  cleaning: ['Cleaning the page', 'It is straightened first, then cleaned tile by tile.'],
  result: ['Here is your page', 'Drag the line to see what was taken away.'],
};

function enter(state, words = state) {
  document.body.dataset.state = state;
  for (const element of document.querySelectorAll('[data-when]')) {
    element.hidden = !element.dataset.when.split(' ').includes(state);
  }
  $('#notice').hidden = true;
  if (state !== 'empty') say(words);
}

function say(words) {
  const [title, advice] = WORDS[words];
  $('#title').textContent = title;
  $('#advice').textContent = advice;
}

/** Counts photos: what an older one still had under way must not change the page. */
let photoCount = 0;

/** Runs one step; a cancelled one goes back without words, a failed one with them. */
async function attempt(step, ...back) {
  const mine = photoCount;
  try {
    await step();
  } catch (error) {
    if (mine !== photoCount) return;
    enter(...back);
    if (error.name !== 'AbortError') complain(error.message);
  }
}

function complain(text) {
  $('#notice p').textContent = text;
  $('#notice').hidden = false;
}

function take(photo) {
  photoCount++;
  name = photo.name?.replace(/\.[^.]*$/, '') || 'scan';
  scanner.cancel();
  forget();
  enter('opening');
  $('#cancel').focus();
  attempt(async () => {
    const { preview, width, height } = await scanner.open(photo);
    editor.show(preview, { width, height });
    enter('finding');
    const { corners } = await scanner.find();
    editor.corners = corners ?? inset(width, height);
    enter('corners', corners ? 'found' : 'lost');
    $('#clean').focus();
  }, 'empty');
}

/** Corners to begin with where none were found. */
function inset(width, height) {
  const [x, y] = [width * 0.15, height * 0.15];
  return [[x, y], [width - x, y], [width - x, height - y], [x, height - y]];
}

function clean() {
  if (!editor.isUsable) return say('crossed');
  enter('cleaning');
  $('#page').classList.add('is-waiting');
  $('#progress').removeAttribute('value');
  $('#count').textContent = '';
  $('#cancel').focus();
  attempt(async () => {
    await scanner.clean(editor.corners);
    enter('result');
    comparison.reveal();
    $('#save-pdf').focus({ preventScroll: true });
  }, 'corners', 'found');
}

/** Runs what a button asks for, during which it cannot be pressed again. */
async function busy(button, task) {
  button.disabled = true;
  try {
    await task();
  } catch (error) {
    complain(error.message);
  } finally {
    button.disabled = false;
    button.focus({ preventScroll: true });
  }
}

const onPress = (selector, task) =>
  $(selector).addEventListener('click', ({ currentTarget }) => busy(currentTarget, task));

async function turn(quarters) {
  comparison.replace(await scanner.turn(quarters));
}

async function save(type, ending) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await scanner.save(type));
  link.download = `${name}-clean.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function hear(event) {
  if (event.facts) note(event.facts);
  if (document.body.dataset.state !== 'cleaning') return;
  if (event.before) {
    comparison.begin(event.before);
    $('#page').classList.remove('is-waiting');
  }
  if (event.tile) {
    comparison.addTile(event.tile, event.x, event.y);
    $('#progress').value = event.done / event.total;
    $('#count').textContent = `Tile ${event.done} of ${event.total}`;
  }
}

const time = (ms) => ms < 995 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

const COLOPHON = [
  ['Photo', ({ photo }) => photo && `${photo[0]} × ${photo[1]}`],
  ['Opened in', ({ open }) => open && time(open)],
  ['Found in', ({ find }) => find && time(find)],
  ['Sure', ({ presence }) => presence !== undefined && `${Math.round(presence * 100)} %`],
  ['Page', ({ page, paper }) => page && `${page[0]} × ${page[1]}${paper ? `, ${paper}` : ''}`],
  ['Straightened in', ({ straighten }) => straighten && time(straighten)],
  ['Cleaned in', ({ clean }) => clean && time(clean)],
  ['Wasm memory', ({ memory }) => memory && `${Math.round(memory / 1e6)} MB`],
  ['Engine', ({ variant }) => variant],
];

function note(news) {
  Object.assign(facts, news);
  const rows = COLOPHON.map(([label, text]) => [label, text(facts)]).filter(([, text]) => text);
  $('#colophon dl').replaceChildren(...rows.flatMap(([label, text]) => {
    const [term, value] = [document.createElement('dt'), document.createElement('dd')];
    term.textContent = label;
    value.textContent = text;
    return [term, value];
  }));
  $('#colophon').hidden = rows.length === 0;
  document.body.dataset.facts = JSON.stringify(facts); // for whoever drives the page by program
}

function forget() {
  for (const key of Object.keys(facts)) delete facts[key];
  note({});
}

function startOver() {
  enter('empty');
  $('#choose').focus();
}

forget();
$('#colophon').open = matchMedia('(min-width: 801px)').matches;
listenForPhotos(take, complain);
$('#cancel').addEventListener('click', () => scanner.cancel());
$('#clean').addEventListener('click', clean);
$('#back').addEventListener('click', startOver);
$('#again').addEventListener('click', startOver);
$('#adjust').addEventListener('click', () => enter('corners', 'found'));
onPress('#turn-left', () => turn(-1));
onPress('#turn-right', () => turn(1));
onPress('#save-pdf', () => save('application/pdf', 'pdf'));
onPress('#save-png', () => save('image/png', 'png'));
$('#notice button').addEventListener('click', () => { $('#notice').hidden = true; });
$('#photo').addEventListener('change', () => say(editor.isUsable ? 'found' : 'crossed'));
addEventListener('keydown', ({ key }) => key === 'Escape' && scanner.cancel());

if (navigator.serviceWorker) navigator.serviceWorker.register('sw.js').catch(() => {});
