// SPDX-License-Identifier: MIT
//
// The scanner itself. It holds the only full copies of the photo and of the scanned page; the document outside gets
// nothing but pictures of screen size. The page finder runs inline: this is its worker. The cleaner, which sees a page
// tile by tile, runs in a pool.
import { imageMemory, resize, warpPerspective } from '../../js/image.js';
import { cleanPage, findPage, pageSize, straighten } from '../../js/scan.js';
import { createPool, loadModel } from '../../web/index.js';
import { makePdf } from './pdf.js';

/** The longer side of what is shown. */
const SHOWN = 1800;

/** More than this no phone can hold. */
const LARGEST_PIXELS = 120e6;

/** Rows that are read from a decoded photo at a time. */
const READ_ROWS = 512;

const state = { photo: null, page: null, clean: null, shown: null, paper: null, turns: 0 };
let under = new AbortController();

const startModelWorker = () => new Worker(new URL('./model_worker.js', import.meta.url), { type: 'module' });

const loaders = {
  corners: () => loadModel(new URL('../../models/page_corners.onnx', import.meta.url), { worker: false }),
  clean: () => createPool(new URL('../../models/page_clean.onnx', import.meta.url), { worker: startModelWorker }),
};
const models = {};

/** Loaded when first asked for; asked for again after a failure. */
function model(name) {
  models[name] ??= loaders[name]().catch((error) => {
    delete models[name];
    throw error;
  });
  return models[name];
}

const methods = {
  async open(file, signal) {
    const begin = performance.now();
    state.photo = null;
    const bitmap = file instanceof ImageBitmap ? file : await decode(file);
    signal.throwIfAborted();
    state.photo = await readPixels(bitmap, signal);
    const { width, height } = state.photo;
    tell({ facts: { photo: [width, height], open: performance.now() - begin } });
    return { preview: await toBitmap(await shrink(state.photo)), width, height };
  },

  async find(signal) {
    const corners = await model('corners');
    const begin = performance.now();
    const found = await findPage(corners, state.photo, { signal });
    tell({ facts: { find: performance.now() - begin, presence: found.presence, ...await engineFacts() } });
    return found;
  },

  async clean(corners, signal) {
    const begin = performance.now();
    state.page = state.clean = null;
    const page = await straighten(state.photo, corners, { signal, onProgress: nextTurn });
    const { paper } = pageSize(corners, state.photo);
    const before = await shrink(page);
    tell({ before: await toBitmap(before), facts: { page: [page.width, page.height], paper,
      straighten: performance.now() - begin } });
    const clean = { data: page.data.slice(), width: page.width, height: page.height };
    const network = await model('clean');
    const cleaning = performance.now();
    await cleanPage(network, page, { signal, whole: false, onTile: (tile) => showTile(clean, before, tile) });
    tell({ facts: { clean: performance.now() - cleaning, ...await engineFacts() } });
    Object.assign(state, { page, clean, paper, turns: 0, shown: { before, after: await shrink(clean) } });
  },

  async turn(quarters) {
    state.turns = (state.turns + quarters + 4) % 4;
    const [before, after] = [await turned(state.shown.before), await turned(state.shown.after)];
    return { before: await toBitmap(before), after: await toBitmap(after) };
  },

  async save(type) {
    const page = await turned(state.clean);
    const canvas = new OffscreenCanvas(page.width, page.height);
    canvas.getContext('2d').putImageData(new ImageData(page.data, page.width, page.height), 0, 0);
    if (type === 'image/png') return canvas.convertToBlob({ type });
    const jpeg = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.86 });
    return makePdf(new Uint8Array(await jpeg.arrayBuffer()), page, state.paper);
  },
};

async function decode(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch {
    throw Object.assign(new Error('This file is not a picture that the browser can read.'), { code: 'broken_file' });
  }
}

