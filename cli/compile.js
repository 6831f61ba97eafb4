// SPDX-License-Identifier: MIT
//
// octavo compile: a model in its prepared form, which starts faster.
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { compileModel } from '../js/compile.js';

import { onlyOne } from './misuse.js';
import { bytes } from './text.js';

export const summary = 'writes a prepared model, which starts faster';

export const help = `Usage: octavo compile MODEL [-o FILE.octavo]

Reads MODEL (a path or a URL; ONNX or TFLite), folds and fuses what does not depend on input shapes, and writes the
result to FILE.octavo: beside MODEL unless told otherwise, or here if MODEL is a URL. It is loaded like any model, in
browsers and in Node, and gives the same bits as its source.

A prepared model is for this version of Octavo, and refused by others: keep its source, whose SHA-256 it has inside.

  -o, --out FILE.octavo   where it goes
  --variant NAME          the build of the engine that writes it; the file is the same`;

/** @type {import('./octavo.js').Command['options']} */
export const options = {
  out: { type: 'string', short: 'o' },
  variant: { type: 'string' },
};

/** @type {import('./octavo.js').Command['run']} */
export async function run({ values, positionals }) {
  const file = onlyOne(positionals, 'MODEL');
  const place = /^https?:/.test(file) ? basename(new URL(file).pathname) : file;
  const out = values.out ?? `${place.replace(/\.(onnx|tflite)$/, '')}.octavo`;
  const prepared = await compileModel(file, { variant: values.variant });
  await writeFile(out, prepared);
  console.log(`${out}  ${bytes(prepared.length)}`);
}
