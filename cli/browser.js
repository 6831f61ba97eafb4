// SPDX-License-Identifier: MIT
//
// The other half of `bench --browser`: a server for the package and one model with the files beside it, and a headless Chrome that measures. The
// page is cross-origin isolated, because browsers give exact clocks to such pages only.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, delimiter, dirname, extname, join } from 'node:path';

import { peer } from './decode_image.js';

const TYPES = /** @type {Record<string, string>} */ ({ '.js': 'text/javascript', '.wasm': 'application/wasm' });
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const COMMANDS = ['google-chrome-stable', 'google-chrome', 'chrome', 'chromium', 'chromium-browser'];

/**
 * @param {string} file
 * @param {{ variant?: string, threads: number, shape?: string[], seconds: number, roofline?: boolean }} options
 * @returns {ReturnType<typeof import('./measure.js').measure>}
 */
export async function benchInBrowser(file, options) {
  const { chromium } = await peer('playwright-core');
  const server = await serve(dirname(file));
  const browser = await chromium.launch({ executablePath: findChrome(), args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    const url = `/model/${encodeURIComponent(basename(file))}`;
    const script = `Promise.all([import('/web/index.js'), import('/cli/measure.js')])
      .then(([{ loadModel }, { measure }]) => measure(loadModel, ${JSON.stringify(url)}, ${JSON.stringify(options)}))`;
    return await page.evaluate(script);
  } finally {
    await browser.close();
    server.close();
  }
}

/** @param {string} folder with the model */
async function serve(folder) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const body = pathname === '/' ? '<!doctype html>' : await (fileBeside(folder, pathname) ?? packageFile(pathname));
    const type = TYPES[extname(pathname)] ?? (pathname === '/' ? 'text/html' : 'application/octet-stream');
    response.writeHead(body === undefined ? 404 : 200, { ...HEADERS, 'Content-Type': type });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** @param {string} folder @param {string} pathname */
function fileBeside(folder, pathname) {
  const path = pathname.startsWith('/model/') ? decodeURIComponent(pathname.slice('/model/'.length)) : '..';
  return path.split(/[\\/]/).includes('..') ? undefined : readFile(join(folder, path)).catch(() => undefined);
}

/** @param {string} pathname */
async function packageFile(pathname) {
  if (!/^\/(js|web|dist|cli)\/[\w.]+$/.test(pathname)) return undefined;
  return readFile(new URL(`..${pathname}`, import.meta.url)).catch(() => undefined);
}

function findChrome() {
  if (process.env.CHROME) return process.env.CHROME;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = COMMANDS.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) =>
    existsSync(path),
  );
  if (!found) throw new Error('no Chrome or Chromium found: install one, or set CHROME to its path');
  return found;
}
