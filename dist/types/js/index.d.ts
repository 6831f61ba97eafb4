export declare const loadModel: (source: import("./load_model.js").Source, options?: import("./load_model.js").LoadOptions) => Promise<import("./model.js").Model>;
export { OctavoError } from './errors.js';
export { usableVariants } from './features.js';
export { Model } from './model.js';
export { arrayOf, Tensor } from './tensor.js';
