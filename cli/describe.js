// SPDX-License-Identifier: MIT
//
// What Octavo makes of a model, step by step: the report that inspect and check print.
import { short } from './text.js';

/** @typedef {import('../js/index.js').Model} Model */
/** @typedef {NonNullable<Model['plan']>['steps'][number]} Step */

/**
 * @param {string} file
 * @param {Model} model
 */
export function describe(file, model) {
  const { format, variant, inputs, outputs, operators, memory, plan } = model;
  const planned = plan && { inputs: plan.inputs, outputs: plan.outputs };
  const single = plan && plan.steps.flatMap((step) => step.joins ?? [step]);
  const dequantized = new Set(single?.filter(({ q8 }) => q8).flatMap((step) => step.outputs.map(({ name }) => name)));
  const steps = single && single.map((step) => ({ ...step, ...arithmetic(step, dequantized) }));
  const { macs, rest } = plan ?? { macs: null, rest: null };
  return { model: file, format, variant, inputs, outputs, operators, planned, memory, macs, steps, rest };
}

/**
 * What a step computes in, and why.
 * @param {Step} step
 * @param {Set<string>} dequantized names of tensors that an int8 step makes
 * @returns {{ arithmetic: 'int8' | 'float' | 'other', why: string }}
 */
function arithmetic(step, dequantized) {
  const tensors = [...step.inputs, ...step.outputs];
  const floats = step.inputs.filter(({ dtype }) => dtype.startsWith('float'));
  if (step.q8) {
    const isEdge = tensors.some(({ dtype }) => dtype.startsWith('float'));
    return { arithmetic: 'int8', why: isEdge ? 'converts between int8 and float' : 'its tensors are quantized' };
  }
  if (!tensors.some(({ dtype }) => dtype.startsWith('float'))) {
    return { arithmetic: 'other', why: 'moves bytes or computes with whole numbers' };
  }
  if (floats.length === 0) return { arithmetic: 'float', why: 'makes floats' };
  const known = floats.find(({ name }) => dequantized.has(name));
  if (known) {
    return {
      arithmetic: 'float',
      why: `'${short(known.name)}' is quantized, but the output is not, or no int8 kernel fits`,
    };
  }
  return { arithmetic: 'float', why: `the file has no quantization for '${short(floats[0].name)}'` };
}
