// SPDX-License-Identifier: MIT
//
// The project served on a free port, exactly as `npm start` serves it.
import { serve } from '../../tools/serve.js';

/** @returns {Promise<{ url: string, close: () => Promise<void> }>} url has no slash at its end */
export const startServer = (options = {}) => serve({ ...options, port: 0 });
