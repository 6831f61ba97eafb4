// SPDX-License-Identifier: MIT
//
// A picture of any size through a model that sees one tile at a time, without seams.
//
// Tiles overlap. Near its edge a tile knows less than the whole picture would, because the network pads there, so the
// outer part of an overlap is not used at all; in its middle one tile fades into the next over RAMP pixels. Tiles begin
// at multiples of the network's stride, so that every pixel meets the same phase of it as it would untiled. Thus each
// tile finishes a region of its own; the regions cover the picture once, and are told as they come.
//
// Rows of tiles are worked through a strip as high as one tile. Memory does not depend on the picture's height, and
// unless the result is wanted whole, nothing else is kept.
import { invalidArgument, OctavoError } from './errors.js';
import { fromTensor, imageLayout, toTensor } from './image.js';
import { blank, checkImage, cut, paste } from './pixels.js';
import { Tensor } from './tensor.js';

/** @typedef {import('./pixels.js').ImageLike} ImageLike */
/** @typedef {import('./pixels.js').Rect} Rect */
/** @typedef {import('./session.js').IO} IO */
/** @typedef {import('./model.js').Model} Model */

/** @typedef {Rect & { image: ImageLike, done: number, total: number }} Tile a finished region, and how many are */

/**
 * Along one axis: the tile covers start to start + size; the region it finishes is begin to end.
 * @typedef {{ start: number, size: number, begin: number, end: number }} Span
 */

/** @typedef {{ across: Span, down: Span, picture: ImageLike }} Piece a tile that the model has answered for */

/** Over how many pixels one tile fades into the next. */
const RAMP = 8;

/** Tiles begin at multiples of this, and their sizes are: the downsampling of the networks that we tile. */
const STRIDE = 8;

/** A model, or a pool (js/pool.js), whose workers then see different tiles at the same time. */
/** @typedef {Pick<Model, 'inputs' | 'outputs' | 'run'> & { size?: number }} Tiler */

/**
 * Runs an image-to-image model over a picture, tile by tile.
 * @param {Tiler} model its output is a picture as large as its input
 * @param {ImageLike} image
 * @param {object} [options]
 * @param {number} [options.tile] side of a tile in pixels, where the model leaves it open
 * @param {number} [options.overlap] how far tiles reach into each other. Twice the network's reach, and
 *   8 pixels to fade, give exactly what the whole picture at once would
 * @param {number} [options.batch] how many tiles a run, where the model leaves it open
 * @param {number | readonly number[]} [options.mean] as for toTensor
 * @param {number | readonly number[]} [options.std] as for toTensor
 * @param {AbortSignal} [options.signal]
 * @param {(tile: Tile) => unknown} [options.onTile] told each region as it is finished; awaited
 * @param {boolean} [options.whole] whether to return the picture; false is for pictures that are passed on by tiles
 * @returns {Promise<ImageLike | undefined>}
 */
export async function runTiled(model, image, options = {}) {
  const { tile = 256, overlap = 64, batch = 1, signal, onTile, whole = true } = options;
  checkImage(image);
  const plan = layOut(model, image, { tile, overlap, batch });
  const total = plan.across.length * plan.down.length;
  const out = whole ? blank(image.width, image.height) : undefined;
  /** @type {ImageLike | undefined} the last strip's lower end, which the next one fades in over */
  let above;
  let done = 0;
  const batches = plan.down.flatMap((down) => inBatches(plan.across, plan.batch).map((spans) => ({ spans, down })));
  const works = batches.map(({ spans, down }) => () => runBatch(model, image, spans, down, plan.batch, options));
  const answers = inOrder(works, model.size ?? 1, signal);
  for (const down of plan.down) {
    const strip = blank(image.width, Math.min(down.end + RAMP, image.height) - down.begin);
    for (const spans of inBatches(plan.across, plan.batch)) {
      const pictures = /** @type {ImageLike[]} */ ((await answers.next()).value);
      for (const [k, across] of spans.entries()) {
        const region = finish(strip, above, { across, down, picture: pictures[k] });
        const place = { x: across.begin, y: down.begin, width: region.width, height: region.height };
        if (out) paste(region, out, place.x, place.y);
        await onTile?.({ ...place, image: region, done: ++done, total });
      }
    }
    const finished = down.end - down.begin;
    above = cut(strip, { x: 0, y: finished, width: strip.width, height: strip.height - finished });
  }
  return out;
}

/**
 * @param {Span[]} spans
 * @param {number} batch
 */
const inBatches = (spans, batch) =>
  Array.from({ length: Math.ceil(spans.length / batch) }, (_, i) => spans.slice(i * batch, (i + 1) * batch));

/**
 * The results of works, in their order. With several lanes there is one more under way than there are lanes, so that none
 * waits while a tile is cut or finished.
 * @template T
 * @param {(() => Promise<T>)[]} works
 * @param {number} lanes
 * @param {AbortSignal} [signal]
 */
async function* inOrder(works, lanes, signal) {
  /** @type {Promise<T>[]} */
  const running = [];
  const most = lanes === 1 ? 1 : lanes + 1;
  for (let next = 0, told = 0; told < works.length; told++) {
    signal?.throwIfAborted();
    for (; next < works.length && running.length < most; next++) {
      const work = works[next]();
      work.catch(() => {}); // told in its turn
      running.push(work);
    }
    yield /** @type {T} */ (await running.shift());
  }
}

/**
 * @param {Pick<Model, 'inputs' | 'outputs'>} model
 * @param {ImageLike} image
 * @param {{ tile: number, overlap: number, batch: number }} options
 */
