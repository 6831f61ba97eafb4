// SPDX-License-Identifier: MIT
//
// `npm start`: serves the project for a browser on this machine, the scanner first. No dependencies, so that a fresh
// clone needs no install. PORT chooses the port (8080; 0 takes a free one).
//
// The headers are the ones that we tell others to send: cross-origin isolation, and the strictest content security
// policy that WebAssembly and workers run under. Only files of the project are served, never its hidden ones.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const home = '/demos/scanner/';

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.wgsl': 'text/plain; charset=utf-8',
};

const policy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "img-src 'self' blob: data:",
  "object-src 'none'",
  "base-uri 'none'",
].join('; ');

/** The frame in which the benchmark runs other people's runtimes: they make code from text, and workers from blobs. */
const frame = join(root, 'demos/benchmark/frame.html');
const framePolicy = "default-src 'self' 'unsafe-eval' 'unsafe-inline' blob:; object-src 'none'; base-uri 'none'";

const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
};

/** The file that a URL path means, or null where it leaves the project or names a hidden file. */
function filePath(pathname, files) {
  if (Object.hasOwn(files, pathname)) return files[pathname];
  let path;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (path.includes('\0') || path.includes('\\') || path.split('/').some((part) => part.startsWith('.'))) return null;
  const file = normalize(join(root, path.endsWith('/') ? `${path}index.html` : path));
  return file.startsWith(normalize(root + sep)) ? file : null;
}

/** The byte range [begin, end) that a Range header asks for; null for the whole, undefined where it cannot be met. */
function byteRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (!match[1] && !match[2])) return null;
  const begin = match[1] ? Number(match[1]) : Math.max(0, size - Number(match[2]));
  const end = match[1] && match[2] ? Math.min(size, Number(match[2]) + 1) : size;
  return begin < end ? { begin, end } : undefined;
}

async function answer(request, response, files) {
  const refuse = (status, text) => {
    response.writeHead(status, { ...headers, 'Content-Type': types['.txt'] });
    response.end(`${text}\n`);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'only GET and HEAD are served');
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/') {
    response.writeHead(302, { ...headers, Location: home });
    return response.end();
  }
  const file = filePath(pathname, files);
  const info = file && (await stat(file).catch(() => null));
  if (info?.isDirectory()) {
    response.writeHead(302, { ...headers, Location: `${pathname}/` });
    return response.end();
  }
  if (!info?.isFile()) return refuse(404, `no such file: ${pathname}`);
  const range = byteRange(request.headers.range, info.size);
  if (range === undefined) {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${info.size}` });
    return response.end();
  }
  const { begin, end } = range ?? { begin: 0, end: info.size };
  response.writeHead(range ? 206 : 200, {
    ...headers,
    ...(file === frame && { 'Content-Security-Policy': framePolicy }),
    'Content-Type': types[extname(file)] ?? 'application/octet-stream',
    'Content-Length': end - begin,
    'Last-Modified': info.mtime.toUTCString(),
    'Accept-Ranges': 'bytes',
    ...(range && { 'Content-Range': `bytes ${begin}-${end - 1}/${info.size}` }),
  });
  if (request.method === 'HEAD' || begin === end) return response.end();
  createReadStream(file, { start: begin, end: end - 1, highWaterMark: 1 << 20 }) // pages would wait for pieces of 64 KiB
    .on('error', () => response.destroy())
    .pipe(response);
}

/**
 * Starts the server on this machine's own address only.
 * @param {{ port?: number, files?: Record<string, string> }} [options] `files` are served besides, by URL path
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve({ port = 0, files = {} } = {}) {
  const server = createServer((request, response) => {
    answer(request, response, files).catch(() => response.destroy());
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://localhost:${server.address().port}`, close };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = Number(process.env.PORT ?? 8080);
  try {
    const { url } = await serve({ port });
    console.log(`Octavo's scanner: ${url}${home}\nIts benchmark: ${url}/demos/benchmark/`);
  } catch (error) {
    console.error(error.code === 'EADDRINUSE' ? `port ${port} is taken; choose another: PORT=8090 npm start` : error.message);
    process.exit(1);
  }
}
