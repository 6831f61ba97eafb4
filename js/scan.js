// SPDX-License-Identifier: MIT
//
// From the photo of a page to the page: find it, straighten it, clean it. Two networks do the seeing (models/), a
// little geometry does the rest. Corners go clockwise from the top left, in pixels of the photo: [[x, y], ...].
import { homography, runTiled, toTensor, warpPerspective } from './image.js';
import { clipRect } from './pixels.js';

/** @typedef {import('./pixels.js').ImageLike} ImageLike */
/** @typedef {import('./image.js').Point} Point */
/** @typedef {import('./model.js').Model} Model */
/** @typedef {import('./tensor.js').Tensor} Tensor */

/**
 * @typedef {object} FoundPage
 * @property {[number, number][] | null} corners null where there is no page
 * @property {number} presence how sure the network is that there is one, 0 to 1
 * @property {'page' | 'no page' | 'corners unclear' | 'corner outside' | 'corners cross'} verdict
 */

/**
 * @typedef {object} PageSize
 * @property {number} width in pixels, so many that the straightened page loses nothing of the photo
 * @property {number} height
 * @property {string | null} paper 'A4' or 'Letter', where the proportions are those
 */

/** @typedef {{ find: number, straighten: number, clean: number }} Milliseconds */

// The rules and numbers of training/page_corners/decode.py, step by step.
const PRESENCE = 0.5, CONFIDENCE = 0.1;
const PEAK_RADIUS = 2, PEAK_FLOOR = 0.25;
const WINDOW_MARGIN = 0.2, AGREEMENT = 0.7;

/** A4 at 300 dots an inch: larger pages are drawn at this size. */
const PAGE_PIXELS = 2480 * 3508;

const PAPERS = [{ name: 'A4', ratio: 210 / 297 }, { name: 'Letter', ratio: 8.5 / 11 }];
const PAPER_TOLERANCE = 0.03;

/**
 * Finds the page in a photo, and looks a second time at the part around it to place the corners finely.
 * @param {Pick<Model, 'inputs' | 'run'>} model page-corners
 * @param {ImageLike} image
 * @param {{ looks?: number, signal?: AbortSignal }} [options]
 * @returns {Promise<FoundPage>}
 */
export async function findPage(model, image, { looks = 2, signal } = {}) {
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  const first = await look(model, image, whole, signal);
  for (let k = 1; k < looks && first.corners; k++) {
    const finer = await look(model, image, windowAround(first.corners, image), signal);
    if (!finer.corners || overlap(first.corners, finer.corners) < AGREEMENT) break;
    first.corners = finer.corners;
  }
  return first;
}

/**
 * @param {Pick<Model, 'inputs' | 'run'>} model
 * @param {ImageLike} image
 * @param {import('./pixels.js').Rect} from
 * @param {AbortSignal} [signal]
 * @returns {Promise<FoundPage>}
 */
async function look(model, image, from, signal) {
  const [input] = model.inputs;
  const { heatmaps, presence } = await model.run({ [input.name]: await toTensor(image, input, { from }) }, { signal });
  const { corners, verdict } = decode(heatmaps, Number(presence.data[0]));
  /** @type {(corner: Point) => [number, number]} */
  const place = ([x, y]) => [from.x + x * from.width, from.y + y * from.height];
  return { corners: corners?.map(place) ?? null, presence: Number(presence.data[0]), verdict };
}

/**
 * The network's answer as corners in fractions of the picture.
 * @param {Tensor} heatmaps [1, 4, height, width]
 * @param {number} presence
 * @returns {{ corners?: [number, number][], verdict: FoundPage['verdict'] }}
 */
function decode(heatmaps, presence) {
  if (!(presence >= PRESENCE)) return { verdict: 'no page' };
  const [, , height, width] = heatmaps.shape;
  const peaks = [0, 1, 2, 3].map((k) => peakOf(heatmaps.data.subarray(k * height * width), width, height));
  const unsure = [0, 1, 2, 3].filter((k) => !(peaks[k].confidence >= CONFIDENCE));
  if (unsure.length > 1) return { verdict: 'corners unclear' };
  const corners = peaks.map(({ point }) => point);
  for (const k of unsure) {
    // A covered corner completes the parallelogram.
    const [before, after, opposite] = [corners[(k + 3) % 4], corners[(k + 1) % 4], corners[(k + 2) % 4]];
    corners[k] = [before[0] + after[0] - opposite[0], before[1] + after[1] - opposite[1]];
    if (Math.min(...corners[k]) < 0 || Math.max(...corners[k]) > 1) return { verdict: 'corner outside' };
  }
  return isConvex(corners) ? { corners, verdict: 'page' } : { verdict: 'corners cross' };
}