function layOut(model, image, { tile, overlap, batch }) {
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw invalidArgument(`runTiled needs a model of one input and one output, not of ${model.inputs.length} and ` +
      `${model.outputs.length}`);
  }
  const { height, width } = imageLayout(model.inputs[0].shape);
  const fits = Number.isInteger(tile) && tile >= 4 * RAMP && tile % STRIDE === 0 && Number.isInteger(overlap) &&
    overlap >= RAMP && Math.min(height ?? tile, width ?? tile) >= 2 * overlap;
  if (!fits) {
    throw invalidArgument(`A tile of ${tile} pixels cannot overlap by ${overlap}`,
      `A tile is a multiple of ${STRIDE}, the overlap at least ${RAMP} and at most half a tile.`);
  }
  return {
    across: spansOf(image.width, width, { tile, overlap }),
    down: spansOf(image.height, height, { tile, overlap }),
    batch: model.inputs[0].shape?.[0] ?? batch,
  };
}

/**
 * @param {number} length of the picture along the axis
 * @param {number | null} fixed the model's size, if it has one of its own
 * @param {{ tile: number, overlap: number }} options
 * @returns {Span[]}
 */
function spansOf(length, fixed, { tile, overlap }) {
  const padded = Math.ceil(length / STRIDE) * STRIDE;
  const size = fixed ?? Math.min(tile, padded);
  const last = Math.max(0, padded - size);
  const step = Math.max(STRIDE, Math.floor((size - overlap) / STRIDE) * STRIDE);
  const starts = Array.from({ length: Math.ceil(last / step) + 1 }, (_, i) => Math.min(i * step, last));
  const begins = starts.map((start, i) => i === 0 ? 0 : Math.floor((start + starts[i - 1] + size - RAMP) / 2));
  return starts.map((start, i) => ({ start, size, begin: begins[i], end: begins[i + 1] ?? length }));
}

/**
 * The model's answers for some tiles of a row. A model with a batch of its own gets the first tile again for those that
 * are missing.
 * @param {Pick<Model, 'inputs' | 'outputs' | 'run'>} model
 * @param {ImageLike} image
 * @param {Span[]} spans
 * @param {Span} down
 * @param {number} batch
 * @param {{ mean?: number | readonly number[], std?: number | readonly number[], signal?: AbortSignal }} options
 * @returns {Promise<ImageLike[]>}
 */
async function runBatch(model, image, spans, down, batch, { mean, std, signal }) {
  const [input] = model.inputs;
  const [output] = model.outputs;
  const tensors = [];
  for (const { start, size } of spans) {
    const piece = cut(image, { x: start, y: down.start, width: size, height: down.size });
    tensors.push(await toTensor(piece, input, { mean, std }));
  }
  while (input.shape?.[0] && tensors.length < batch) tensors.push(tensors[0]);
  const answer = (await model.run({ [input.name]: stack(tensors) }, { signal, transfer: true }))[output.name];
  const { height, width } = imageLayout(answer.shape);
  if (height !== down.size || width !== spans[0].size) {
    throw new OctavoError('invalid_shape', `A tile of ${spans[0].size}x${down.size} pixels came back as ` +
      `${width}x${height}`, { hint: 'runTiled is for models whose output is as large as their input.' });
  }
  return Promise.all(spans.map((_, index) => fromTensor(answer, { index, quantization: output.quantization })));
}

/**
 * One tensor from several of the same shape.
 * @param {Tensor[]} tensors
 */
function stack(tensors) {
  if (tensors.length === 1) return tensors[0];
  const [{ dtype, shape, data, size }] = tensors;
  const all = new /** @type {any} */ (data.constructor)(size * tensors.length);
  tensors.forEach((tensor, i) => all.set(tensor.data, i * size));
  return new Tensor(dtype, [tensors.length, ...shape.slice(1)], all);
}

/**
 * Lays a tile into its strip, fading it in from the left and from above; answers the region that is now finished.
 * @param {ImageLike} strip
 * @param {ImageLike | undefined} above
 * @param {Piece} piece
 */
function finish(strip, above, { across, down, picture }) {
  const right = Math.min(across.end + RAMP, strip.width);
  for (let y = 0; y < strip.height; y++) {
    const from = ((down.begin + y - down.start) * picture.width + across.begin - across.start) * 4;
    const row = picture.data.subarray(from, from + (right - across.begin) * 4);
    const to = (y * strip.width + across.begin) * 4;
    if (across.begin > 0) fadeAcross(row, strip.data.subarray(to, to + RAMP * 4));
    strip.data.set(row, to);
  }
  const [x, width] = [across.begin, across.end - across.begin];
  const region = cut(strip, { x, y: 0, width, height: down.end - down.begin });
  if (above) fadeDown(region, cut(above, { x, y: 0, width, height: above.height }));
  return region;
}

/**
 * Fades a row of pixels in over the ones at its beginning.
 * @param {Uint8ClampedArray | Uint8Array} row changed
 * @param {Uint8ClampedArray | Uint8Array} before
 */
function fadeAcross(row, before) {
  for (let i = 0; i < Math.min(before.length, row.length); i++) {
    row[i] = Math.round(before[i] + (row[i] - before[i]) * ((i >> 2) + 0.5) / RAMP);
  }
}

/**
 * Fades a region in over the one that lies across its upper end.
 * @param {ImageLike} region changed
 * @param {ImageLike} before as wide
 */
function fadeDown(region, before) {
  const rows = Math.min(before.height, region.height);
  for (let y = 0, i = 0; y < rows; y++) {
    const weight = (y + 0.5) / RAMP;
    for (const end = i + region.width * 4; i < end; i++) {
      region.data[i] = Math.round(before.data[i] + (region.data[i] - before.data[i]) * weight);
    }
  }
}
