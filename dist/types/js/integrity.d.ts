/**
 * The digest that `integrity` names, as lower-case hex. Accepts 'sha256-<base64>', as in HTML, and hex.
 * @param {string} integrity
 */
export declare function parseIntegrity(integrity: string): string;
/**
 * Throws unless the bytes have the digest.
 * @param {Uint8Array} bytes
 * @param {string} digest from parseIntegrity
 * @param {string} [url] where they came from, for the error
 */
export declare function checkIntegrity(bytes: Uint8Array, digest: string, url?: string): Promise<void>;
/**
 * The digest of the bytes; nothing where the platform has no WebCrypto.
 * @param {Uint8Array} bytes
 */
export declare function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
