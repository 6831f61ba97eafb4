// SPDX-License-Identifier: MIT
//
// Where a script tag took the bundle from: beside it are the wasm files and the worker. Takes the place of
// import.meta.url in dist/octavo.iife.js, and must be read while the script runs.
const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);

export const scriptUrl = script?.src || location.href;
