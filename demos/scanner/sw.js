// SPDX-License-Identifier: MIT
//
// Makes the scanner work without a network after the first visit. On install it follows every reference from the page,
// so that no list of files has to be kept. Online, everything comes fresh from the network and replaces what was kept.
const KEPT = 'octavo-scanner';

/** What a file needs: attributes of HTML (but not links), imports of JavaScript, and URLs made from import.meta.url. */
const REFERENCES = {
  html: /<(?!a\b)[a-z]+\b[^>]*? (?:src|href|data-sample)="([^"#]+)"/g,
  javascript: /(?:\bfrom\s+|^import\s+|new URL\(\s*)'(\.{0,2}[^':]+)'/gm,
  json: /"src":\s*"([^"]+)"/g,
};

async function keepAll() {
  const cache = await caches.open(KEPT);
  const known = new Set([new URL('./', self.location).href]);
  for (const url of known) {
    const response = await fetch(url, { cache: 'no-cache' });
    if (!response.ok) continue;
    const kind = Object.keys(REFERENCES).find((name) => response.headers.get('Content-Type')?.includes(name));
    const text = kind ? await response.clone().text() : '';
    await cache.put(url, response);
    for (const [, reference] of kind ? text.matchAll(REFERENCES[kind]) : []) {
      const found = new URL(reference, url);
      if (found.origin === self.location.origin) known.add(found.href);
    }
  }
}

async function answer(request) {
  const cache = await caches.open(KEPT);
  try {
    const response = await fetch(request);
    if (response.status === 200) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener('install', (event) => {
  event.waitUntil(keepAll());
  self.skipWaiting();
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && new URL(request.url).origin === self.location.origin) {
    event.respondWith(answer(request));
  }
});
