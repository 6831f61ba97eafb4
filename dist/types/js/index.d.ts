export type ErrorCode = import('./errors.js').ErrorCode;
export type Source = import('./fetch_bytes.js').Source;
export type Variant = import('./features.js').Variant;
export type InputValue = import('./inputs.js').InputValue;
export type LoadOptions = import('./load_model.js').LoadOptions;
export type Profile = import('./model.js').Profile;
export type RunOptions = import('./model.js').RunOptions;
export type PoolOptions = import('./pool.js').PoolOptions;
export type DType = import('./tensor.js').DType;
/** @typedef {import('./errors.js').ErrorCode} ErrorCode */
/** @typedef {import('./fetch_bytes.js').Source} Source */
/** @typedef {import('./features.js').Variant} Variant */
/** @typedef {import('./inputs.js').InputValue} InputValue */
/** @typedef {import('./load_model.js').LoadOptions} LoadOptions */
/** @typedef {import('./model.js').Profile} Profile */
/** @typedef {import('./model.js').RunOptions} RunOptions */
/** @typedef {import('./pool.js').PoolOptions} PoolOptions */
/** @typedef {import('./tensor.js').DType} DType */
export declare const loadModel: (source: import("./load_model.js").Source, options?: import("./load_model.js").LoadOptions) => Promise<import("./model.js").Model>;
export declare const createPool: (source: import('./fetch_bytes.js').Source, options?: import("./pool.js").PoolOptions) => Promise<import("./pool.js").Pool>;
export { OctavoError } from './errors.js';
export { usableVariants } from './features.js';
export { Model } from './model.js';
export { Pool } from './pool.js';
export { arrayOf, Tensor } from './tensor.js';
