// SPDX-License-Identifier: MIT
//
// A headless browser for tests and benchmarks. It talks to nobody but the page's own server.
import { chromium } from 'playwright-core';

import { findChrome } from './chrome.js';

const FLAGS = [
  '--no-sandbox', // test machines are often containers, where Chrome's sandbox cannot start
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What a test that needs a browser gives node:test as its `skip`: false, or the reason. */
export const noBrowser = findChrome() ? false : 'no Chrome or Chromium found (set CHROME)';

/**
 * @param {string[]} [flags] more switches for the browser
 * @returns {Promise<import('playwright-core').Browser>} close it
 */
export const launchBrowser = (flags = []) =>
  chromium.launch({ executablePath: findChrome(), headless: true, args: [...FLAGS, ...flags] });
