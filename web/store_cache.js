// SPDX-License-Identifier: MIT
//
// Models kept in the browser's Cache API. The digest is part of the key, so an entry can be missing but never stale.

const CACHE_NAME = 'octavo-models';

/** @returns {import('../js/store.js').Store | undefined} nothing where the page is not a secure context */
export function cacheStore() {
  if (!globalThis.caches) return undefined;
  return {
    async get(url, digest) {
      const cache = await caches.open(CACHE_NAME);
      return cache.match(keyOf(url, digest));
    },
    async put(url, digest, bytes) {
      const cache = await caches.open(CACHE_NAME);
      const headers = { 'content-type': 'application/octet-stream', 'content-length': String(bytes.length) };
      await cache.put(keyOf(url, digest), new Response(/** @type {BodyInit} */ (bytes), { headers }));
    },
    async remove(url, digest) {
      const cache = await caches.open(CACHE_NAME);
      await cache.delete(keyOf(url, digest));
    },
  };
}

/**
 * @param {string} url
 * @param {string} digest
 */
function keyOf(url, digest) {
  const key = new URL(url);
  key.searchParams.set('octavo-sha256', digest);
  return key.href;
}
