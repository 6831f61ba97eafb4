// SPDX-License-Identifier: MIT
//
// octavo bench: how long a model takes, here or in a headless browser, as percentiles and step by step.
import { loadModel } from '../js/index.js';

import { benchInBrowser } from './browser.js';
import { measure } from './measure.js';
import { Misuse, onlyOne } from './misuse.js';
import { count, milliseconds, short, table } from './text.js';

export const summary = 'times a model, step by step';

export const help = `Usage: octavo bench MODEL [--browser] [--variant NAME] [--json]

Times MODEL (a path; ONNX or TFLite) on random input: the percentiles of whole runs, and the median of each step.

  --browser                  in headless Chrome (needs playwright-core; CHROME names the browser)
  --shape NAME=1,3,224,224   the shape of an input whose dimensions the model leaves open; those are 1 otherwise
  --variant NAME             simd128, relaxed_u8 or relaxed_s8; else the best for this machine
  --threads N                1: this version runs on one thread
  --seconds N                how long to measure, about (3)
  --json                     everything as JSON`;

/** @type {import('./octavo.js').Command['options']} */
export const options = {
  browser: { type: 'boolean' },
  shape: { type: 'string', multiple: true },
  variant: { type: 'string' },
  threads: { type: 'string' },
  seconds: { type: 'string', default: '3' },
  json: { type: 'boolean' },
};

/** @type {import('./octavo.js').Command['run']} */
export async function run({ values, positionals }) {
  const file = onlyOne(positionals, 'MODEL');
  const { variant, shape, threads = '1' } = values;
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Misuse(`--seconds wants a number above 0, not '${values.seconds}'`);
  if (threads !== '1') throw new Misuse(`--threads ${threads}: this version runs on one thread`);
  const result = values.browser
    ? await benchInBrowser(file, { variant, shape, seconds })
    : await measure(loadModel, file, { variant, shape, seconds });
  const report = { model: file, ...result };
  console.log(values.json ? JSON.stringify(report, null, 2) : print(report));
}

/** @param {{ model: string } & Awaited<ReturnType<typeof measure>>} report */
function print({ model, where, variant, runs, p50, p95, p99, profile }) {
  const heading = `${model}: ${variant}, ${where}, ${runs} runs`;
  const times = table([
    ['p50', milliseconds(p50)],
    ['p95', milliseconds(p95)],
    ['p99', milliseconds(p99)],
  ]);
  const rate = (/** @type {number} */ macs, /** @type {number} */ ms) =>
    macs > 0 && ms > 0 ? `${(macs / ms / 1e6).toFixed(1)} GMAC/s` : '';
  const steps = profile.steps.map(({ name, type, kernel, macs, ms }) => [
    milliseconds(ms),
    type,
    kernel,
    `${count(macs)} MAC`,
    rate(macs, ms),
    short(name),
  ]);
  const operators = profile.operators.map(({ op, count: times, macs, ms }) => [
    milliseconds(ms),
    op,
    `${times} steps`,
    `${count(macs)} MAC`,
    rate(macs, ms),
  ]);
  return `${heading}\n${times}\n\nBy operator\n${table(operators)}\n\nBy step\n${table(steps)}`;
}
