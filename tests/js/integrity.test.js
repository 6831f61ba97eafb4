// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkIntegrity, parseIntegrity } from '../../js/integrity.js';

const BYTES = new TextEncoder().encode('abc');
const HEX = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const BASE64 = 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=';

test('a digest is read from base64 and from hex', () => {
  for (const text of [`sha256-${BASE64}`, HEX, HEX.toUpperCase(), `sha256-${HEX}`, `sha256:${HEX}`, ` ${HEX}\n`]) {
    assert.equal(parseIntegrity(text), HEX);
  }
});

test('anything else is refused before a byte is fetched', () => {
  for (const text of ['', 'sha256-', `sha384-${BASE64}`, HEX.slice(1), `sha256-${BASE64.slice(4)}`]) {
    assert.throws(() => parseIntegrity(text), { code: 'invalid_argument', message: /SHA-256/ });
  }
});

test('the right bytes pass, and others are named by their digest', async () => {
  await checkIntegrity(BYTES, HEX);
  await assert.rejects(checkIntegrity(Uint8Array.of(...BYTES, 0), HEX, 'https://example.test/m'), {
    code: 'integrity',
    url: 'https://example.test/m',
    message: /4 bytes from https:\/\/example\.test\/m/,
  });
});

test('bytes that cannot be checked do not pass', async (t) => {
  const crypto = Object.getOwnPropertyDescriptor(globalThis, 'crypto') ?? {};
  Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true });
  t.after(() => Object.defineProperty(globalThis, 'crypto', crypto));
  await assert.rejects(checkIntegrity(BYTES, HEX), { code: 'integrity', message: /secure context/ });
});
