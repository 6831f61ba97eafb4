// SPDX-License-Identifier: MIT
//
// `npm run conformance`: runs ONNX's conformance suite (tools/conformance_data.js) and writes docs/conformance.md.
// With a name, or a part of one, it runs the tests that have it and prints what came of each, and writes nothing.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runConformance } from '../tests/helpers/conformance.js';
import { dataFolder, layOut, SUITES, VERSION } from './conformance_data.js';

const COLUMNS = /** @type {const} */ (['passed', 'failed', 'unsupported', 'out of scope']);
const wanted = process.argv[2];

/** Expectations that are not the specification's, and why we keep to that. */
const DISPUTED = [
  [/^test_qlinearmatmul_.D_int8_/, 'the expected bytes wrapped around where the specification saturates'],
  [/(linear|cubic)_align_corners$/, 'expected with a fractional output length; as onnxruntime, we take the output’s own'],
  [/averagepool_3d_dilations_large_count_include_pad_is_1_ceil/, 'as PyTorch, we do not count what lies beyond the padding'],
];
/** @param {Row} row */
const note = ({ name }) => DISPUTED.filter(([pattern]) => /** @type {RegExp} */ (pattern).test(name)).map(([, why]) => ` (${why})`).join('');

/** @typedef {Awaited<ReturnType<typeof runConformance>> & { suite: string, name: string }} Row */

async function runAll() {
  /** @type {Row[]} */
  const rows = [];
  for (const suite of SUITES) {
    for (const name of readdirSync(join(dataFolder, suite)).sort()) {
      if (wanted && !name.includes(wanted)) continue;
      const row = { suite, name, ...(await runConformance(join(dataFolder, suite, name))) };
      if (wanted) console.log(`${row.result} ${name} ${row.reason}`);
      rows.push(row);
    }
  }
  return rows;
}

/** @param {Row[]} rows @param {(row: Row) => string} key @returns {Map<string, Row[]>} */
const groupBy = (rows, key) => rows.reduce((groups, row) =>
  groups.set(key(row), [...(groups.get(key(row)) ?? []), row]), new Map());

/** A refusal without what differs from test to test. @param {Row} row */
const reasonOf = ({ reason }) => reason.replace(/'[^']*'/g, '…').replaceAll('|', '\\|');

/** @param {Row[]} rows @param {(row: Row) => string} key */
function reasonTable(rows, key) {
  const groups = [...groupBy(rows, key)].sort(([, a], [, b]) => b.length - a.length);
  const lines = groups.map(([reason, { length, 0: first }]) => `| ${length} | ${reason} | ${first.name} |`);
  return ['| tests | reason | for example |', '|---|---|---|', ...lines].join('\n');
}

/** @param {Row[]} rows */
function page(rows) {
  const of = (/** @type {Row[]} */ some, /** @type {string} */ result) => some.filter((row) => row.result === result);
  const inScope = rows.filter(({ result }) => result !== 'out of scope');
  const percent = ((100 * of(rows, 'passed').length) / inScope.length).toFixed(1);
  const counts = [...groupBy(rows, ({ suite }) => suite), ['**all**', rows]].map(([suite, some]) =>
    `| ${suite} | ${COLUMNS.map((column) => of(/** @type {Row[]} */ (some), column).length).join(' | ')} |`);
  const failed = of(rows, 'failed');
  return `<!-- Made by tools/conformance.js; do not edit. -->
# ONNX conformance

The node and model tests of the onnx ${VERSION} package, run through the public API on the wasm build that this machine
can use. In scope: tensors of float32, float16, int8, uint8, int32, int64 and bool; not training, strings, sequences,
optionals and ai.onnx.ml. A test counts as failed when a value is wrong or anything breaks; a model that is refused with
an error that says why is unsupported.

**${of(rows, 'passed').length} of ${inScope.length} in scope pass: ${percent} %.** Failed: ${failed.length}.

| suite | ${COLUMNS.join(' | ')} |
|---|${COLUMNS.map(() => '---|').join('')}
${counts.join('\n')}

## Failed

${failed.length ? failed.map((row) => `- ${row.name}: ${row.reason}${note(row)}`).join('\n') : 'None.'}

## Unsupported

${reasonTable(of(rows, 'unsupported'), reasonOf)}

## Out of scope

${reasonTable(of(rows, 'out of scope'), ({ reason }) => reason)}
`;
}

layOut();
const rows = await runAll();
if (!wanted) writeFileSync(fileURLToPath(new URL('../docs/conformance.md', import.meta.url)), page(rows));
const summary = COLUMNS.map((column) => `${rows.filter(({ result }) => result === column).length} ${column}`).join(', ');
console.log(summary);
