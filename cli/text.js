// SPDX-License-Identifier: MIT
//
// Numbers and tables as people read them.

/** @param {number} value */
export function bytes(value) {
  if (value < 1000) return `${value} B`;
  if (value < 1e6) return `${(value / 1e3).toFixed(1)} kB`;
  return `${(value / 1e6).toFixed(1)} MB`;
}

/** @param {number} value */
export function count(value) {
  if (value < 1000) return String(value);
  if (value < 1e6) return `${(value / 1e3).toFixed(1)} k`;
  return value < 1e9 ? `${(value / 1e6).toFixed(1)} M` : `${(value / 1e9).toFixed(2)} G`;
}

/** @param {number} value */
export const milliseconds = (value) => `${value.toFixed(value < 10 ? 3 : 1)} ms`;

const LONGEST_NAME = 40;

/**
 * A name, not too long: some converters make them of every node they fused.
 * @param {string} name
 */
export const short = (name) => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name);

/**
 * Rows in columns, indented.
 * @param {string[][]} rows
 */
export function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map(
      (row) =>
        `  ${row
          .map((cell, column) => cell.padEnd(widths[column]))
          .join('  ')
          .trimEnd()}`,
    )
    .join('\n');
}

/**
 * The memory a model takes, by arena.
 * @param {NonNullable<import('../js/index.js').Model['memory']>} memory
 */
export const memoryTable = ({ model, weights, activations, variables, plan, total }) =>
  table([
    ['model bytes', bytes(model)],
    ['packed weights', bytes(weights)],
    ['activations', bytes(activations)],
    ...(variables > 0 ? [['variables', bytes(variables)]] : []),
    ['plan', bytes(plan)],
    ['together', bytes(total)],
  ]);

/**
 * The nodes that a plan leaves to its runs.
 * @param {{ name: string, type: string }[]} rest
 */
export const listRest = (rest) =>
  `Planned in each run, since their shapes depend on data\n${table(rest.map(({ type, name }) => [type, short(name)]))}`;
