// SPDX-License-Identifier: MIT
//
// JPEG and PNG files to RGBA. Node has no decoder of its own, and Octavo brings none: jpeg-js and pngjs are optional
// peers, asked for by name when they are missing.
import { readFile } from 'node:fs/promises';

/**
 * @param {string} file
 * @returns {Promise<{ data: Uint8Array, width: number, height: number }>}
 */
export async function decodeImage(file) {
  const bytes = await readFile(file);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    const { default: jpeg } = await peer('jpeg-js');
    return jpeg.decode(bytes, { useTArray: true, maxMemoryUsageInMB: 1024, maxResolutionInMP: 100 });
  }
  if (bytes.subarray(1, 4).toString('latin1') === 'PNG') {
    const { PNG } = await peer('pngjs');
    return PNG.sync.read(bytes);
  }
  throw new Error(`${file} is neither a JPEG nor a PNG`);
}

/**
 * A package that is there only if somebody installed it.
 * @param {string} name
 * @returns {Promise<any>}
 */
export async function peer(name) {
  try {
    return await import(name);
  } catch (cause) {
    throw new Error(`this needs ${name}, which is not installed: npm install ${name}`, { cause });
  }
}
