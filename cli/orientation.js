// SPDX-License-Identifier: MIT
//
// Which way up a JPEG is. Phones store the sensor's rows and note in EXIF how to turn them; decoders for Node leave
// that to the caller.
import { warpPerspective } from '../js/image.js';

const ORIENTATION = 0x0112;

/**
 * The picture as its photographer saw it.
 * @param {{ data: Uint8Array, width: number, height: number, exifBuffer?: Uint8Array }} picture as jpeg-js decodes it
 * @returns {Promise<import('../js/image.js').ImageLike>}
 */
export async function upright(picture) {
  const orientation = readOrientation(picture.exifBuffer);
  const { width, height } = picture;
  const rows = storedPoint(orientation, width, height);
  if (!rows) return picture;
  const size = orientation >= 5 ? { width: height, height: width } : { width, height };
  return warpPerspective(picture, [...rows, 0, 0, 1], size);
}

/**
 * Which point of the stored picture shows at (u, v), as two rows of a matrix; undefined where it is the same.
 * @param {number} orientation as EXIF numbers them
 * @param {number} w of the stored picture
 * @param {number} h
 */
function storedPoint(orientation, w, h) {
  return {
    2: [-1, 0, w, 0, 1, 0],
    3: [-1, 0, w, 0, -1, h],
    4: [1, 0, 0, 0, -1, h],
    5: [0, 1, 0, 1, 0, 0],
    6: [0, 1, 0, -1, 0, h],
    7: [0, -1, w, -1, 0, h],
    8: [0, -1, w, 1, 0, 0],
  }[orientation];
}

/**
 * The orientation tag of an EXIF block (a small TIFF file), 1 to 8; 1 where there is none.
 * @param {Uint8Array} [exif]
 */
export function readOrientation(exif) {
  if (!exif || exif.length < 14) return 1;
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  const begin = exif[0] === 0 ? 1 : 0; // jpeg-js leaves the second zero that ends "Exif" in
  const isLittle = view.getUint16(begin) === 0x4949;
  try {
    const directory = begin + view.getUint32(begin + 4, isLittle);
    for (let k = 0; k < view.getUint16(directory, isLittle); k++) {
      const entry = directory + 2 + 12 * k;
      if (view.getUint16(entry, isLittle) === ORIENTATION) return view.getUint16(entry + 8, isLittle);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // a damaged block says nothing
  }
  return 1;
}
