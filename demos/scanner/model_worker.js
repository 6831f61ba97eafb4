// SPDX-License-Identifier: MIT
//
// A worker of the cleaner's pool. It is the package's own, under an address of the scanner's: a service worker answers
// only for workers whose script lies in its scope, and without a network this one has to be answered for.
import '../../web/worker.js';
