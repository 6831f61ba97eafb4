// SPDX-License-Identifier: MIT
//
// Pixels in ordinary memory: checking, cutting and pasting, nothing that computes.
import { invalidArgument } from './errors.js';

/**
 * RGBA pixels, row by row: an ImageData, or anything like it.
 * @typedef {{ data: Uint8ClampedArray | Uint8Array, width: number, height: number }} ImageLike
 */

/** @typedef {{ x: number, y: number, width: number, height: number }} Rect in pixels */

/**
 * A transparent image.
 * @param {number} width
 * @param {number} height
 */
export const blank = (width, height) => ({ data: new Uint8ClampedArray(width * height * 4), width, height });

/**
 * A rectangle of an image, beginning inside it; what lies past its right and lower ends repeats the edge.
 * @param {ImageLike} image
 * @param {Rect} rect
 */
export function cut(image, { x, y, width, height }) {
  const out = blank(width, height);
  const inside = Math.min(width, image.width - x);
  const pixels = new Uint32Array(out.data.buffer);
  for (let row = 0; row < height; row++) {
    const from = (Math.min(y + row, image.height - 1) * image.width + x) * 4;
    out.data.set(image.data.subarray(from, from + inside * 4), row * width * 4);
    if (inside < width) pixels.fill(pixels[row * width + inside - 1], row * width + inside, (row + 1) * width);
  }
  return out;
}

/**
 * @param {ImageLike} image
 * @param {ImageLike} onto
 * @param {number} left
 * @param {number} top
 */
export function paste(image, onto, left, top) {
  for (let y = 0; y < image.height; y++) {
    const row = image.data.subarray(y * image.width * 4, (y + 1) * image.width * 4);
    onto.data.set(row, ((top + y) * onto.width + left) * 4);
  }
}

/**
 * The smallest rectangle of whole pixels around `rect` that is inside the image and not empty.
 * @param {ImageLike} image
 * @param {Rect} rect
 */
export function clipRect(image, rect) {
  const x = Math.min(Math.max(Math.floor(rect.x), 0), image.width - 1);
  const y = Math.min(Math.max(Math.floor(rect.y), 0), image.height - 1);
  const right = Math.max(x + 1, Math.min(image.width, Math.ceil(rect.x + rect.width)));
  const bottom = Math.max(y + 1, Math.min(image.height, Math.ceil(rect.y + rect.height)));
  return { x, y, width: right - x, height: bottom - y };
}

/** @param {ImageLike} image */
export function checkImage(image) {
  const { data, width, height } = image ?? {};
  checkSize('The image', width, height);
  if (!(data instanceof Uint8ClampedArray || data instanceof Uint8Array) || data.length !== width * height * 4) {
    throw invalidArgument(`An image of ${width}x${height} pixels needs ${width * height * 4} bytes of RGBA in a ` +
      'Uint8ClampedArray', 'Pass an ImageData, or { data, width, height } like one.');
  }
}

/**
 * @param {string} name
 * @param {number} width
 * @param {number} height
 */
export function checkSize(name, width, height) {
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0) return;
  throw invalidArgument(`${name} is ${width}x${height} pixels`, 'Both must be whole numbers of at least 1.');
}

/**
 * @param {ImageLike} image
 * @param {Rect} rect
 */
export function checkInside(image, { x, y, width, height }) {
  const inside = x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= image.width && y + height <= image.height;
  if (!inside) {
    throw invalidArgument(`The rectangle ${x},${y} ${width}x${height} is not inside the image, which is ` +
      `${image.width}x${image.height} pixels`);
  }
}
