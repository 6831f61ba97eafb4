// SPDX-License-Identifier: MIT
//
// Long work gives the event loop its turns.

/** Lets the event loop do what waits. A message comes sooner than a timer, which browsers hold back. */
export function nextTurn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(undefined);
  });
}
