/** @param {string | URL} path */
export declare function readFile(path: string | URL): Promise<NonSharedBuffer>;
/**
 * A file's bytes, piece by piece, and their number.
 * @param {string | URL} path
 */
export declare function openFile(path: string | URL): Promise<{
    chunks: AsyncGenerator<any, void, any>;
    size: number;
}>;
