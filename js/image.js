// SPDX-License-Identifier: MIT
//
// Images in front of a model and behind it: resize, letterbox, warp, to a tensor and back. The pixel loops are the
// engine's; this file feeds them. A photo stays where it is, in ordinary memory: only the band of it that is being
// worked on is copied into the engine, so that 60 megapixels take no more wasm memory than 6 do.
//
// One instance of the engine does all of it, started by the first call and shared by the page or worker.
import { IMAGE_NCHW, IMAGE_NHWC } from './abi.js';
import { dtypeNumber, Engine } from './engine.js';
import { invalidArgument, OctavoError } from './errors.js';
import { blank, checkImage, checkInside, checkSize, clipRect, paste } from './pixels.js';
import { arrayOf, elementCount, Tensor } from './tensor.js';
import { loadWasm } from './wasm.js';

export { runTiled } from './tile.js';

/** @typedef {import('./pixels.js').ImageLike} ImageLike */
/** @typedef {import('./pixels.js').Rect} Rect */
/** @typedef {readonly [number, number]} Point x and y; a pixel's centre is at .5 */
/** @typedef {import('./session.js').IO} IO */

/** How many bytes of a photo are in the engine at a time. */
const BAND_BYTES = 8 << 20;

/** @type {Promise<Engine> | undefined} */
let starting;

/**
 * Runs `work` with the shared engine; `work` frees what it allocates through `take`.
 * @template T
 * @param {(engine: Engine, take: (bytes: number) => number) => T} work
 */
async function withEngine(work) {
  /** @type {number[]} */
  const taken = [];
  try {
    starting ??= loadWasm().then((module) => Engine.create(module));
    const engine = await starting;
    const result = work(engine, (bytes) => taken[taken.push(engine.alloc(bytes)) - 1]);
    for (const address of taken) engine.free(address);
    return result;
  } catch (error) {
    starting = undefined; // with all it had allocated: the next call starts afresh
    throw error;
  }
}

/** Bytes of wasm memory that image work has taken so far. */
export async function imageMemory() {
  return starting ? (await starting).memoryBytes : 0;
}

/**
 * A rectangle of an image, or all of it, in another size: averaged when shrinking, bilinear when growing.
 * @param {ImageLike} image
 * @param {{ width: number, height: number, from?: Rect }} options
 * @returns {Promise<ImageLike>}
 */
export async function resize(image, { width, height, from }) {
  checkImage(image);
  const source = from ?? { x: 0, y: 0, width: image.width, height: image.height };
  checkSize('The new size', width, height);
  checkInside(image, source);
  const out = blank(width, height);
  const scale = source.height / height;
  const rows = bandRows(image.width * 4 * scale);
  for (let y = 0; y < height; y += rows) {
    const count = Math.min(rows, height - y);
    const begin = source.y + y * scale;
    // A band has a row to spare on either side, for the neighbours that bilinear sampling looks at.
    const band = clipRect(image, { x: source.x - 1, y: begin - 1, width: source.width + 2, height: count * scale + 2 });
    await withEngine((engine, take) => {
      const pixels = copyIn(engine, take, image, band);
      const result = take(width * count * 4);
      engine.status('oct_image_resize', pixels, band.width, band.height, source.x - band.x, begin - band.y,
        source.width, count * scale, result, width, count);
      out.data.set(engine.peek(result, width * count * 4), y * width * 4);
    });
  }
  return out;
}

/**
 * Fits an image into a size without changing its proportions; the rest is `fill`. A point of the result is at
 * ((x - left) / scale, (y - top) / scale) in the image.
 * @param {ImageLike} image
 * @param {{ width: number, height: number, fill?: readonly number[] }} options fill: RGBA
 */
