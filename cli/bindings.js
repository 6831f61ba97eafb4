// SPDX-License-Identifier: MIT
//
// NAME=VALUE arguments, bound to the inputs of a model: files of raw values, images, shapes.
import { readFile } from 'node:fs/promises';

import { arrayOf } from '../js/index.js';

import { decodeImage } from './decode_image.js';
import { Misuse } from './misuse.js';
import { upright } from './orientation.js';

/** @typedef {import('../js/index.js').Model} Model */
/** @typedef {Model['inputs'][number]} IO */

/**
 * @param {string[] | undefined} pairs
 * @param {string} option such as "--input"
 * @returns {[string, string][]}
 */
function split(pairs, option) {
  return (pairs ?? []).map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1 || at === pair.length - 1) throw new Misuse(`${option} wants NAME=VALUE, not '${pair}'`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}

/**
 * @param {Model} model
 * @param {string} name
 * @returns {IO}
 */
function inputOf(model, name) {
  const input = model.inputs.find((candidate) => candidate.name === name);
  if (input) return input;
  throw new Misuse(`the model has no input '${name}': ${model.inputs.map((candidate) => candidate.name).join(', ')}`);
}

/**
 * Shapes by name, from --shape NAME=1,3,224,224.
 * @param {Model} model
 * @param {string[] | undefined} pairs
 * @returns {Record<string, number[]>}
 */
export function parseShapes(model, pairs) {
  const shapes = split(pairs, '--shape').map(([name, text]) => {
    inputOf(model, name);
    const shape = text.split(/[,x]/).map(Number);
    if (!shape.every((dim) => Number.isInteger(dim) && dim >= 0)) {
      throw new Misuse(`--shape wants whole numbers, as in ${name}=1,3,224,224, not '${text}'`);
    }
    return [name, shape];
  });
  return Object.fromEntries(shapes);
}

/**
 * The inputs that a command line names.
 * @param {Model} model
 * @param {{ input?: string[], image?: string[], shape?: string[] }} values
 */
export async function readInputs(model, { input, image, shape }) {
  const shapes = parseShapes(model, shape);
  /** @type {Record<string, any>} */
  const inputs = {};
  for (const [name, file] of split(input, '--input')) {
    const { dtype } = inputOf(model, name);
    const data = toArray(dtype, await readFile(file), file);
    inputs[name] = shapes[name] ? { data, shape: shapes[name] } : data;
  }
  for (const [name, file] of split(image, '--image')) {
    inputOf(model, name);
    inputs[name] = await upright(await decodeImage(file));
  }
  return inputs;
}

/**
 * Little-endian bytes as an array of the type.
 * @param {IO['dtype']} dtype
 * @param {Uint8Array} bytes
 * @param {string} file
 */
function toArray(dtype, bytes, file) {
  const Type = /** @type {any} */ (arrayOf(dtype));
  if (bytes.length % Type.BYTES_PER_ELEMENT !== 0) {
    throw new Misuse(`${file} has ${bytes.length} bytes, which are not whole ${dtype} values`);
  }
  return new Type(bytes.slice().buffer);
}
