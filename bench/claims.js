// SPDX-License-Identifier: MIT
//
// How fast Octavo is meant to be beside the others, as numbers that a run of the benchmark holds itself to. Machines
// differ, and so this is a report and no test: a claim says what it needs, and where that is missing it is not judged.

/**
 * Whom a claim compares with: rows of the run that have all of these. `peer` stands for any runtime but Octavo.
 * @typedef {{ model?: string, runtime?: string, peer?: boolean, build?: string, threads?: number }} Side
 *
 * @typedef {object} Claim
 * @property {string} model
 * @property {Side} than the best of them counts
 * @property {number} atLeast how many times less Octavo must need
 * @property {'p50' | 'startMs' | 'wasmBytes'} [of] milliseconds of a run, unless it says something else
 * @property {Side} [ours]
 * @property {string} [needs] what the build's name begins with: 'relaxed' has fused multiplication and addition of
 *   floats, 'relaxed_' the dot product of bytes besides (VNNI, or ARM's sdot)
 * @property {boolean} [isExact] the bits must be the same besides
 */

const ort = { runtime: 'onnxruntime-web' };
const litert = { runtime: '@litertjs/core' };
const fastest = { peer: true };
const ourselvesOn = (/** @type {string} */ model) => ({ model, runtime: 'octavo' });
const needs = 'relaxed_';

const coral = 'coral_mnv2_100_224_quant';

/** @type {Claim[]} */
export const claims = [
  { model: coral, than: litert, atLeast: 3.5, needs },
  { model: 'coral_tf2_mnv2_100_224_ptq', than: litert, atLeast: 3.5, needs },
  { model: 'mlperf_vww96_int8', than: fastest, atLeast: 2, needs },
  { model: 'mlperf_ic_resnet8_int8', than: fastest, atLeast: 2, needs },
  { model: 'mlperf_kws_int8', than: fastest, atLeast: 2, needs },
  { model: 'st_mnv2_035_224_food101_int8', than: fastest, atLeast: 2, needs },

  { model: 'mobilefacenet_perchannel_qdq', than: ort, atLeast: 5, needs },
  { model: 'ppocrv4_det_160_qdq_int8', than: ort, atLeast: 3, needs },
  { model: 'st_mnv2_128_050_int8', than: ort, atLeast: 2.5, needs },
  { model: 'page_corners', than: ort, atLeast: 4, needs },
  { model: 'page_clean', than: ort, atLeast: 4, needs },

  { model: 'mobilefacenet_fp32', than: ort, atLeast: 2, needs: 'relaxed' },
  { model: 'ppocrv3_en_det', than: ort, atLeast: 1.3, needs: 'relaxed' },
  { model: 'light_resnet50', than: ort, atLeast: 1.2, needs: 'relaxed' },

  { model: 'mobilefacenet_perchannel_qdq', than: ourselvesOn('mobilefacenet_fp32'), atLeast: 2.5, needs },
  { model: 'mlperf_ic_resnet8_int8', than: ourselvesOn('mlperf_ic_resnet8_fp32'), atLeast: 2.5, needs },
  { model: 'mlperf_vww96_int8', than: ourselvesOn('mlperf_vww96_fp32'), atLeast: 2.5, needs },

  { model: coral, ours: { build: 'simd128' }, than: { ...litert, build: 'compat' }, atLeast: 1.5 },
  { model: coral, ours: { threads: 2 }, than: { runtime: 'octavo', threads: 1 }, atLeast: 1.7, isExact: true },
  { model: coral, of: 'startMs', than: litert, atLeast: 4 },
  { model: coral, of: 'startMs', than: { runtime: '@tensorflow/tfjs-tflite' }, atLeast: 4 },
  { model: coral, of: 'wasmBytes', than: fastest, atLeast: 3 },
];

/** Models that a claim needs measured. */
export const claimedModels = new Set(claims.flatMap(({ model, than }) => [model, ...(than.model ? [than.model] : [])]));

