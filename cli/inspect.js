// SPDX-License-Identifier: MIT
//
// octavo inspect: what a model is, and what Octavo makes of it, before any of its memory is allocated.
import { loadModel } from '../js/index.js';

import { parseShapes } from './bindings.js';
import { describe } from './describe.js';
import { onlyOne } from './misuse.js';
import { bytes, count, listRest, memoryTable, short, table } from './text.js';

export const summary = 'shows inputs, outputs, operators, int8 and float parts, memory';

export const help = `Usage: octavo inspect MODEL [--shape NAME=1,3,224,224 ...] [--json]

Shows what MODEL (a path or a URL; ONNX, TFLite or prepared) takes and gives, its operators, which of them
run in int8 and which in float and why, and the memory it will take, before that is allocated.

  --shape NAME=1,3,224,224   plans for this shape of an input; needed where the model leaves more open than
                             the batch, which is 1 otherwise
  --variant NAME             simd128, relaxed, relaxed_u8 or relaxed_s8; else the best for this machine
  --json                     everything as JSON`;

/** @type {import('./octavo.js').Command['options']} */
export const options = {
  shape: { type: 'string', multiple: true },
  variant: { type: 'string' },
  json: { type: 'boolean' },
};

/** @typedef {import('../js/index.js').Model} Model */

/** @type {import('./octavo.js').Command['run']} */
export async function run({ values, positionals }) {
  const file = onlyOne(positionals, 'MODEL');
  const model = await loadModel(file, { variant: values.variant });
  const shapes = parseShapes(model, values.shape);
  if (values.shape) await model.prepare(shapes);
  const report = describe(file, model);
  console.log(values.json ? JSON.stringify(report, null, 2) : print(report));
  await model.dispose();
}

/** @param {ReturnType<typeof describe>} report */
function print(report) {
  const { model, format, variant, inputs, outputs, operators, planned, memory, macs, steps, rest } = report;
  const listed = Object.entries(operators)
    .sort((a, b) => b[1] - a[1])
    .map(([name, times]) => `${name} ${times}`);
  const parts = [
    `${model}: ${format}, read by ${variant}`,
    `Inputs\n${table(inputs.map(row))}`,
    `Outputs\n${table(outputs.map(row))}`,
    `Operators\n  ${listed.join(', ')}`,
  ];
  if (!planned || !steps || !memory)
    return [...parts, 'Memory\n  depends on the shapes: say --shape NAME=1,3,224,224'].join('\n\n');

  const kinds = /** @type {const} */ (['int8', 'float', 'other']);
  const shares = kinds.map((kind) => {
    const own = steps.filter((step) => step.arithmetic === kind);
    return [kind, `${own.length} steps`, `${count(own.reduce((sum, step) => sum + step.macs, 0))} MAC`];
  });
  const exceptions = steps
    .filter((step) => step.arithmetic === 'float')
    .map(({ name, type, kernel, why }) => [short(name), type, kernel, why]);
  const ends = [...planned.inputs, ...planned.outputs].map(({ name, dtype, shape, bytes: size }) => [
    short(name),
    typed(dtype, shape),
    bytes(size),
  ]);
  parts.push(`Planned for\n${table(ends)}`);
  parts.push(`Arithmetic: ${steps.length} steps, ${count(macs ?? 0)} multiplications\n${table(shares)}`);
  if (exceptions.length > 0) parts.push(`In float\n${table(exceptions)}`);
  if (rest && rest.length > 0) parts.push(listRest(rest));
  parts.push(`Memory, before it is allocated\n${memoryTable(memory)}`);
  return parts.join('\n\n');
}

/** @param {string | null} dtype @param {readonly (number | null)[] | null} shape */
const typed = (dtype, shape) => `${dtype ?? '?'} [${shape?.map((dim) => dim ?? '?').join(', ') ?? '...'}]`;

/** @param {Model['outputs'][number]} io */
const row = ({ name, dtype, shape, quantization }) => [
  short(name),
  typed(dtype, shape),
  quantization ? `scale ${quantization.scale}, zero point ${quantization.zeroPoint}` : '',
];
