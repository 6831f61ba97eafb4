// SPDX-License-Identifier: MIT
//
// Octavo without a browser: Node, Deno, Bun, and workers of one's own. Models run inline. Pages get the same names from
// web/index.js, where they run in a worker.
import { loaderFor } from './load_model.js';

export const loadModel = loaderFor({});

export { OctavoError } from './errors.js';
export { usableVariants } from './features.js';
export { Model } from './model.js';
export { arrayOf, Tensor } from './tensor.js';
