// SPDX-License-Identifier: MIT
//
// From the photo of a page to the page: find it, straighten it, clean it. Two networks do the seeing (models/), a
// little geometry does the rest. Corners go clockwise from the top left, in pixels of the photo: [[x, y], ...].
import { decodeCorners, overlap } from './corners.js';
import { homography, runTiled, toTensor, warpPerspective } from './image.js';
import { clipRect } from './pixels.js';

export { isConvex, overlap } from './corners.js';

/** @typedef {import('./pixels.js').ImageLike} ImageLike */
/** @typedef {import('./corners.js').Point} Point */
/** @typedef {import('./model.js').Model} Model */

/**
 * @typedef {object} FoundPage
 * @property {[number, number][] | null} corners null where there is no page
 * @property {number} presence how sure the network is that there is one, 0 to 1
 * @property {'page' | 'no page' | 'corners unclear'} verdict
 */

/**
 * @typedef {object} PageSize
 * @property {number} width in pixels, so many that the straightened page loses nothing of the photo
 * @property {number} height
 * @property {string | null} paper 'A4' or 'Letter', where the proportions are those
 */

/** @typedef {{ find: number, straighten: number, clean: number }} Milliseconds */

// As in training/page_corners/decode.py.
const PRESENCE = 0.5, WINDOW_MARGIN = 0.2, AGREEMENT = 0.7;

/** A4 at 300 dots an inch: larger pages are drawn at this size. */
const PAGE_PIXELS = 2480 * 3508;

/**
 * How page-clean is tiled. Larger tiles waste less on their overlap; still larger ones leave the processor's cache. The
 * network sees 36 pixels far, so that with this overlap nobody can tell that there were tiles.
 */
const CLEAN_TILES = { tile: 512, overlap: 80 };

const PAPERS = [{ name: 'A4', ratio: 210 / 297 }, { name: 'Letter', ratio: 8.5 / 11 }];
const PAPER_TOLERANCE = 0.04;

/** Of phones, in lengths of the photo's longer side. */
const USUAL_FOCAL = 0.8;

/** Edges must converge so much, both ways, before corners that are a little off tell the focal length better. */
const CONVERGENCE = 0.06;

/**
 * Finds the page in a photo, and looks a second time at the part around it to place the corners finely.
 * @param {Pick<Model, 'inputs' | 'run'>} model page-corners
 * @param {ImageLike} image
 * @param {{ looks?: number, signal?: AbortSignal }} [options]
 * @returns {Promise<FoundPage>}
 */
export async function findPage(model, image, { looks = 2, signal } = {}) {
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  const { corners: first, presence } = await look(model, image, whole, signal);
  if (!(presence >= PRESENCE)) return { corners: null, presence, verdict: 'no page' };
  if (!first) return { corners: null, presence, verdict: 'corners unclear' };
  let corners = first;
  for (let k = 1; k < looks; k++) {
    const finer = await look(model, image, windowAround(corners, image), signal);
    if (!finer.corners || overlap(corners, finer.corners) < AGREEMENT) break;
    corners = finer.corners;
  }
  return { corners, presence, verdict: 'page' };
}

/**
 * What the network says about a part of the photo, whether or not a page is there.
 * @param {Pick<Model, 'inputs' | 'run'>} model
 * @param {ImageLike} image
 * @param {import('./pixels.js').Rect} from
 * @param {AbortSignal} [signal]
 */
async function look(model, image, from, signal) {
  const [input] = model.inputs;
  const { heatmaps, presence } = await model.run({ [input.name]: await toTensor(image, input, { from }) }, { signal });
  /** @type {(corner: Point) => [number, number]} */
  const place = ([x, y]) => [from.x + x * from.width, from.y + y * from.height];
  return { corners: decodeCorners(heatmaps)?.corners.map(place) ?? null, presence: Number(presence.data[0]) };
}

/**
 * The window of the second look: the box around the corners and a fifth more on every side.
 * @param {readonly Point[]} corners
 * @param {ImageLike} image
 */
function windowAround(corners, image) {
  const { left, top, right, bottom } = boxAround(corners);
  const [marginX, marginY] = [WINDOW_MARGIN * (right - left), WINDOW_MARGIN * (bottom - top)];
  return clipRect(image, { x: left - marginX, y: top - marginY, width: right - left + 2 * marginX,
    height: bottom - top + 2 * marginY });
}