export async function letterbox(image, { width, height, fill = [114, 114, 114, 255] }) {
  checkImage(image);
  checkSize('The new size', width, height);
  const scale = Math.min(width / image.width, height / image.height);
  const inner = { width: atLeast1(image.width * scale), height: atLeast1(image.height * scale) };
  const left = (width - inner.width) >> 1, top = (height - inner.height) >> 1;
  const out = blank(width, height);
  new Uint32Array(out.data.buffer).fill(new Uint32Array(Uint8Array.from(fill).buffer)[0]);
  paste(await resize(image, inner), out, left, top);
  return { image: out, scale, left, top };
}

/**
 * Where a tensor stores pixels, and how many channels: read from a shape of three or four dimensions.
 * @param {readonly (number | null)[] | null} shape
 * @returns {{ layout: 'nchw' | 'nhwc', channels: number, height: number | null, width: number | null }}
 */
export function imageLayout(shape) {
  const [a, b, c] = shape?.slice(-3) ?? [];
  if (shape?.length === 3 || shape?.length === 4) {
    if (isChannels(a)) return { layout: 'nchw', channels: a, height: b, width: c };
    if (isChannels(c)) return { layout: 'nhwc', channels: c, height: a, width: b };
  }
  const text = shape?.map((dim) => dim ?? '?').join(', ') ?? '...';
  throw new OctavoError('invalid_shape', `A tensor of shape [${text}] is no image`,
    { hint: 'An image is [N, C, H, W] or [N, H, W, C] with 1, 3 or 4 channels.' });
}

/**
 * An image as a model wants it, resized, normalized and quantized: (pixel / 255 - mean) / std. The model's `input`
 * says layout, type, quantization and size; a size it leaves open is the image's own. An input of bytes without
 * quantization gets the pixels as they are.
 * @param {ImageLike} image
 * @param {Pick<IO, 'dtype' | 'shape' | 'quantization'>} input one of `model.inputs`
 * @param {object} [options]
 * @param {number | readonly number[]} [options.mean] one, or one a channel
 * @param {number | readonly number[]} [options.std]
 * @param {boolean} [options.bgr] whether the model wants blue first
 * @param {Rect} [options.from] the part of the image to take
 */
export async function toTensor(image, input, { mean = 0, std = 1, bgr = false, from } = {}) {
  checkImage(image);
  const { layout, channels, height, width } = imageLayout(input.shape);
  const [h, w] = [height ?? from?.height ?? image.height, width ?? from?.width ?? image.width];
  const isSized = !from && image.width === w && image.height === h;
  const sized = isSized ? image : await resize(image, { width: w, height: h, from });
  const shape = layout === 'nchw' ? [1, channels, h, w] : [1, h, w, channels];
  const quantum = input.quantization ?? { scale: input.dtype === 'float32' ? 1 : 1 / 255, zeroPoint: 0 };
  const weights = new Float32Array(8);
  for (let c = 0; c < channels; c++) {
    weights[c] = 1 / (255 * pick(std, c) * quantum.scale);
    weights[4 + c] = quantum.zeroPoint - pick(mean, c) / (pick(std, c) * quantum.scale);
  }
  const data = await withEngine((engine, take) => {
    const pixels = copyIn(engine, take, sized, { x: 0, y: 0, width: w, height: h });
    const factors = take(weights.byteLength), result = take(w * h * channels * 4);
    engine.write(factors, weights);
    engine.status('oct_image_to_tensor', pixels, w, h, w * 4, channels, Number(bgr), factors, factors + 16,
      layout === 'nchw' ? IMAGE_NCHW : IMAGE_NHWC, dtypeNumber(input.dtype), result);
    return engine.read(/** @type {any} */ (arrayOf(input.dtype)), result, elementCount(shape));
  });
  return new Tensor(input.dtype, shape, /** @type {any} */ (data));
}

/**
 * The way back: picture `index` of a batch as RGBA, where the tensor's 0..1 becomes 0..255.
 * @param {Tensor} tensor of 1 or 3 channels
 * @param {{ index?: number, quantization?: IO['quantization'] }} [options] quantization: of the model's output
 * @returns {Promise<ImageLike>}
 */
