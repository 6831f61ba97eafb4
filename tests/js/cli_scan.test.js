// SPDX-License-Identifier: MIT
//
// `octavo scan`, run as people run it, on the small pictures of the demo's samples.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';

import { decodeImage } from '../../cli/decode_image.js';
import { upright } from '../../cli/orientation.js';
import { difference, picture, turnedJpeg } from '../helpers/pictures.js';

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'octavo-'));
after(() => rmSync(folder, { recursive: true }));

const PHOTO = at('demos/scanner/samples/letter_small.jpg');
const PAGE = join(folder, 'page.png');

/** @param {string[]} args */
function scan(...args) {
  const command = [at('cli/octavo.js'), 'scan', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** A picture of one colour as a PNG file. */
function plainFile() {
  const { data, width, height } = picture(80, 60, () => [40, 40, 40]);
  const file = join(folder, 'plain.png');
  writeFileSync(file, PNG.sync.write(Object.assign(new PNG({ width, height }), { data: Buffer.from(data) })));
  return file;
}

/** The sample with an EXIF block that says it was stored turned. @param {number} orientation */
function turnedFile(orientation) {
  const file = join(folder, `turned${orientation}.jpg`);
  writeFileSync(file, turnedJpeg(readFileSync(PHOTO), orientation));
  return file;
}

test('a photo becomes a page, and the report says where it was', () => {
  const { status, stdout, stderr } = scan(PHOTO, '-o', PAGE, '--json');
  assert.deepEqual([status, stderr], [0, '']);
  const { photo, corners, presence, page, ms, memory } = JSON.parse(stdout);
  assert.deepEqual([photo.width, photo.height], [300, 400]);
  const truth = [[86, 45], [276, 73], [270, 366], [25, 333]]; // read off the picture
  corners.forEach(([x, y], k) => assert.ok(Math.hypot(x - truth[k][0], y - truth[k][1]) < 10, `${k}: ${x}, ${y}`));
  assert.ok(presence > 0.5);
  const png = PNG.sync.read(readFileSync(PAGE));
  assert.deepEqual([png.width, png.height], [page.width, page.height]);
  assert.deepEqual(Object.keys(ms), ['decode', 'load', 'find', 'straighten', 'clean', 'encode']);
  assert.ok(memory.wasm > 0 && memory.wasm < 64e6 && memory.peak > memory.wasm);
});

test('no page is exit status 1, one line, and corners given by hand are taken', () => {
  const file = plainFile();
  const lost = scan(file, '-o', PAGE, '--json');
  assert.equal(lost.status, 1);
  assert.match(lost.stderr, /^octavo: no page found in .*plain\.png \(presence 0\.\d\d, no page\).*--corners\n$/);
  assert.equal(JSON.parse(lost.stdout).corners, null);
  const given = scan(file, '-o', PAGE, '--corners', '10,10,70,10,70,50,10,50');
  assert.equal(given.status, 0);
  assert.match(given.stdout, /corners +10,10 {2}70,10 {2}70,50 {2}10,50/);
});

test('misuse is exit status 2, a missing or broken photo 1', () => {
  const corners = [PHOTO, '-o', PAGE, '--corners', '1,2'];
  for (const args of [[], [PHOTO], corners, [PHOTO, PHOTO, '-o', PAGE], [PHOTO, '--nonsense']]) {
    assert.equal(scan(...args).status, 2, args.join(' '));
  }
  const broken = join(folder, 'broken.jpg');
  writeFileSync(broken, readFileSync(PHOTO).subarray(0, 900));
  for (const file of [join(folder, 'none.jpg'), broken]) {
    const { status, stderr } = scan(file, '-o', PAGE);
    assert.deepEqual([status, stderr.trim().split('\n').length], [1, 1], stderr);
  }
});

test('every EXIF orientation is turned upright', async () => {
  const stored = await decodeImage(PHOTO);
  const { width: w, height: h } = stored;
  const pixel = (x, y) => [...stored.data.subarray((y * w + x) * 4, (y * w + x) * 4 + 4)];
  const shown = {
    1: picture(w, h, (x, y) => pixel(x, y)),
    2: picture(w, h, (x, y) => pixel(w - 1 - x, y)),
    3: picture(w, h, (x, y) => pixel(w - 1 - x, h - 1 - y)),
    4: picture(w, h, (x, y) => pixel(x, h - 1 - y)),
    5: picture(h, w, (x, y) => pixel(y, x)),
    6: picture(h, w, (x, y) => pixel(y, h - 1 - x)),
    7: picture(h, w, (x, y) => pixel(w - 1 - y, h - 1 - x)),
    8: picture(h, w, (x, y) => pixel(w - 1 - y, x)),
  };
  for (const [orientation, wanted] of Object.entries(shown)) {
    const found = await upright(await decodeImage(turnedFile(Number(orientation))));
    assert.deepEqual([found.width, difference(found, wanted)], [wanted.width, 0], `orientation ${orientation}`);
  }
});
