// SPDX-License-Identifier: MIT
//
// Octavo in a page: models run in a worker each, unless told otherwise, and can be kept in the browser.
import { loaderFor } from '../js/load_model.js';
import { poolMaker } from '../js/pool.js';
import { startWorker } from './start_worker.js';
import { cacheStore } from './store_cache.js';

const hasWorkers = typeof Worker === 'function';
const platform = { store: cacheStore(), startWorker: hasWorkers ? startWorker : undefined, inWorker: hasWorkers };

export const loadModel = loaderFor(platform);
export const createPool = poolMaker(platform);

export { OctavoError } from '../js/errors.js';
export { usableVariants } from '../js/features.js';
export { Model } from '../js/model.js';
export { Pool } from '../js/pool.js';
export { arrayOf, Tensor } from '../js/tensor.js';