export async function fromTensor(tensor, { index = 0, quantization } = {}) {
  const { layout, channels, height: h, width: w } =
    /** @type {{ layout: string, channels: number, height: number, width: number }} */ (imageLayout(tensor.shape));
  const count = channels * h * w;
  if (!(index >= 0 && (index + 1) * count <= tensor.data.length)) {
    throw invalidArgument(`There is no picture ${index} in a tensor of shape [${tensor.shape.join(', ')}]`);
  }
  const { scale, zeroPoint } = quantization ?? { scale: tensor.dtype === 'float32' ? 1 : 1 / 255, zeroPoint: 0 };
  const out = blank(w, h);
  await withEngine((engine, take) => {
    const source = tensor.data.subarray(index * count, (index + 1) * count);
    const values = take(source.byteLength), result = take(out.data.length);
    const order = layout === 'nchw' ? IMAGE_NCHW : IMAGE_NHWC;
    engine.write(values, source);
    engine.status('oct_image_from_tensor', values, dtypeNumber(tensor.dtype), order, channels, w, h, scale * 255,
      -zeroPoint * scale * 255, result, w * 4);
    out.data.set(engine.peek(result, out.data.length));
  });
  return out;
}

/**
 * The matrix (nine numbers, row by row) that maps four points to four others: [x', y'] = H * [x, y, 1].
 * @param {readonly Point[]} from
 * @param {readonly Point[]} to
 * @returns {number[]}
 */
export function homography(from, to) {
  const rows = from.flatMap(([x, y], i) => [
    [x, y, 1, 0, 0, 0, -x * to[i][0], -y * to[i][0], to[i][0]],
    [0, 0, 0, x, y, 1, -x * to[i][1], -y * to[i][1], to[i][1]],
  ]);
  return [...solve(rows), 1];
}

/**
 * Maps a point through a homography.
 * @param {readonly number[]} H
 * @param {Point} point
 * @returns {[number, number]}
 */
export function mapPoint(H, [x, y]) {
  const depth = H[6] * x + H[7] * y + H[8];
  return [(H[0] * x + H[1] * y + H[2]) / depth, (H[3] * x + H[4] * y + H[5]) / depth];
}

/**
 * Draws the image that `H` looks up: the result's point (u, v) shows the image's point H * (u, v, 1). Works strip by
 * strip; outside the image its edge pixels repeat. Where the result is smaller, several samples a pixel are averaged.
 * @param {ImageLike} image
 * @param {readonly number[]} H
 * @param {object} options
 * @param {number} options.width
 * @param {number} options.height
 * @param {AbortSignal} [options.signal]
 * @param {(done: number) => unknown} [options.onProgress] told after each strip, 0..1; awaited
 * @returns {Promise<ImageLike>}
 */
export async function warpPerspective(image, H, { width, height, signal, onProgress }) {
  checkImage(image);
  checkSize('The new size', width, height);
  const out = blank(width, height);
  let rows = bandRows(width * 4);
  for (let y = 0; y < height; y += rows) {
    signal?.throwIfAborted();
    rows = Math.min(rows, height - y);
    let seen = sourceRect(image, H, width, y, rows);
    while (rows > 8 && seen.width * seen.height * 4 > BAND_BYTES) seen = sourceRect(image, H, width, y, rows >>= 1);
    await withEngine((engine, take) => {
      const pixels = copyIn(engine, take, image, seen);
      const matrix = take(36), result = take(width * rows * 4);
      engine.write(matrix, Float32Array.from(shift(H, seen.x, seen.y, y)));
      engine.status('oct_image_warp', pixels, seen.width, seen.height, matrix, result, width, 0, rows,
        samplesPerPixel(H, width, y, rows));
      out.data.set(engine.peek(result, width * rows * 4), y * width * 4);
    });
    await onProgress?.((y + rows) / height);
  }
  return out;
}

