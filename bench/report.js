// SPDX-License-Identifier: MIT
//
// What a run of the benchmark prints: a table a model, and the claims.
import { table } from '../cli/text.js';

const HEAD = ['runtime', 'build', 'threads', 'p50 ms', 'p95 ms', 'of octavo', 'first run', 'from nothing', 'wasm MB',
  'fetched MB', 'difference'];

const fixed = (value) => value.toFixed(value < 1 ? 3 : value < 100 ? 2 : 0);

function cells(row, own) {
  const ratio = own ? `${(row.p50 / own.p50).toFixed(2)}x` : '';
  const times = [fixed(row.p50), fixed(row.p95), ratio, fixed(row.firstMs), fixed(row.startMs)];
  const sizes = [row.wasmBytes, row.bytes].map((bytes) => (bytes / 1e6).toFixed(1));
  const difference = row.difference === undefined ? '' : row.difference.toExponential(1);
  return [`${row.runtime} ${row.version}`, row.build, String(row.threads), ...times, ...sizes, difference];
}

/** All rows of one model. */
export function modelReport(rows) {
  const [{ model }] = rows;
  const ran = rows.filter(({ refusal }) => !refusal);
  const own = (threads) => ran.find((row) => row.runtime === 'octavo' && row.isChosen && row.threads === threads);
  const lines = ran.length > 0 ? [table([HEAD, ...ran.map((row) => cells(row, own(row.threads)))])] : [];
  for (const { runtime, threads, refusal } of rows) {
    if (refusal) lines.push(`  refused by ${runtime}${threads > 1 ? ` with ${threads} threads` : ''}: ${refusal}`);
  }
  return `\n${model}\n${lines.join('\n')}`;
}

/** @param {{ text: string, state: string, why: string }[]} judged */
export const claimsReport = (judged) =>
  `\nClaims\n${table(judged.map(({ state, text, why }) => [state, text, why]))}`;
