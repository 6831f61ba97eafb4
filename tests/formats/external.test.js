// SPDX-License-Identifier: MIT
//
// What a model says of its constants in other files is as hostile as the rest of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadModel } from '../../js/index.js';
import { onnxModel } from '../helpers/onnx_model.js';
import { externalModel, FILES, X, Y } from './external.js';

test('constants in other files are read where they lie, in bodies and unaligned too', async () => {
  const model = await loadModel(externalModel(), { externalData: FILES });
  assert.deepEqual((await model.run({ x: X })).y.data, Y);
  assert.deepEqual((await model.run({ x: X })).y.data, Y);
  await model.dispose();
});

test('an offset or a length outside the file, or that is no number, is refused', async () => {
  const outside = [
    { offset: '68' }, { offset: '129' }, { offset: '-1' }, { offset: '4294967296' }, { offset: '18446744073709551616' },
    { offset: '18446744073709551552' }, { offset: '0x40' }, { length: '65' }, { length: '4294967360' }, { length: '-4' },
    { offset: '9'.repeat(400) },
  ];
  for (const w of outside) {
    const loading = loadModel(externalModel({ w }), { externalData: FILES });
    await assert.rejects(loading, { code: 'invalid_model', message: /constant 'w' is not within the 128 bytes of the file 'a model\.bin'/ });
  }
});

test('a length that is not what the shape takes is refused', async () => {
  for (const length of ['0', '60', '1']) {
    const loading = loadModel(externalModel({ w: { length } }), { externalData: FILES });
    await assert.rejects(loading, { code: 'invalid_model', message: /does not have the 16 elements/ });
  }
});

test('a file without a name is refused', async () => {
  const loading = loadModel(externalModel({ scale: { location: '' } }), { externalData: FILES });
  await assert.rejects(loading, { code: 'invalid_model', message: /'scale' is in another file, which has no name/ });
});

test('a small model that names the same bytes many times is refused before it fills the memory', async () => {
  const file = new Uint8Array(1 << 20);
  const external = { location: 'w', offset: '1' }; // not aligned: each would be a copy
  const names = Array.from({ length: 64 }, (_, i) => `c${i}`);
  const bytes = onnxModel({
    outputs: { y: { dtype: 'float32', shape: [names.length * 100000] } },
    constants: Object.fromEntries(names.map((name) => [name, { dtype: 'float32', shape: [100000], external }])),
    nodes: [{ op: 'Concat', inputs: names, outputs: ['y'], attributes: { axis: 0 } }],
  });
  await assert.rejects(loadModel(bytes, { externalData: { w: file } }), {
    code: 'invalid_model', message: /more copies of its constants than its size allows/,
  });
});

test('a missing operator is told before any other file is asked for', async () => {
  const bytes = onnxModel({
    outputs: { y: { dtype: 'float32', shape: [4] } },
    constants: { c: { dtype: 'float32', shape: [4], external: { location: 'nowhere' } } },
    nodes: [{ op: 'Nonesuch', inputs: ['c'], outputs: ['y'] }],
  });
  await assert.rejects(loadModel(bytes), { code: 'unsupported_model', message: /Nonesuch/ });
});