/**
 * H for a result that begins at row `v`, on a source that begins at (x, y).
 * @param {readonly number[]} H
 * @param {number} x
 * @param {number} y
 * @param {number} v
 */
function shift(H, x, y, v) {
  const [a, b, c, d, e, f, g, h, i] = H;
  const depth = h * v + i;
  return [a - x * g, b - x * h, b * v + c - x * depth, d - y * g, e - y * h, e * v + f - y * depth, g, h, depth];
}

/**
 * The part of the image that a strip of the result can show, with a margin for its neighbours.
 * @param {ImageLike} image
 * @param {readonly number[]} H
 * @param {number} width
 * @param {number} y
 * @param {number} rows
 */
function sourceRect(image, H, width, y, rows) {
  /** @type {Point[]} */
  const corners = [[0, y], [width, y], [0, y + rows], [width, y + rows]];
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  const depths = corners.map(([u, v]) => H[6] * u + H[7] * v + H[8]);
  if (!depths.every((depth) => depth * depths[0] > 0)) return whole;
  const points = corners.map((corner) => mapPoint(H, corner));
  const [left, top] = [Math.min(...points.map(([x]) => x)), Math.min(...points.map((point) => point[1]))];
  const [right, bottom] = [Math.max(...points.map(([x]) => x)), Math.max(...points.map((point) => point[1]))];
  return clipRect(image, { x: left - 2, y: top - 2, width: right - left + 4, height: bottom - top + 4 });
}

/**
 * How many samples a pixel needs on each axis so that nothing of the source is skipped: 1 to 4.
 * @param {readonly number[]} H
 * @param {number} width
 * @param {number} y
 * @param {number} rows
 */
function samplesPerPixel(H, width, y, rows) {
  const [x0, y0] = mapPoint(H, [width / 2, y + rows / 2]);
  const steps = [mapPoint(H, [width / 2 + 1, y + rows / 2]), mapPoint(H, [width / 2, y + rows / 2 + 1])];
  const longest = Math.max(...steps.map(([x1, y1]) => Math.hypot(x1 - x0, y1 - y0)));
  return longest > 1.25 ? Math.min(4, Math.ceil(longest / 1.25)) : 1;
}

/**
 * Gauss elimination with pivoting of n rows of n + 1 numbers.
 * @param {number[][]} rows
 */
function solve(rows) {
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    const pivot = rows.slice(k).reduce((best, row, i) => Math.abs(row[k]) > Math.abs(rows[best][k]) ? k + i : best, k);
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    if (!(Math.abs(rows[k][k]) > 1e-9)) {
      throw invalidArgument('Three of the four points lie on a line', 'Pass the corners of a quadrilateral.');
    }
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return rows.map((row, k) => row[n] / row[k]);
}

/** @param {number} rowBytes */
const bandRows = (rowBytes) => Math.max(1, Math.floor(BAND_BYTES / rowBytes));

/** @param {number} value */
const atLeast1 = (value) => Math.max(1, Math.round(value));

/**
 * @param {number | null} value
 * @returns {value is number}
 */
const isChannels = (value) => value === 1 || value === 3 || value === 4;

/**
 * @param {number | readonly number[]} value
 * @param {number} channel
 */
const pick = (value, channel) => typeof value === 'number' ? value : value[channel];

/**
 * Copies a rectangle of an image into the engine.
 * @param {Engine} engine
 * @param {(bytes: number) => number} take
 * @param {ImageLike} image
 * @param {Rect} rect
 */
function copyIn(engine, take, image, rect) {
  const address = take(rect.width * rect.height * 4);
  for (let row = 0; row < rect.height; row++) {
    const begin = ((rect.y + row) * image.width + rect.x) * 4;
    engine.write(address + row * rect.width * 4, image.data.subarray(begin, begin + rect.width * 4));
  }
  return address;
}
