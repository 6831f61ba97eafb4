// SPDX-License-Identifier: MIT
//
// Octavo in a page: models run in a worker each, unless told otherwise, and can be kept in the browser.
import { loaderFor } from '../js/load_model.js';
import { cacheStore } from './store_cache.js';
import { WorkerClient } from './worker_client.js';

export const loadModel = loaderFor({
  store: cacheStore(),
  openInWorker: typeof Worker === 'function' ? WorkerClient.open : undefined,
});

export { OctavoError } from '../js/errors.js';
export { usableVariants } from '../js/features.js';
export { Model } from '../js/model.js';
export { arrayOf, Tensor } from '../js/tensor.js';
