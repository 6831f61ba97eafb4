// SPDX-License-Identifier: MIT
//
// How much wasm memory a document has taken: every memory that is made in it, or exported to it, is remembered from
// here on. Wasm memory never shrinks, so what is counted at the end is the most that there was.
const memories = new Set();

const remember = (memory) => memories.add(memory) && memory;

function rememberExports({ exports }) {
  for (const value of Object.values(exports)) if (value instanceof WebAssembly.Memory) remember(value);
}

/** Replaces a constructor by one that hands everything it makes to `look`. */
const watched = (Original, look) =>
  new Proxy(Original, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget);
      look(made);
      return made;
    },
  });

for (const name of ['instantiate', 'instantiateStreaming']) {
  const original = WebAssembly[name].bind(WebAssembly);
  WebAssembly[name] = async (...args) => {
    const result = await original(...args);
    rememberExports(result.instance ?? result);
    return result;
  };
}
WebAssembly.Memory = watched(WebAssembly.Memory, remember);
WebAssembly.Instance = watched(WebAssembly.Instance, rememberExports);

/** Bytes of all memories so far. */
export const wasmBytes = () => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