/**
 * The centre of mass around a map's greatest value, in fractions of the map.
 * @param {ArrayLike<number | bigint>} map
 * @param {number} width
 * @param {number} height
 * @returns {{ point: [number, number], confidence: number }}
 */
function peakOf(map, width, height) {
  let best = 0;
  for (let i = 1; i < width * height; i++) if (map[i] > map[best]) best = i;
  const [column, row] = [best % width, Math.floor(best / width)];
  const peak = Number(map[best]);
  let [total, sumX, sumY] = [0, 0, 0];
  for (let y = Math.max(row - PEAK_RADIUS, 0); y <= Math.min(row + PEAK_RADIUS, height - 1); y++) {
    for (let x = Math.max(column - PEAK_RADIUS, 0); x <= Math.min(column + PEAK_RADIUS, width - 1); x++) {
      const value = Number(map[y * width + x]);
      if (!(value > PEAK_FLOOR * peak)) continue;
      total += value;
      sumX += value * (x + 0.5);
      sumY += value * (y + 0.5);
    }
  }
  const [x, y] = total > 0 ? [sumX / total, sumY / total] : [column + 0.5, row + 0.5];
  return { point: [x / width, y / height], confidence: peak };
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
 * Whether four corners go clockwise around a convex quadrilateral (y points down).
 * @param {readonly Point[]} corners
 */
export const isConvex = (corners) => corners.every((corner, k) =>
  cross(corner, corners[(k + 1) % 4], corners[(k + 2) % 4]) > 0);

/**
 * Twice the area of the triangle abc; positive if it goes clockwise.
 * @param {Point} a
 * @param {Point} b
 * @param {Point} c
 */
const cross = ([ax, ay], [bx, by], [cx, cy]) => (bx - ax) * (cy - by) - (by - ay) * (cx - bx);

/**
 * Intersection over union of two convex quadrilaterals.
 * @param {readonly Point[]} one
 * @param {readonly Point[]} other
 */
export function overlap(one, other) {
  /** @type {readonly Point[]} */
  let both = one;
  for (let k = 0; k < 4; k++) both = clip(both, other[k], other[(k + 1) % 4]);
  const whole = area(one) + area(other) - area(both);
  return whole > 0 ? area(both) / whole : 0;
}

/**
 * The part of a polygon that lies to the right of the line from a to b.
 * @param {readonly Point[]} polygon
 * @param {Point} a
 * @param {Point} b
 */
function clip(polygon, a, b) {
  return polygon.flatMap((from, k) => {
    const to = polygon[(k + 1) % polygon.length];
    const [sideFrom, sideTo] = [cross(a, b, from), cross(a, b, to)];
    /** @type {Point[]} */
    const kept = sideFrom >= 0 ? [from] : [];
    if (sideFrom * sideTo < 0) {
      const t = sideFrom / (sideFrom - sideTo);
      kept.push([from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t]);
    }
    return kept;
  });
}

/** @param {readonly Point[]} polygon */
const area = (polygon) => polygon.reduce((sum, [x, y], k) => {
  const [nextX, nextY] = polygon[(k + 1) % polygon.length];
  return sum + (x * nextY - nextX * y) / 2;
}, 0);

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
  const converges = Math.min(Math.abs(n2[2]), Math.abs(n3[2])) > 0.01;
  const isLikely = converges && focalSquared > 0.4 ** 2 && focalSquared < 3 ** 2;
  const f = isLikely ? Math.sqrt(focalSquared) : 0.8;
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
 * @param {Pick<Model, 'inputs' | 'outputs' | 'run'>} model page-clean
 * @param {ImageLike} page
 * @param {Parameters<typeof runTiled>[2]} [options]
 */
export const cleanPage = (model, page, options) => runTiled(model, page, options);

/**
 * All of it. Where no page is found, `page` and `clean` are null.
 * @param {{ corners: Model, clean: Model }} models page-corners and page-clean
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
