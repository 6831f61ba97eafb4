// SPDX-License-Identifier: MIT
//
// The error of a command line that makes no sense, as opposed to one that failed: the exit status is another.
export class Misuse extends Error {}

/**
 * The one thing that a command works on.
 * @param {string[]} positionals
 * @param {string} what such as "MODEL"
 */
export function onlyOne(positionals, what) {
  if (positionals.length === 1) return positionals[0];
  throw new Misuse(positionals.length === 0 ? `${what} is missing` : `one ${what} only, not also '${positionals[1]}'`);
}
