#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// The command line: one file a subcommand, which exports `summary`, `help`, `options` (as node:util's parseArgs takes
// them) and `run`. Errors are one line; the exit status is 2 for misuse and 1 for failure.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { Misuse } from './misuse.js';

/**
 * @typedef {object} Command
 * @property {string} summary
 * @property {string} help
 * @property {import('node:util').ParseArgsConfig['options']} options
 * @property {(args: { values: any, positionals: string[] }) => Promise<void>} run
 */

const NAMES = ['check', 'inspect', 'run', 'bench', 'scan', 'compile', 'build'];

/**
 * @param {string} name
 * @returns {Promise<Command>}
 */
const load = (name) => import(`./${name}.js`);

async function overview() {
  const summaries = await Promise.all(NAMES.map(async (name) => `  ${name.padEnd(9)} ${(await load(name)).summary}`));
  const more = 'octavo COMMAND --help tells more; octavo --version the version.';
  return `Usage: octavo COMMAND ...\n\n${summaries.join('\n')}\n\n${more}`;
}

/** @param {string[]} argv */
async function main([name, ...rest]) {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(await overview());
    if (name === undefined) throw new Misuse('which command?');
    return;
  }
  if (name === '--version') {
    console.log(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
    return;
  }
  if (!NAMES.includes(name)) throw new Misuse(`there is no command '${name}': ${NAMES.join(', ')}`);
  const command = await load(name);
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(command.help);
    return;
  }
  await command.run(parse(command, rest));
}

/**
 * @param {Command} command
 * @param {string[]} args
 */
function parse({ options }, args) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Misuse(/** @type {Error} */ (error).message.split('. ')[0]);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isMisuse = error instanceof Misuse || /** @type {any} */ (error)?.code === 'invalid_argument';
  const text = error instanceof Error ? error.message : String(error);
  console.error(`octavo: ${text.replaceAll('\n', ' ')}${isMisuse ? ' (octavo --help)' : ''}`);
  process.exitCode = isMisuse ? 2 : 1;
}
