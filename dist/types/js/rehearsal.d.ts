/**
 * @param {import('./engine.js').Engine} engine which is left as it was
 * @param {Promise<unknown>} arriving ends it
 */
export declare function rehearse(engine: import('./engine.js').Engine, arriving: Promise<unknown>): Promise<void>;
