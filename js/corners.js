// SPDX-License-Identifier: MIT
//
// From page-corners' heatmaps to four corners, in fractions of the picture: training/page_corners/decode.py, step by
// step. Each map has some likely peaks for its corner; of all combinations, the likeliest that looks like a sheet wins.

/** @typedef {import('./tensor.js').Tensor} Tensor */
/** @typedef {readonly [number, number]} Point */
/** @typedef {{ point: Point, confidence: number }} Candidate */
/** @typedef {{ data: ArrayLike<number | bigint>, width: number, height: number }} Heatmap */

const LEAST_PEAK = 0.05, APART = 3, CANDIDATES = 4;
const PLACE_RADIUS = 2, PLACE_FLOOR = 0.25;
const UNLIKE_A_SHEET = 2;

/**
 * Clockwise from the top left; null where there are none.
 * @param {Tensor} heatmaps [1, 4, height, width]
 * @returns {{ corners: Point[], confidence: number } | null}
 */
export function decodeCorners(heatmaps) {
  const [, , height, width] = heatmaps.shape;
  const found = [0, 1, 2, 3].map((k) =>
    candidatesOf({ data: heatmaps.data.subarray(k * height * width, (k + 1) * height * width), width, height }));
  if (found.filter((some) => some.length === 0).length > 1) return null;
  let best = -Infinity;
  let answer = null;
  for (const choice of combinations(found)) {
    const corners = completed(choice);
    if (!corners || !isConvex(corners)) continue;
    const sure = choice.map((candidate) => candidate?.confidence ?? LEAST_PEAK);
    const score = sure.reduce((sum, p) => sum + Math.log(p), 0) - UNLIKE_A_SHEET * unlikeASheet(corners);
    if (!(score > best)) continue;
    best = score;
    answer = { corners, confidence: Math.min(...sure) };
  }
  return answer;
}

/**
 * A map's peaks that are not too near to greater ones, the greatest first.
 * @param {Heatmap} map
 * @returns {Candidate[]}
 */
function candidatesOf(map) {
  const { data, width, height } = map;
  const peaks = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = Number(data[row * width + column]);
      if (value >= LEAST_PEAK && isGreatest(map, row, column, value)) peaks.push({ row, column, value });
    }
  }
  peaks.sort((a, b) => b.value - a.value);
  /** @type {typeof peaks} */
  const taken = [];
  for (const peak of peaks) {
    const isFree = taken.every(({ row, column }) =>
      Math.max(Math.abs(row - peak.row), Math.abs(column - peak.column)) > APART);
    if (isFree && taken.length < CANDIDATES) taken.push(peak);
  }
  return taken.map(({ row, column, value }) => ({ point: placeOf(map, row, column, value), confidence: value }));
}

/**
 * The cells of a map around one.
 * @param {Heatmap} map
 * @param {number} row
 * @param {number} column
 * @param {number} radius
 */
function* around({ data, width, height }, row, column, radius) {
  for (let y = Math.max(row - radius, 0); y <= Math.min(row + radius, height - 1); y++) {
    for (let x = Math.max(column - radius, 0); x <= Math.min(column + radius, width - 1); x++) {
      yield { x, y, value: Number(data[y * width + x]) };
    }
  }
}

/**
 * @param {Heatmap} map
 * @param {number} row
 * @param {number} column
 * @param {number} value
 */
function isGreatest(map, row, column, value) {
  for (const cell of around(map, row, column, APART)) if (cell.value > value) return false;
  return true;
}

/**
 * The centre of mass around a peak, in fractions of the map.
 * @param {Heatmap} map
 * @param {number} row
 * @param {number} column
 * @param {number} peak
 * @returns {Point}
 */
function placeOf(map, row, column, peak) {
  let [total, sumX, sumY] = [0, 0, 0];
  for (const { x, y, value } of around(map, row, column, PLACE_RADIUS)) {
    if (!(value > PLACE_FLOOR * peak)) continue;
    total += value;
    sumX += value * (x + 0.5);
    sumY += value * (y + 0.5);
  }
  return [sumX / total / map.width, sumY / total / map.height];
}

/**
 * Every choice of one candidate a map; a map without any gives null.
 * @param {Candidate[][]} found
 * @returns {(Candidate | null)[][]}
 */
function combinations([first, ...rest]) {
  if (!first) return [[]];
  const tails = combinations(rest);
  return (first.length > 0 ? first : [null]).flatMap((candidate) => tails.map((tail) => [candidate, ...tail]));
}

/**
 * The corners of one choice. A missing one is put where a parallelogram has it; null if that is outside.
 * @param {(Candidate | null)[]} choice
 * @returns {Point[] | null}
 */
function completed(choice) {
  const missing = choice.indexOf(null);
  const corners = choice.map((candidate) => candidate?.point ?? /** @type {Point} */ ([0, 0]));
  if (missing < 0) return corners;
  const [before, after, opposite] = [3, 1, 2].map((k) => corners[(missing + k) % 4]);
  const [x, y] = [before[0] + after[0] - opposite[0], before[1] + after[1] - opposite[1]];
  corners[missing] = [x, y];
  return Math.min(x, y) < 0 || Math.max(x, y) > 1 ? null : corners;
}

/**
 * 0 for a rectangle; grows as opposite sides differ in length, and half as fast as the diagonals do.
 * @param {readonly Point[]} corners
 */
function unlikeASheet(corners) {
  /** @param {number} k @param {number} step how many corners further */
  const distance = (k, step) =>
    Math.hypot(corners[(k + step) % 4][0] - corners[k][0], corners[(k + step) % 4][1] - corners[k][1]);
  /** @param {number} one @param {number} other */
  const differ = (one, other) => Math.abs(Math.log(one / other));
  return differ(distance(0, 1), distance(2, 1)) + differ(distance(1, 1), distance(3, 1)) +
    0.5 * differ(distance(0, 2), distance(1, 2));
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
