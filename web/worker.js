// SPDX-License-Identifier: MIT
//
// The worker of a page: serves a model, or is a thread of one. Its threads are started from this very file.
import { serve } from '../js/serve.js';
import { cacheStore } from './store_cache.js';

const scope = /** @type {any} */ (globalThis);

const receive = serve({
  post: (message, transfer = []) => scope.postMessage(message, transfer),
  store: cacheStore(),
  startWorker: () => new Worker(scope.location.href, { type: 'module' }),
});
scope.addEventListener('message', (/** @type {MessageEvent} */ { data }) => receive(data));
