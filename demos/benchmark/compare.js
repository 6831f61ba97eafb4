// SPDX-License-Identifier: MIT
//
// What is made of measurements: quantiles of times, and how far two runtimes' results lie apart.

/**
 * @param {number[]} values
 * @param {number} part 0.5 for the median
 */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

/** Less than this between the least and the largest value is no range: a detector that sees nothing, say. */
const SMALLEST_RANGE = 1e-3;

/** The largest difference between two outputs, as a part of the first one's range if it has any. */
function difference(expected, actual) {
  let [low, high, worst] = [Infinity, -Infinity, 0];
  for (let i = 0; i < expected.length; i++) {
    const value = Number(expected[i]);
    low = Math.min(low, value);
    high = Math.max(high, value);
    worst = Math.max(worst, Math.abs(value - Number(actual[i])));
  }
  return high - low > SMALLEST_RANGE ? worst / (high - low) : worst;
}

/**
 * The same of all outputs; some runtimes give them in another order, so each is compared with the likest of its size.
 * @param {ArrayLike<number | bigint>[]} expected
 * @param {ArrayLike<number | bigint>[]} actual
 */
export const differenceOf = (expected, actual) =>
  Math.max(...expected.map((output) => Math.min(...actual
    .filter(({ length }) => length === output.length)
    .map((candidate) => difference(output, candidate)))));
