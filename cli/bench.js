// SPDX-License-Identifier: MIT
//
// octavo bench: how long a model takes, here or in a headless browser, as percentiles and step by step.
import { loadModel } from '../js/index.js';

import { benchInBrowser } from './browser.js';
import { measure } from './measure.js';
import { Misuse, onlyOne } from './misuse.js';
import { rate } from './roofline.js';
import { bytes, count, milliseconds, short, table } from './text.js';

export const summary = 'times a model, step by step';

export const help = `Usage: octavo bench MODEL [--browser] [--variant NAME] [--roofline] [--json]

Times MODEL (a path; ONNX, TFLite or prepared) on random input: percentiles of whole runs, and the median of each step.

  --browser                  in headless Chrome (needs playwright-core; CHROME names the browser)
  --shape NAME=1,3,224,224   the shape of an input whose dimensions the model leaves open; those are 1 otherwise
  --variant NAME             simd128, relaxed, relaxed_u8 or relaxed_s8; else the best for this machine
  --threads N                on how many threads (1)
  --roofline                 each step beside what this machine could do at most, which is measured too
  --seconds N                how long to measure, about (3)
  --json                     everything as JSON`;

/** @type {import('./octavo.js').Command['options']} */
export const options = {
  browser: { type: 'boolean' },
  shape: { type: 'string', multiple: true },
  variant: { type: 'string' },
  threads: { type: 'string', default: '1' },
  roofline: { type: 'boolean' },
  seconds: { type: 'string', default: '3' },
  json: { type: 'boolean' },
};

/** @type {import('./octavo.js').Command['run']} */
export async function run({ values, positionals }) {
  const file = onlyOne(positionals, 'MODEL');
  const { variant, shape, roofline } = values;
  const [seconds, threads] = [Number(values.seconds), Number(values.threads)];
  if (!(seconds > 0)) throw new Misuse(`--seconds wants a number above 0, not '${values.seconds}'`);
  if (!(threads >= 1)) throw new Misuse(`--threads wants a number from 1 on, not '${values.threads}'`);
  const asked = { variant, threads, shape, seconds, roofline };
  const result = values.browser ? await benchInBrowser(file, asked) : await measure(loadModel, file, asked);
  const report = { model: file, ...withRates(result) };
  console.log(values.json ? JSON.stringify(report, null, 2) : print(report));
}

/** @typedef {Awaited<ReturnType<typeof measure>>} Result */

/** What --roofline adds to each step. @param {Result} result */
function withRates({ profile, peaks, ...result }) {
  const steps = profile.steps.map((step) => ({ ...step, ...(peaks && rate(step, peaks)) }));
  return { ...result, peaks, profile: { ...profile, steps } };
}

/** @param {{ model: string } & ReturnType<typeof withRates>} report */
function print({ model, where, variant, threads, runs, p50, p95, p99, peaks, profile }) {
  const heading = `${model}: ${variant}, ${threads} thread${threads > 1 ? 's' : ''}, ${where}, ${runs} runs`;
  const times = table([
    ['p50', milliseconds(p50)],
    ['p95', milliseconds(p95)],
    ['p99', milliseconds(p99)],
  ]);
  const speed = (/** @type {number} */ macs, /** @type {number} */ ms) =>
    macs > 0 && ms > 0 ? `${(macs / ms / 1e6).toFixed(1)} GMAC/s` : '';
  const steps = profile.steps.flatMap(({ name, type, kernel, macs, ms, joins = [], ...rates }) => [
    [
      milliseconds(ms),
      type,
      joins.length > 0 ? `of ${joins.length} steps:` : kernel,
      ...(rates.ofPeak === undefined || macs > 0
        ? [`${count(macs)} MAC`, speed(macs, ms)]
        : [bytes(rates.bytes ?? 0), `${rates.gigabytes?.toFixed(1)} GB/s`]),
      ...(peaks ? [macs > 0 ? `${((rates.ofPeak ?? 0) * 100).toFixed(0)} %` : ''] : []),
      short(name),
    ],
    ...joins.map((one) => ['', one.type, one.kernel, `${count(one.macs)} MAC`, '', ...(peaks ? [''] : []), short(one.name)]),
  ]);
  const operators = profile.operators.map(({ op, count: times, macs, ms }) => [
    milliseconds(ms),
    op,
    `${times} steps`,
    `${count(macs)} MAC`,
    speed(macs, ms),
  ]);
  const peak = peaks ? `\n\nAt most, here\n${table(Object.entries(peaks).map(peakLine))}` : '';
  const rest = profile.restMs > 0 ? `\n\nPlanned in the run\n  ${milliseconds(profile.restMs)}` : '';
  return `${heading}\n${times}${peak}${rest}\n\nBy operator\n${table(operators)}\n\nBy step\n${table(steps)}`;
}

/** @param {[string, { instruction: string, gmacs: number }]} entry */
const peakLine = ([type, { instruction, gmacs }]) => [type, `${gmacs.toFixed(1)} GMAC/s`, instruction];
