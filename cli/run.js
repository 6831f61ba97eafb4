// SPDX-License-Identifier: MIT
//
// octavo run: one run of a model, from files to files.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { loadModel } from '../js/index.js';

import { readInputs } from './bindings.js';
import { Misuse, onlyOne } from './misuse.js';

export const summary = 'runs a model on files';

export const help = `Usage: octavo run MODEL --input NAME=FILE.bin ... [--image NAME=FILE ...] --out DIR

Runs MODEL (a path or a URL; ONNX, TFLite or prepared) once and writes DIR/output_0.bin, DIR/output_1.bin, ... in the
order of the model's outputs: raw values, little-endian.

  --input NAME=FILE.bin   raw little-endian values of the input's type
  --image NAME=FILE       a JPEG or PNG, resized to the input's size (needs jpeg-js or pngjs)
  --shape NAME=1,3,64,64  the input's shape, where the file's length does not tell it
  --out DIR               where the outputs go
  --threads N             on how many threads; else as many as help
  --variant NAME          simd128, relaxed, relaxed_u8 or relaxed_s8; else the best for this machine
  --json                  name, dtype, shape and file of each output, and ms, as JSON`;

/** @type {import('./octavo.js').Command['options']} */
export const options = {
  input: { type: 'string', multiple: true },
  image: { type: 'string', multiple: true },
  shape: { type: 'string', multiple: true },
  out: { type: 'string' },
  threads: { type: 'string' },
  variant: { type: 'string' },
  json: { type: 'boolean' },
};

/** @type {import('./octavo.js').Command['run']} */
export async function run({ values, positionals }) {
  const file = onlyOne(positionals, 'MODEL');
  if (!values.out) throw new Misuse('--out DIR is missing');
  const threads = values.threads === undefined ? 'auto' : Number(values.threads);
  const model = await loadModel(file, { variant: values.variant, threads });
  const inputs = await readInputs(model, values);
  const begin = performance.now();
  const results = await model.run(inputs);
  const ms = performance.now() - begin;

  await mkdir(values.out, { recursive: true });
  const outputs = await Promise.all(
    model.outputs.map(async ({ name }, index) => {
      const { dtype, shape, data } = results[name];
      const path = join(values.out, `output_${index}.bin`);
      await writeFile(path, data);
      return { name, dtype, shape, file: path };
    }),
  );
  if (values.json) console.log(JSON.stringify({ model: file, variant: model.variant, ms, outputs }, null, 2));
  else {
    for (const { name, dtype, shape, file: path } of outputs)
      console.log(`${path}  ${name}  ${dtype} [${shape.join(', ')}]`);
    console.log(`${ms.toFixed(2)} ms (${model.variant})`);
    if (model.variables.length > 0)
      console.log(`It keeps ${model.variables.length} variables from run to run; this was a first run.`);
  }
  await model.dispose();
}
