// SPDX-License-Identifier: MIT
//
// Models kept in the browser's Cache API. The digest is part of the key, so an entry can be missing but never stale; a
// new version of a model takes the place of the one before.

const CACHE_NAME = 'octavo-models';
const DIGEST = 'octavo-sha256';

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
      const others = (await cache.keys()).filter((key) => key.url !== keyOf(url, digest) && isOf(key.url, url));
      await Promise.all(others.map((key) => cache.delete(key)));
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
  key.hash = '';
  key.searchParams.set(DIGEST, digest);
  return key.href;
}

/**
 * Is this the key of some version of the model?
 * @param {string} key
 * @param {string} url
 */
const isOf = (key, url) => key === keyOf(url, new URL(key).searchParams.get(DIGEST) ?? '');
