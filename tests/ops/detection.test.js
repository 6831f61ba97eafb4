// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { constant, given, quantized, runTflite } from '../formats/one_tflite.js';
import { flexMap } from '../formats/write_flexbuffer.js';

const CUSTOM = 32;
const OPTIONS = {
  num_classes: 2, max_detections: 3, max_classes_per_detection: 1, nms_score_threshold: 0.25, nms_iou_threshold: 0.5,
  y_scale: 10, x_scale: 10, h_scale: 5, w_scale: 5,
};
// Two that overlap by more than half, one apart, one apart and faint.
const anchors = [[0.5, 0.5, 0.2, 0.2], [0.5, 0.55, 0.2, 0.2], [0.2, 0.2, 0.1, 0.3], [0.8, 0.8, 0.1, 0.1]];
const scores = [[9, 0.5, 0.3], [9, 0.1, 0.6], [9, 0.4, 0.35], [9, 0.2, 0.1]]; // the background comes first
const corners = anchors.map(([y, x, h, w]) => [y - h / 2, x - w / 2, y + h / 2, x + w / 2]);

/**
 * @param {Record<string, number | boolean>} options
 * @param {any[]} [inputs]
 */
async function detect(options, inputs) {
  const count = Number(options.max_detections ?? 1) * Number(options.max_classes_per_detection ?? 1);
  const outputs = [[1, count, 4], [1, count], [1, count], [1]].map((shape) => ({ shape }));
  const [boxes, classes, found, total] = await runTflite(CUSTOM, inputs ?? [given([1, 4, 4], Array(16).fill(0)),
    given([1, 4, 3], scores.flat()), constant([4, 4], anchors.flat())], outputs,
  { custom: 'TFLite_Detection_PostProcess', customOptions: flexMap(options) });
  return { boxes: boxes.numbers, classes: classes.numbers, scores: found.numbers, count: total.numbers[0] };
}

/** @param {number[]} got @param {number[][]} wanted */
const near = (got, wanted) => wanted.flat().forEach((value, i) => assert(Math.abs(got[i] - value) < 1e-6, `${got}`));

test('fast: of boxes that overlap the best, by their best class; the rest is 0', async () => {
  const got = await detect(OPTIONS);
  assert.deepEqual([got.count, got.classes], [2, [1, 0, 0]]);
  near(got.boxes, [corners[1], corners[2], [0, 0, 0, 0]]);
  near(got.scores, [[0.6, 0.4, 0]]);
});

test('fast: several classes for each box', async () => {
  const got = await detect({ ...OPTIONS, max_classes_per_detection: 2 });
  assert.deepEqual([got.count, got.classes], [2, [1, 0, 0, 1, 0, 0]]);
  near(got.scores, [[0.6, 0.1, 0.4, 0.35, 0, 0]]);
  near(got.boxes, [corners[1], corners[1], corners[2], corners[2]]);
});

test('regular: for each class by itself, the best of all', async () => {
  const got = await detect({ ...OPTIONS, use_regular_nms: true });
  assert.deepEqual([got.count, got.classes], [3, [1, 0, 0]]);
  near(got.scores, [[0.6, 0.5, 0.4]]);
  near(got.boxes, [corners[1], corners[0], corners[2]]);
});

test('regular: so many of each class at most', async () => {
  const got = await detect({ ...OPTIONS, use_regular_nms: true, detections_per_class: 1 });
  assert.deepEqual([got.count, got.classes], [2, [1, 0, 0]]);
});

test('offsets move and stretch the anchor', async () => {
  const got = await detect({ ...OPTIONS, num_classes: 1 },
    [given([1, 1, 4], [1, -2, 5 * Math.log(2), 0]), given([1, 1, 1], [1]), constant([1, 4], [0.5, 0.5, 0.2, 0.1])]);
  near(got.boxes, [[0.52 - 0.2, 0.48 - 0.05, 0.52 + 0.2, 0.48 + 0.05]]);
});

test('quantized inputs are dequantized', async () => {
  const inputs = [{ ...quantized('uint8', [1, 1, 4], [128, 128, 128, 128], 0.1, 128), given: true },
    { ...quantized('uint8', [1, 1, 1], [200], 1 / 256, 0), given: true },
    quantized('uint8', [1, 4], [100, 100, 40, 40], 1 / 200, 0)];
  const got = await detect({ ...OPTIONS, num_classes: 1 }, inputs);
  near(got.boxes, [[0.4, 0.4, 0.6, 0.6]]);
  near(got.scores, [[200 / 256]]);
});

for (const [what, options] of /** @type {const} */ ([
  ['more classes than columns', { ...OPTIONS, num_classes: 4 }],
  ['no options', {}],
  ['absurd counts', { ...OPTIONS, max_detections: 1 << 21 }],
  ['a negative count', { ...OPTIONS, max_classes_per_detection: -1 }],
])) {
  test(`${what} are refused`, async () => {
    await assert.rejects(detect(options), { code: 'invalid_model', message: /TFLite_Detection_PostProcess has boxes/ });
  });
}