/** A decoded picture as RGBA, read in strips so that it is in memory once and not twice. */
async function readPixels(bitmap, signal) {
  const { width, height } = bitmap;
  if (width * height > LARGEST_PIXELS) {
    bitmap.close();
    const size = Math.round(width * height / 1e6);
    throw Object.assign(new Error(`This photo has ${size} megapixels; at most ${LARGEST_PIXELS / 1e6} can be scanned.`),
      { code: 'too_large' });
  }
  const data = new Uint8ClampedArray(width * height * 4);
  const rows = Math.min(READ_ROWS, height);
  const context = new OffscreenCanvas(width, rows).getContext('2d', { willReadFrequently: true });
  for (let y = 0; y < height; y += rows) {
    await nextTurn();
    if (signal.aborted) break;
    const count = Math.min(rows, height - y);
    context.fillStyle = 'white'; // under what is transparent
    context.fillRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, y, width, count, 0, 0, width, count);
    data.set(context.getImageData(0, 0, width, count).data, y * width * 4);
  }
  bitmap.close();
  signal.throwIfAborted();
  return { data, width, height };
}

/** Puts a finished region into the page, and shows what of it is whole at screen size. */
async function showTile(clean, shown, { x, y, width, height, image, done, total }) {
  for (let row = 0; row < height; row++) {
    clean.data.set(image.data.subarray(row * width * 4, (row + 1) * width * 4), ((y + row) * clean.width + x) * 4);
  }
  const across = wholePixels(x, x + width, clean.width, shown.width);
  const down = wholePixels(y, y + height, clean.height, shown.height);
  if (across.count > 0 && down.count > 0) {
    const from = { x: across.from, y: down.from, width: across.length, height: down.length };
    const small = await resize(clean, { width: across.count, height: down.count, from });
    tell({ tile: await toBitmap(small), x: across.first, y: down.first, done, total });
  }
  await nextTurn();
}

/** Which of `shown` pixels are covered once begin..end of `length` is finished, and what they cover. */
function wholePixels(begin, end, length, shown) {
  const scale = length / shown;
  const [first, last] = [Math.floor(begin / scale), end === length ? shown : Math.floor(end / scale)];
  return { first, count: last - first, from: first * scale, length: Math.min(last * scale, length) - first * scale };
}

/** An image at screen size. */
async function shrink(image) {
  const scale = Math.min(1, SHOWN / Math.max(image.width, image.height));
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale)));
  return resize(image, { width, height });
}

/** An image as the person has turned it. */
async function turned(image) {
  const { width: w, height: h } = image;
  const H = [
    [1, 0, 0, 0, 1, 0, 0, 0, 1],
    [0, 1, 0, -1, 0, h, 0, 0, 1],
    [-1, 0, w, 0, -1, h, 0, 0, 1],
    [0, -1, w, 1, 0, 0, 0, 0, 1],
  ][state.turns];
  if (state.turns === 0) return image;
  const [width, height] = state.turns % 2 ? [h, w] : [w, h];
  return warpPerspective(image, H, { width, height });
}

async function engineFacts() {
  const loaded = await Promise.all(Object.values(models));
  const bytes = loaded.reduce((sum, { memory }) => sum + (memory?.wasm ?? 0), await imageMemory());
  return { memory: bytes, variant: loaded[0].variant };
}

const toBitmap = ({ data, width, height }) => createImageBitmap(new ImageData(data, width, height));

function tell(event) {
  postMessage({ event }, [event.before, event.tile].filter(Boolean));
}

// A turn of the event loop, so that a cancel gets through; timers would wait four milliseconds each.
const { port1, port2 } = new MessageChannel();
const waiting = [];
port1.onmessage = () => waiting.shift()();
const nextTurn = () => new Promise((resolve) => {
  waiting.push(resolve);
  port2.postMessage(null);
});

/** Rejects as soon as the signal aborts, whatever is being waited for. */
const aborted = (signal) => new Promise((_, reject) => {
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
});

onmessage = async ({ data: { id, method, args } }) => {
  if (method === 'cancel') return under.abort();
  under = new AbortController();
  const { signal } = under;
  try {
    const result = await Promise.race([methods[method](...args, signal), aborted(signal)]);
    postMessage({ id, result }, [result?.preview, result?.before, result?.after].filter(Boolean));
  } catch (error) {
    const { name, message, code } = signal.aborted ? signal.reason : error;
    postMessage({ id, error: { name, message, code } });
  }
};

// Ready before the first photo is chosen.
model('corners').catch(() => {});
model('clean').catch(() => {});
