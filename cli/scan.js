// SPDX-License-Identifier: MIT
//
// octavo scan: the demo's scanner without a browser, from the photo of a page to the cleaned page.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { imageMemory } from '../js/image.js';
import { loadModel } from '../js/index.js';
import { isConvex, scan } from '../js/scan.js';

import { decodeImage, peer } from './decode_image.js';
import { Misuse, onlyOne } from './misuse.js';
import { upright } from './orientation.js';
import { bytes, milliseconds, table } from './text.js';

export const summary = 'finds the page in a photo, straightens and cleans it';

export const help = `Usage: octavo scan PHOTO -o PAGE.png [--json]

Finds the page in PHOTO (a JPEG or PNG; needs jpeg-js or pngjs), straightens it, cleans it, and writes it to PAGE.png.
Exit status 1 if there is no page in the photo.

  -o, --out PAGE.png     where the page goes
  --corners X,Y,...      the page's corners in pixels of the photo, clockwise from the top left: eight numbers; without
                         it they are looked for
  --variant NAME         simd128, relaxed, relaxed_u8 or relaxed_s8; else the best for this machine
  --json                 corners, presence, sizes, ms of each stage and memory as JSON`;

/** @type {import('./octavo.js').Command['options']} */
export const options = {
  out: { type: 'string', short: 'o' },
  corners: { type: 'string' },
  variant: { type: 'string' },
  json: { type: 'boolean' },
};

const MODELS = { corners: '../models/page_corners.onnx', clean: '../models/page_clean.onnx' };

/** @type {import('./octavo.js').Command['run']} */
export async function run({ values, positionals }) {
  const file = onlyOne(positionals, 'PHOTO');
  if (!values.out) throw new Misuse('-o PAGE.png is missing');
  const corners = values.corners === undefined ? undefined : parseCorners(values.corners);

  const [photo, decode] = await timed(async () => upright(await decodeImage(file)));
  const [[find, clean], load] = await timed(() => Promise.all(Object.values(MODELS).map((path) =>
    loadModel(fileURLToPath(new URL(path, import.meta.url)), { variant: values.variant }))));
  const result = await scan({ corners: find, clean }, photo, { corners });
  const { clean: page } = result;
  const [, encode] = await timed(async () => { if (page) await writeFile(values.out, await encodePng(page)); });

  const report = {
    photo: { file, width: photo.width, height: photo.height },
    presence: result.presence,
    corners: result.corners,
    page: page && { file: values.out, width: page.width, height: page.height, paper: result.paper },
    ms: { decode, load, ...result.ms, encode },
    memory: { wasm: wasmBytes([find, clean]) + await imageMemory(), peak: process.resourceUsage().maxRSS * 1024 },
    variant: find.variant,
  };
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else if (page) console.log(describe(report));
  if (!page) {
    throw new Error(`no page found in ${file} (presence ${result.presence.toFixed(2)}, ${result.verdict}): take the ` +
      'photo with the whole page in it, or pass --corners');
  }
}

/** @param {string} text */
function parseCorners(text) {
  const numbers = text.split(',').map(Number);
  const corners = /** @type {[number, number][]} */ ([0, 2, 4, 6].map((k) => [numbers[k], numbers[k + 1]]));
  if (numbers.length === 8 && numbers.every(Number.isFinite) && isConvex(corners)) return corners;
  throw new Misuse(`--corners takes eight numbers, clockwise around a quadrilateral, not '${text}'`);
}

/** @param {import('../js/image.js').ImageLike} image */
async function encodePng({ data, width, height }) {
  const { PNG } = await peer('pngjs');
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return PNG.sync.write(png, { colorType: 2, deflateLevel: 6 });
}

/** @param {import('../js/index.js').Model[]} models */
const wasmBytes = (models) => models.reduce((sum, { memory }) => sum + (memory?.wasm ?? 0), 0);

/**
 * A result and the milliseconds it took.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<[T, number]>}
 */
async function timed(work) {
  const begin = performance.now();
  const result = await work();
  return [result, performance.now() - begin];
}

/** @param {any} report */
function describe({ photo, presence, corners, page, ms, memory, variant }) {
  return table([
    ['page', `${page.file}, ${page.width} x ${page.height}${page.paper ? ` (${page.paper})` : ''}`],
    ['photo', `${photo.width} x ${photo.height}`],
    ['corners', corners.map((/** @type {number[]} */ point) => point.map(Math.round).join(',')).join('  ')],
    ['presence', presence.toFixed(2)],
    ...Object.entries(ms).map(([stage, time]) => [stage, milliseconds(/** @type {number} */ (time))]),
    ['memory', `${bytes(memory.wasm)} wasm, ${bytes(memory.peak)} process at most`],
    ['engine', variant],
  ]);
}
