// SPDX-License-Identifier: MIT
//
// Octavo without a browser: Node, Deno, Bun, and workers of one's own. Models run inline. Pages get the same names from
// web/index.js, where they run in a worker.
import { loaderFor } from './load_model.js';
import { nodeWorkers } from './node_worker.js';
import { poolMaker } from './pool.js';

/** @typedef {import('./errors.js').ErrorCode} ErrorCode */
/** @typedef {import('./fetch_bytes.js').Source} Source */
/** @typedef {import('./features.js').Variant} Variant */
/** @typedef {import('./inputs.js').InputValue} InputValue */
/** @typedef {import('./load_model.js').LoadOptions} LoadOptions */
/** @typedef {import('./model.js').Profile} Profile */
/** @typedef {import('./model.js').RunOptions} RunOptions */
/** @typedef {import('./pool.js').PoolOptions} PoolOptions */
/** @typedef {import('./tensor.js').DType} DType */

export const loadModel = loaderFor({ ...nodeWorkers });
export const createPool = poolMaker({ ...nodeWorkers });

export { OctavoError } from './errors.js';
export { usableVariants } from './features.js';
export { Model } from './model.js';
export { Pool } from './pool.js';
export { arrayOf, Tensor } from './tensor.js';