/** @param {readonly Point[]} corners */
function boxAround(corners) {
  const [xs, ys] = [corners.map(([x]) => x), corners.map((corner) => corner[1])];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

/**
 * How large the page is: its true proportions, recovered from the perspective, and as many pixels as the photo has of
 * it. Near A4 or Letter, upright or across, it becomes exactly that.
 * @param {readonly Point[]} corners
 * @param {{ width: number, height: number }} photo whose middle the camera looked through
 * @param {{ pixels?: number }} [options] pixels: how many it may have at most
 * @returns {PageSize}
 */
export function pageSize(corners, photo, { pixels = PAGE_PIXELS } = {}) {
  const [tl, tr, br, bl] = corners;
  const across = Math.max(distance(tl, tr), distance(bl, br));
  const down = Math.max(distance(tl, bl), distance(tr, br));
  const measured = trueRatio(corners, photo) || across / down;
  const upright = Math.min(measured, 1 / measured);
  const paper = PAPERS.find(({ ratio }) => Math.abs(upright / ratio - 1) < PAPER_TOLERANCE);
  const ratio = !paper ? measured : measured < 1 ? paper.ratio : 1 / paper.ratio;
  const height = Math.max(down, across / ratio);
  const scale = Math.min(1, Math.sqrt(pixels / (height * height * ratio)));
  return {
    width: Math.max(1, Math.round(height * ratio * scale)),
    height: Math.max(1, Math.round(height * scale)),
    paper: paper?.name ?? null,
  };
}

/**
 * @param {Point} a
 * @param {Point} b
 */
const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

/**
 * Width over height of the rectangle that a camera sees as this quadrilateral: Zhang and He, "Whiteboard scanning and
 * image enhancement", 2007. It finds the camera's focal length on the way; where edges are too parallel to tell
 * it, or tell nonsense, a usual phone's does.
 * @param {readonly Point[]} corners
 * @param {{ width: number, height: number }} photo
 */
function trueRatio([tl, tr, br, bl], photo) {
  const middle = [photo.width / 2, photo.height / 2];
  const unit = Math.max(photo.width, photo.height);
  const [m1, m2, m3, m4] = [tl, tr, bl, br].map(([x, y]) => [(x - middle[0]) / unit, (y - middle[1]) / unit, 1]);
  const k2 = dot(outer(m1, m4), m3) / dot(outer(m2, m4), m3);
  const k3 = dot(outer(m1, m4), m2) / dot(outer(m3, m4), m2);
  const n2 = m2.map((value, i) => k2 * value - m1[i]);
  const n3 = m3.map((value, i) => k3 * value - m1[i]);
  const focalSquared = -(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2]);
  const converges = Math.min(Math.abs(n2[2]), Math.abs(n3[2])) > CONVERGENCE;
  const isLikely = converges && focalSquared > 0.4 ** 2 && focalSquared < 3 ** 2;
  const f = isLikely ? Math.sqrt(focalSquared) : USUAL_FOCAL;
  const length = (/** @type {number[]} */ n) => Math.hypot(n[0] / f, n[1] / f, n[2]);
  return length(n2) / length(n3);
}

/**
 * @param {number[]} a
 * @param {number[]} b
 */
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/**
 * @param {number[]} a
 * @param {number[]} b
 */
const outer = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

/**
 * The page, flat and upright, as if it had been scanned.
 * @param {ImageLike} image
 * @param {readonly Point[]} corners
 * @param {object} [options]
 * @param {number} [options.width] instead of pageSize's
 * @param {number} [options.height]
 * @param {AbortSignal} [options.signal]
 * @param {(done: number) => unknown} [options.onProgress] 0..1
 */
export function straighten(image, corners, { width, height, signal, onProgress } = {}) {
  const size = pageSize(corners, image);
  const [w, h] = [width ?? size.width, height ?? size.height];
  const H = homography([[0, 0], [w, 0], [w, h], [0, h]], corners);
  return warpPerspective(image, H, { width: w, height: h, signal, onProgress });
}

/**
 * Takes away shadows, yellowing and noise, and keeps print and pictures.
 * @param {import('./tile.js').Tiler} model page-clean, or a pool of it
 * @param {ImageLike} page
 * @param {Parameters<typeof runTiled>[2]} [options]
 */
export const cleanPage = (model, page, options) => runTiled(model, page, { ...CLEAN_TILES, ...options });

/**
 * All of it. Where no page is found, `page` and `clean` are null.
 * @param {{ corners: Model, clean: import('./tile.js').Tiler }} models page-corners and page-clean
 * @param {ImageLike} image
 * @param {object} [options]
 * @param {readonly Point[]} [options.corners] where they are known already
 * @param {AbortSignal} [options.signal]
 * @param {(tile: import('./tile.js').Tile) => unknown} [options.onTile]
 */
export async function scan(models, image, { corners, signal, onTile } = {}) {
  /** @type {Milliseconds} */
  const ms = { find: 0, straighten: 0, clean: 0 };
  const found = await timed(ms, 'find', async () => corners
    ? { corners: corners.map(([x, y]) => /** @type {[number, number]} */ ([x, y])), presence: 1, verdict: 'page' }
    : await findPage(models.corners, image, { signal }));
  if (!found.corners) return { ...found, page: null, clean: null, paper: null, ms };
  const { corners: quad } = found;
  const page = await timed(ms, 'straighten', () => straighten(image, quad, { signal }));
  const clean = await timed(ms, 'clean', () => cleanPage(models.clean, page, { signal, onTile }));
  return { ...found, page, clean: clean ?? null, paper: pageSize(quad, image).paper, ms };
}

/**
 * @template T
 * @param {Milliseconds} ms
 * @param {keyof Milliseconds} stage
 * @param {() => Promise<T>} work
 */
async function timed(ms, stage, work) {
  const begin = performance.now();
  const result = await work();
  ms[stage] = performance.now() - begin;
  return result;
}
