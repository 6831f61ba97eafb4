// SPDX-License-Identifier: MIT
//
// What is measured: the demos' own models, and every published one in the test data, where that lies beside the
// project.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * An input that the model leaves open, or whose values mean something: the rate of a sound, the length of a sequence.
 * @typedef {{ name: string, dtype: string, shape: number[], values?: string[] }} Given
 *
 * @typedef {{ name: string, path: string, inputs?: Given[] }} BenchModel paths are absolute
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const data = process.env.OCTAVO_DATA ?? join(root, '../shared/data');
const STEERING = { int32: Int32Array, int64: BigInt64Array };

/** @type {BenchModel[]} */
const own = [
  { name: 'page_corners', path: join(root, 'models/page_corners.onnx') },
  {
    name: 'page_clean',
    path: join(root, 'models/page_clean.onnx'),
    inputs: [{ name: 'tile', dtype: 'float32', shape: [1, 3, 256, 256] }],
  },
];

/** One file for itself; what the test data knows of its inputs goes with it. */
export function modelAt(path) {
  const file = basename(path);
  const known = own.find((model) => model.path === path);
  return known ?? { name: basename(file, extname(file)), path, inputs: givenInputs(file) };
}

/** Models of one name in two formats keep their endings. */
export function allModels() {
  const folder = join(data, 'models');
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  const published = files.map((file) => modelAt(join(folder, file)));
  const isTwice = ({ name }) => published.filter((model) => model.name === name).length > 1;
  return [...own, ...published.map((model) => (isTwice(model) ? { ...model, name: basename(model.path) } : model))];
}

function givenInputs(file) {
  const folder = join(data, 'expected', file, 'case0');
  if (!existsSync(folder)) return undefined;
  const { inputs } = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
  return inputs.map(({ name, type, shape, dims = shape, file: raw }) => {
    const Type = STEERING[type];
    const values = Type && [...new Type(new Uint8Array(readFileSync(join(folder, raw))).buffer)].map(String);
    return { name, dtype: type, shape: dims, values };
  });
}
