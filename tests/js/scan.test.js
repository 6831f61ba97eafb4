// SPDX-License-Identifier: MIT
//
// The scanner's geometry and decoding, with a stand-in for the network that answers heatmaps of the test's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findPage, isConvex, overlap, pageSize, scan, straighten } from '../../js/scan.js';
import { Tensor } from '../../js/tensor.js';
import { picture } from '../helpers/pictures.js';

/** A network that answers peaks at these cells of its four 64x64 maps. */
function networkOf(answers) {
  const asked = [];
  const dtype = /** @type {const} */ ('float32');
  return {
    inputs: [{ name: 'image', dtype, shape: [null, 3, 256, 256], quantization: null }],
    asked,
    async run({ image }) {
      const { peaks, presence } = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(image.shape);
      const maps = new Float32Array(4 * 64 * 64);
      peaks.forEach(([x, y, p = 0.9], k) => { maps[k * 4096 + y * 64 + x] = p; });
      return { heatmaps: new Tensor('float32', [1, 4, 64, 64], maps),
        presence: new Tensor('float32', [1, 1], [presence]) };
    },
  };
}

const photo = picture(640, 480, () => [120, 110, 100]);
const square = [[15, 15], [47, 15], [47, 47], [15, 47]];

test('corners are the peaks of the maps, in pixels of the photo', async () => {
  const found = await findPage(networkOf([{ peaks: square, presence: 0.99 }]), photo, { looks: 1 });
  assert.equal(found.verdict, 'page');
  assert.deepEqual(found.corners, [[155, 116.25], [475, 116.25], [475, 356.25], [155, 356.25]]);
});

test('the second look is taken if it agrees with the first, else left', async () => {
  const inWindow = [[9, 9], [54, 9], [54, 54], [9, 54]];
  const finer = networkOf([{ peaks: square, presence: 0.9 }, { peaks: inWindow, presence: 0.9 }]);
  const { corners } = await findPage(finer, photo);
  assert.equal(finer.asked.length, 2);
  // The window is the box around the corners and a fifth more on each side: 91..539 x 68..405.
  assert.ok(Math.abs(corners[0][0] - (91 + 9.5 / 64 * 448)) < 1e-9);
  const aside = [[1, 1], [9, 1], [9, 9], [1, 9]];
  const elsewhere = networkOf([{ peaks: square, presence: 0.9 }, { peaks: aside, presence: 0.9 }]);
  assert.deepEqual((await findPage(elsewhere, photo)).corners[0], [155, 116.25]);
});

test('no page is reported without presence, with two corners missing, or with crossed ones', async () => {
  const look = (peaks, presence) => findPage(networkOf([{ peaks, presence }]), photo);
  for (const presence of [0.3, NaN]) assert.equal((await look(square, presence)).verdict, 'no page');
  const [tl, tr] = square;
  for (const peaks of [[tl, tr, [47, 47, 0.04], [15, 47, 0.04]], [tr, tl, ...square.slice(2)]]) {
    const { corners, verdict } = await look(peaks, 0.9);
    assert.deepEqual([corners, verdict], [null, 'corners unclear']);
  }
});

test('of several peaks those are taken that make a sheet together', async () => {
  const network = networkOf([{ peaks: square, presence: 0.9 }]);
  const { run } = network;
  network.run = async (inputs) => {
    const answer = await run(inputs);
    answer.heatmaps.data[2 * 4096 + 30 * 64 + 60] = 0.95; // a corner of another sheet, a little surer
    return answer;
  };
  assert.deepEqual((await findPage(network, photo, { looks: 1 })).corners[2], [475, 356.25]);
});

test('one covered corner is completed from the other three', async () => {
  const peaks = [...square.slice(0, 3), [60, 3, 0.01]];
  const { corners } = await findPage(networkOf([{ peaks, presence: 0.9 }]), photo, { looks: 1 });
  assert.deepEqual(corners[3], [155, 356.25]);
});

/** A page of w x h as a camera of focal length f (in photo widths) sees it, pitched and turned. */
function seen(w, h, pitch, turn, f = 0.8, width = 4000, height = 3000) {
  const unit = Math.max(w, h);
  return [[-w, -h], [w, -h], [w, h], [-w, h]].map(([a, b]) => {
    const [x, y] = [a / 2 / unit, b / 2 / unit];
    const [u, v] = [x * Math.cos(turn) - y * Math.sin(turn), x * Math.sin(turn) + y * Math.cos(turn)];
    const depth = 1.4 + v * Math.sin(pitch);
    const scale = f * width / depth;
    return /** @type {[number, number]} */ ([width / 2 + scale * u, height / 2 + scale * v * Math.cos(pitch)]);
  });
}

test('the true proportions come out of the perspective, and paper sizes are told', () => {
  const size = { width: 4000, height: 3000 };
  const papers = [[210, 297, 'A4'], [297, 210, 'A4'], [8.5, 11, 'Letter'], [80, 200, null], [100, 100, null]];
  for (const [w, h, paper] of papers) {
    for (const [pitch, turn] of [[0, 0], [0.3, 0.1], [0.6, 0.3], [0.5, 0], [0.8, 0.5]]) {
      const found = pageSize(seen(w, h, pitch, turn), size);
      assert.ok(Math.abs(found.width / found.height / (w / h) - 1) < 0.01, `${w}x${h} at ${pitch}, ${turn}`);
      assert.equal(found.paper, paper);
      assert.ok(found.width * found.height <= 2480 * 3508 * 1.001);
    }
  }
});

test('overlap is intersection over union', () => {
  /** @returns {[number, number][]} */
  const at = (x, y, side) => [[x, y], [x + side, y], [x + side, y + side], [x, y + side]];
  assert.equal(overlap(at(0, 0, 2), at(0, 0, 2)), 1);
  assert.ok(Math.abs(overlap(at(0, 0, 2), at(1, 0, 2)) - 1 / 3) < 1e-12);
  assert.equal(overlap(at(0, 0, 2), at(5, 5, 2)), 0);
  assert.equal(overlap(at(0, 0, 4), at(1, 1, 2)), 0.25);
});

test('clockwise convex outlines are pages, others are not', () => {
  assert.ok(isConvex([[0, 0], [5, 1], [6, 6], [0, 5]]));
  assert.ok(!isConvex([[0, 0], [0, 5], [6, 6], [5, 1]]));
  assert.ok(!isConvex([[0, 0], [5, 1], [1, 1], [0, 5]]));
});

test('straighten shows the page and nothing but the page', async () => {
  const corners = /** @type {[number, number][]} */ ([[100, 80], [500, 100], [520, 400], [90, 380]]);
  const inside = (x, y) => corners.every(([ax, ay], k) => {
    const [bx, by] = corners[(k + 1) % 4];
    return (bx - ax) * (y + 0.5 - ay) - (by - ay) * (x + 0.5 - ax) > 0;
  });
  const page = await straighten(picture(640, 480, (x, y) => inside(x, y) ? [250, 250, 250] : [20, 20, 20]), corners);
  let dark = 0;
  for (let i = 0; i < page.data.length; i += 4) if (page.data[i] < 128) dark++;
  assert.ok(dark / (page.width * page.height) < 0.01);
});

test('a scan without a page has no page, and says why', async () => {
  const corners = /** @type {any} */ (networkOf([{ peaks: square, presence: 0.1 }]));
  const { page, clean, presence, verdict } = await scan({ corners, clean: corners }, photo);
  assert.deepEqual([page, clean, verdict], [null, null, 'no page']);
  assert.ok(Math.abs(presence - 0.1) < 1e-6);
});
