// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OctavoError } from '../../js/errors.js';
import { packError, transferables, unpackError } from '../../js/protocol.js';

test('an error arrives on the page as it was in the worker', () => {
  const sent = new OctavoError('invalid_shape', 'Too wide', {
    hint: 'Narrow it.',
    node: 'conv1',
    url: 'https://x.test/m',
  });
  const { code, message, hint, node, url } = unpackError(structuredClone(packError(sent)));
  assert.deepEqual(
    { code, message, hint, node, url },
    {
      code: 'invalid_shape',
      message: 'Too wide. Narrow it.',
      hint: 'Narrow it.',
      node: 'conv1',
      url: 'https://x.test/m',
    },
  );
});

test('an error that is not ours is an internal one with its text', () => {
  const error = unpackError(structuredClone(packError(new RangeError('length'))));
  assert.equal(error.code, 'internal');
  assert.match(error.message, /RangeError: length/);
});

test('a buffer is transferred once, however many arrays look at it, and shared memory never', () => {
  const buffer = new ArrayBuffer(16);
  const views = [new Uint8Array(buffer), new Float32Array(buffer, 4, 1), new Int8Array(new SharedArrayBuffer(4))];
  assert.deepEqual(transferables(views), [buffer]);
});
