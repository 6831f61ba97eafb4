// SPDX-License-Identifier: MIT
//
// Is this the file that was asked for? SHA-256 by WebCrypto, and closed on every doubt: a digest that cannot be read,
// computed or matched is an error, never a warning.
import { invalidArgument, OctavoError } from './errors.js';

const HEX = /^(?:sha256[-:])?([0-9a-f]{64})$/i;
const BASE64 = /^sha256-([A-Za-z0-9+/]{43}=)$/;

/**
 * The digest that `integrity` names, as lower-case hex. Accepts 'sha256-<base64>', as in HTML, and hex.
 * @param {string} integrity
 */
export function parseIntegrity(integrity) {
  const text = String(integrity).trim();
  const hex = text.match(HEX);
  if (hex) return hex[1].toLowerCase();
  const base64 = text.match(BASE64);
  if (base64) return toHex(Uint8Array.from(atob(base64[1]), (letter) => letter.charCodeAt(0)));
  throw invalidArgument(
    `integrity '${text}' is not a SHA-256 digest`,
    "Pass 'sha256-' and the digest in base64, or the digest in 64 hex digits.",
  );
}

/**
 * Throws unless the bytes have the digest.
 * @param {Uint8Array} bytes
 * @param {string} digest from parseIntegrity
 * @param {string} [url] where they came from, for the error
 */
export async function checkIntegrity(bytes, digest, url) {
  const digested = await sha256(bytes);
  if (!digested) {
    throw new OctavoError('integrity', 'The model cannot be checked against its integrity: WebCrypto is missing here', {
      url,
      hint: 'Browsers have it only in secure contexts: serve the page over https or from localhost.',
    });
  }
  const found = toHex(digested);
  if (found === digest) return;
  throw new OctavoError(
    'integrity',
    `The model is not the one asked for: its SHA-256 is ${found}, not ${digest} ` +
      `(${bytes.length} bytes${url ? ` from ${url}` : ''})`,
    { url, hint: 'If the model was changed on purpose, give its new integrity; otherwise do not trust the server.' },
  );
}

/**
 * The digest of the bytes; nothing where the platform has no WebCrypto.
 * @param {Uint8Array} bytes
 */
export async function sha256(bytes) {
  const digest = await globalThis.crypto?.subtle?.digest('SHA-256', /** @type {BufferSource} */ (bytes));
  return digest && new Uint8Array(digest);
}

/** @param {Uint8Array} bytes */
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
