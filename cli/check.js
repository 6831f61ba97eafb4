// SPDX-License-Identifier: MIT
//
// octavo check: whether a model will run, before it is deployed. A script reads the exit status.
import { loadModel, OctavoError } from '../js/index.js';

import { parseShapes } from './bindings.js';
import { describe } from './describe.js';
import { Misuse, onlyOne } from './misuse.js';
import { count, listRest, memoryTable, short, table } from './text.js';

export const summary = 'tells whether a model runs, and each node in what arithmetic';

export const help = `Usage: octavo check MODEL [--shape NAME=1,3,224,224 ...] [--json]

Tells of each node of MODEL (a path or a URL; ONNX, TFLite or prepared) whether it runs in int8 or in float, the
multiply-adds and the memory; or what is unsupported, where, and what to do about it. The exit status is 0 if the model runs, 1 if not.
Nodes whose shapes depend on data are listed apart: each run plans them, and only a run tells whether they are supported.

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

/** What a model is refused with; other failures are not the model's. */
const REFUSALS = new Set(['unsupported_model', 'invalid_model', 'not_a_model']);

/** @type {import('./octavo.js').Command['run']} */
export async function run({ values, positionals }) {
  const file = onlyOne(positionals, 'MODEL');
  const report = await check(file, values);
  if (!report.supported) process.exitCode = 1;
  console.log(values.json ? JSON.stringify(report, null, 2) : print(report));
}

/**
 * @param {string} file
 * @param {{ variant?: import('../js/index.js').Variant, shape?: string[] }} values
 */
async function check(file, { variant, shape }) {
  try {
    const model = await loadModel(file, { variant });
    if (shape || !model.plan) await model.prepare(shapesOf(model, shape));
    const report = { supported: /** @type {const} */ (true), ...describe(file, model) };
    await model.dispose();
    return report;
  } catch (error) {
    if (!(error instanceof OctavoError) || !REFUSALS.has(error.code)) throw error;
    const { code, message, node, hint } = error;
    return { supported: /** @type {const} */ (false), model: file, error: { code, message, node, hint } };
  }
}

/**
 * @param {import('../js/index.js').Model} model
 * @param {string[]} [pairs]
 */
function shapesOf(model, pairs) {
  const shapes = parseShapes(model, pairs);
  const open = model.inputs.find(({ name, shape }) => !(name in shapes) && !shape?.slice(1).every((dim) => dim !== null));
  if (open) throw new Misuse(`the model leaves the shape of '${open.name}' open: say --shape ${open.name}=1,3,224,224`);
  return shapes;
}

/** @param {Awaited<ReturnType<typeof check>>} report */
function print(report) {
  if (!report.supported) return `${report.model}: unsupported\n\n${report.error.message}`;
  const { model, format, variant, macs, memory, steps, rest } = report;
  const isCut = rest && rest.length > 0;
  const rows = (steps ?? []).map(({ arithmetic, type, name, macs: own, why }) => [
    arithmetic,
    type,
    short(name),
    own > 0 ? `${count(own)} MAC` : '',
    arithmetic === 'float' ? why : '',
  ]);
  return [
    `${model}: supported${isCut ? ', as far as can be told before a run' : ''} (${format}, ${variant})`,
    `Nodes\n${table(rows)}`,
    ...(isCut ? [listRest(rest)] : []),
    `Multiply-adds\n  ${count(macs ?? 0)}`,
    `Memory\n${memory ? memoryTable(memory) : ''}`,
  ].join('\n\n');
}