/** Builds of a runtime that a claim wants measured besides the one that the runtime chooses itself. */
export const claimedBuilds = (model, runtime) =>
  claims
    .filter((claim) => claim.model === model)
    .flatMap(({ ours, than }) => [{ runtime: 'octavo', ...ours }, than])
    .filter((side) => side.runtime === runtime && side.build)
    .map(({ build }) => build);

/**
 * The claims that compare Octavo with itself, on models and threads that are measured: as they would be minutes apart,
 * and a machine may change in between, the two sides are run once more, in turns.
 * @param {Set<string>} models
 * @param {number[]} threads
 */
export const ownContests = (models, threads) =>
  claims
    .filter(({ than }) => than.runtime === 'octavo')
    .map((claim) => {
      const sides = [claim.ours, claim.than].map((side) => ({ model: claim.model, threads: 1, ...side }));
      return { contest: textOf(claim), sides };
    })
    .filter(({ sides }) => sides.every((side) => models.has(side.model) && threads.includes(side.threads)));

const named = { p50: '', startMs: ', first result from nothing', wasmBytes: ', wasm memory' };

/** The rows that a side means; the runtime's own choice of build, and one thread, unless it says something else. */
const rowsOf = (rows, { model, runtime, peer, build, threads = 1 }) =>
  rows.filter((row) => row.model === model && !row.refusal && row.threads === threads
    && (peer ? row.runtime !== 'octavo' : row.runtime === runtime)
    && (build ? row.build === build : row.isChosen));

const sideText = ({ model, runtime, peer, build, threads }) =>
  [peer ? 'the fastest peer' : runtime, build, model && `on ${model}`, threads && `${threads} thread`]
    .filter(Boolean)
    .join(' ');

/** @param {Claim} claim */
function textOf({ model, ours, than, atLeast, of = 'p50' }) {
  const who = ['octavo', ours?.build, ours?.threads && `${ours.threads} threads`].filter(Boolean).join(' ');
  return `${model}: ${who} at least ${atLeast}x ${sideText(than)}${named[of]}`;
}

/** @param {Claim} claim @param {object[]} rows of a run */
function judge(claim, rows) {
  const { model, ours, than, atLeast, of = 'p50', isExact } = claim;
  const text = textOf(claim);
  const inTurns = rows.filter(({ contest }) => contest === text);
  const among = inTurns.length > 0 ? inTurns : rows.filter(({ contest }) => !contest);
  const [own] = rowsOf(among, { model, runtime: 'octavo', ...ours });
  const theirs = rowsOf(among, { model, ...than }).sort((a, b) => a[of] - b[of]);
  if (!own) return { text, state: 'not measured', why: 'octavo did not run so' };
  if (theirs.length === 0) return { text, state: 'not measured', why: 'nobody to compare with' };
  const ratio = theirs[0][of] / own[of];
  const seen = `${ratio.toFixed(2)}x`;
  if (claim.needs && !own.build.startsWith(claim.needs)) {
    return { text, ratio, state: 'not measurable here', why: `${seen}, but this is build ${own.build}` };
  }
  const isMet = ratio >= atLeast && !(isExact && own.difference !== 0);
  const why = isExact && own.difference ? `${seen}, other bits` : seen;
  return { text, ratio, state: isMet ? 'met' : 'not met', why };
}

/** That no model is slower than on the fastest peer, as one line a model that is. */
function judgeAll(rows) {
  const models = [...new Set(rows.map(({ model }) => model))];
  const ratios = models.flatMap((model) => {
    const { ratio, why } = judge({ model, than: fastest, atLeast: 1 }, rows);
    return ratio ? [{ model, ratio, why }] : [];
  });
  const slower = ratios.filter(({ ratio }) => ratio < 1);
  const text = `no model slower than on the fastest peer: ${ratios.length - slower.length} of ${ratios.length}`;
  const why = slower.map(({ model, why: seen }) => `${model} ${seen}`).join(', ');
  return { text, state: slower.length > 0 ? 'not met' : 'met', why };
}

/** The claims about what a run has measured. @param {object[]} rows */
export const judgeClaims = (rows) => [
  ...claims.filter(({ model }) => rows.some((row) => row.model === model)).map((claim) => judge(claim, rows)),
  judgeAll(rows),
];
