// SPDX-License-Identifier: MIT
//
// `node bench/scanner.js [FOLDER]`: how well the scanner sees, and what it costs. Prints tables.
//
// FOLDER is a folder of photos as ../shared/data/images is: SmartDoc 2015 frames with their true corners, and an empty
// desk. Where it is missing, those tables are left away. Everything else works on the demo's own samples.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { decodeImage } from '../cli/decode_image.js';
import { table } from '../cli/text.js';
import { imageMemory, runTiled } from '../js/image.js';
import { loadModel } from '../js/index.js';
import { cut } from '../js/pixels.js';
import { findPage, overlap, scan } from '../js/scan.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const images = process.argv[2] ?? join(root, '../shared/data/images');
const model = (name) => loadModel(join(root, 'models', name));

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const sizeOf = ({ width, height }) => `${width} x ${height}`;
const print = (title, rows) => console.log(`\n${title}\n${table(rows)}`);

/** SmartDoc's ground truth: file and corners, clockwise from the top left. */
function groundTruth(folder) {
  const [head, ...lines] = readFileSync(join(folder, 'ground_truth.csv'), 'utf8').trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const row = Object.fromEntries(line.split(',').map((value, k) => [names[k], value]));
    const corners = ['tl', 'tr', 'br', 'bl'].map((corner) => [Number(row[`${corner}_x`]), Number(row[`${corner}_y`])]);
    return { background: row.bg_name, file: row.image_path.replaceAll('/', '_'), corners };
  });
}

async function measureCorners(corners) {
  const folder = join(images, 'docs_gt/smartdoc2015');
  if (!existsSync(folder)) return console.log(`\n${folder} is not there: no corners measured`);
  const found = [];
  for (const { background, file, corners: truth } of groundTruth(folder)) {
    const photo = await decodeImage(join(folder, file));
    const [one, two] = [await findPage(corners, photo, { looks: 1 }), await findPage(corners, photo)];
    const iou = (page) => page.corners ? overlap(page.corners, truth) : 0;
    found.push({ background, file, presence: two.presence, one: iou(one), two: iou(two) });
  }
  print('Overlap (IoU) with the true page, after one look and after two', [
    ['frame', 'presence', 'one', 'two'],
    ...found.map(({ file, presence, one, two }) => [file, ...[presence, one, two].map((value) => value.toFixed(3))]),
  ]);
  const backgrounds = [...new Set(found.map(({ background }) => background))];
  print('Mean by background', backgrounds.map((background) => {
    const own = found.filter((frame) => frame.background === background);
    return [background, mean(own.map(({ one }) => one)).toFixed(3), mean(own.map(({ two }) => two)).toFixed(3)];
  }));
  const desk = await findPage(corners, await decodeImage(join(images,
    'docs_negative/synthdocs_backgrounds/black-desktop.jpg')));
  print('Empty desk', [['presence', desk.presence.toFixed(3)], ['verdict', desk.verdict]]);
}

async function measureScan(corners, clean) {
  const rows = [];
  let page;
  for (const name of ['letter', 'receipt', 'form']) {
    const photo = await decodeImage(join(root, `demos/scanner/samples/${name}.jpg`));
    const result = await scan({ corners, clean }, photo);
    const memory = corners.memory.wasm + clean.memory.wasm + await imageMemory();
    rows.push([name, sizeOf(photo), result.page ? sizeOf(result.page) : 'none',
      ...Object.values(result.ms).map((ms) => ms.toFixed(0)), (memory / 1e6).toFixed(0)]);
    page ??= result.page;
  }
  print(`12 megapixels, ${corners.variant}, in Node (milliseconds; megabytes of wasm memory)`,
    [['sample', 'photo', 'page', 'find', 'straighten', 'clean', 'memory'], ...rows]);
  return page;
}

async function measureSeams(clean, page) {
  const piece = cut(page, { x: 256, y: 256, width: 1024, height: 1024 });
  const whole = await runTiled(clean, piece, { tile: 1024 });
  const rows = [];
  for (const options of [{ tile: 256 }, { tile: 256, overlap: 80 }, { tile: 512 }, { tile: 512, overlap: 80 }]) {
    const tiled = await runTiled(clean, piece, options);
    rows.push([`tile ${options.tile}, overlap ${options.overlap ?? 64}`, String(mostDifferent(tiled, whole))]);
  }
  print('Tiled against untiled, 1024 x 1024, greatest difference in grey levels', rows);
}

function mostDifferent({ data: a }, { data: b }) {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

/** INT8 against the float original, where training has left one. */
async function measureQuantization(clean, page) {
  const file = 'page_clean_fp32.onnx';
  if (!existsSync(join(root, 'models', file))) return console.log(`\nmodels/${file} is not there: no PSNR measured`);
  const float = await model(file);
  const piece = cut(page, { x: 128, y: 128, width: 1024, height: 1536 });
  const [{ data: a }, { data: b }] = [await runTiled(clean, piece), await runTiled(float, piece)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (i % 4 < 3) sum += (a[i] - b[i]) ** 2;
  print('INT8 against float', [['PSNR', `${(10 * Math.log10(255 ** 2 / (sum / a.length / 0.75))).toFixed(1)} dB`]]);
}

const [corners, clean] = [await model('page_corners.onnx'), await model('page_clean.onnx')];
await measureCorners(corners);
const page = await measureScan(corners, clean);
if (page) {
  await measureSeams(clean, page);
  await measureQuantization(clean, page);
}
