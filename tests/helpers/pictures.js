// SPDX-License-Identifier: MIT
//
// Pictures for tests: made, not read, so that every test knows every pixel.

/**
 * @param {number} width
 * @param {number} height
 * @param {(x: number, y: number) => number[]} [colour] RGB or RGBA at a pixel
 */
export function picture(width, height, colour = texture) {
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) data.set(colour(x, y), i);
  }
  return { data, width, height };
}

/** Waves with grain on them: something for every frequency. @param {number} x @param {number} y */
export function texture(x, y) {
  const grain = (x * 7919 + y * 104729) % 31;
  return [0, 1, 2].map((c) => (Math.sin(x * 0.03 + c) + Math.sin(y * 0.05)) * 55 + 112 + grain);
}

/**
 * The greatest difference of two pictures in any channel.
 * @param {{ data: ArrayLike<number> }} one
 * @param {{ data: ArrayLike<number> }} other
 */
export function difference({ data: a }, { data: b }) {
  let most = Math.abs(a.length - b.length);
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

/**
 * A JPEG file with an EXIF block that says how the camera was held.
 * @param {Buffer} jpeg
 * @param {number} orientation 1 to 8
 */
export function turnedJpeg(jpeg, orientation) {
  const tag = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, ...tag, 0, 0, 0, 0];
  const block = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), Buffer.from(tiff)]);
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, block.length + 2]), block, jpeg.subarray(2)]);
}
