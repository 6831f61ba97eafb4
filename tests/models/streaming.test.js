// SPDX-License-Identifier: MIT
//
// A streaming model, step by step: 48 steps of a keyword spotter, bit for bit what LiteRT.js 2.5.3 (with int8 added to
// its table of types) gave in Chromium for the same input.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { loadModel, Tensor } from '../../js/index.js';
import { dataFolder } from './expected.js';

const file = join(dataFolder, 'models/mww_hey_jarvis_v2.tflite');
const skip = existsSync(file) ? false : `no ${file}`;

const STEPS = 48;
const EXPECTED = {
  102: [...Array(24).fill(0), 1, 2, 6, 12, 16, 27, 57, 84, 94, 84, 84, 65, 49, 27, 16, 7, 3, 1, 0, 0, 0, 0, 0, 0],
  13: [...Array(31).fill(0), 1, 3, 7, 14, 23, 43, 49, 65, 84, 84, 74, 57, 43, 27, 14, 7, 3],
  91: [...Array(29).fill(0), 1, 1, 2, 5, 10, 16, 27, 43, 65, 65, 49, 31, 19, 8, 3, 1, 0, 0, 0],
};

/** Spectra that swell and ebb, all in integers. @param {number} seed */
function* spectra(seed) {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  for (let step = 0; step < STEPS; step++) {
    yield Int8Array.from({ length: 120 }, (_, i) => {
      const phase = ((i % 40) * (50 + (seed % 13) * 12) + step * (50 + (seed % 11) * 12)) % 3200;
      const wave = phase < 1600 ? phase : 3200 - phase;
      return -128 + Math.min(255, Math.floor((wave * random()) / 1600));
    });
  }
}

test('a keyword spotter hears what came in the steps before, and forgets it when it is reset', { skip }, async () => {
  const model = await loadModel(file);
  const [{ name }] = model.inputs, [{ name: output }] = model.outputs;
  for (const [seed, expected] of Object.entries(EXPECTED)) {
    const heard = [];
    for (const data of spectra(Number(seed))) {
      heard.push((await model.run({ [name]: new Tensor('int8', [1, 3, 40], data) }))[output].data[0]);
    }
    assert.deepEqual(heard, expected, `seed ${seed}`);
    await model.reset();
  }
  await model.dispose();
});
