// SPDX-License-Identifier: MIT
//
// What the browser tests share: the project as `npm start` serves it, policy headers and all, with some more files that
// a test makes; and a page of it in a headless browser. Counts the requests for each file.
import { createServer } from 'node:http';

import { launchBrowser } from '../helpers/browser.js';
import { startServer } from '../helpers/server.js';

/**
 * `policy` is a content security policy that holds beside the site's; `after` names a file: this one is answered when
 * that one was asked for. A page that is `open` is not cross-origin isolated.
 * @typedef {{ body: string | Uint8Array, status?: number, type?: string, isEndless?: boolean, policy?: string,
 *   after?: string, open?: boolean }} MadeFile
 */

/**
 * @param {Record<string, MadeFile>} made by path
 * @returns {Promise<{ url: string, requests: Map<string, number>, openPage: (path?: string) =>
 *   Promise<import('playwright-core').Page>, close: () => Promise<void> }>}
 */
export async function openSite(made) {
  const project = await startServer();
  const { headers } = await fetch(`${project.url}/package.json`);
  const policy = [...headers].filter(([name]) => /^(content-security|cross-origin)/.test(name));
  const files = /** @type {Record<string, MadeFile>} */ ({
    '/page': { body: '<!doctype html>', type: 'text/html' },
    ...made,
  });
  /** @type {Map<string, number>} */
  const requests = new Map();

  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    requests.set(path, (requests.get(path) ?? 0) + 1);
    const file = files[path];
    if (file) {
      while (file.after && !requests.has(file.after)) await new Promise((resolve) => setTimeout(resolve, 5));
      const stricter = file.policy ? [['content-security-policy', file.policy]] : [];
      const type = ['content-type', file.type ?? 'application/octet-stream'];
      const usual = policy.filter(([name]) => !file.open || name !== 'cross-origin-embedder-policy');
      response.writeHead(file.status ?? 200, [...usual, ...stricter, type].flat());
      response.write(file.body);
      if (!file.isEndless) response.end();
      return;
    }
    const answer = await fetch(project.url + path);
    response.writeHead(
      answer.status,
      [...answer.headers].filter(([name]) => !/^(connection|transfer)/.test(name)).flat(),
    );
    response.end(new Uint8Array(await answer.arrayBuffer()));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const url = `http://localhost:${port}`;
  const browser = await launchBrowser();

  return {
    url,
    requests,
    async openPage(path = '/page') {
      const page = await (await browser.newContext()).newPage();
      await page.addInitScript(() => {
        const all = /** @type {any} */ (globalThis);
        all.violations = [];
        addEventListener('securitypolicyviolation', (event) => all.violations.push(event.violatedDirective));
      });
      await page.goto(url + path);
      return page;
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await project.close();
    },
  };
}
