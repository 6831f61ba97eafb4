// SPDX-License-Identifier: MIT
//
// The table of real models: node tests/models/report.js [--variant NAME] [--model PART] [--json FILE]
// Exit status 1 if a row is not right. Without --variant: the best build of the Node that runs this.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { usableVariants } from '../../js/index.js';
import { judgeModel, modelFiles, noData } from './expected.js';

const { values } = parseArgs({
  options: { variant: { type: 'string' }, model: { type: 'string', default: '' }, json: { type: 'string' } },
});
if (noData) {
  console.error(noData);
  process.exit(2);
}

const variant = /** @type {import('../../js/features.js').Variant} */ (values.variant ?? usableVariants()[0]);
const rows = [];
for (const file of modelFiles().filter((name) => name.includes(values.model ?? ''))) {
  for (const row of await judgeModel(file, variant)) {
    rows.push(row);
    const { ok, model, case: name, output, kind, text } = row;
    const cells = [ok ? 'ok  ' : 'FAIL', model.padEnd(45), `${name}/${output}`.padEnd(22), kind.padEnd(7), text];
    console.log(cells.join(' '));
  }
}
const wrong = rows.filter(({ ok }) => !ok).length;
console.log(`${variant}: ${rows.length - wrong} of ${rows.length} right`);
if (values.json) writeFileSync(values.json, JSON.stringify(rows, undefined, 1));
process.exit(wrong ? 1 : 0);
