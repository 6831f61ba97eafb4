// SPDX-License-Identifier: MIT
//
// Which programs a test may use. Outside CI a missing one skips the test and says which; in CI nothing is skipped, and
// the test fails where it needs the program.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * @param {string[]} commands
 * @returns {false | string} for node:test's `skip`
 */
export function missingCommand(commands) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const missing = commands.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  return missing.length > 0 && !process.env.CI ? `not installed: ${missing.join(', ')}` : false;
}
