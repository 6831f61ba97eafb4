// SPDX-License-Identifier: MIT
//
// Where a page's worker comes from. A whole literal, because bundlers find the file by it.
export const startWorker = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
