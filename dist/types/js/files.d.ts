/** @param {string | URL} path */
export declare function readFile(path: string | URL): Promise<NonSharedBuffer>;
/**
 * The path of a file in the folder of another, or below.
 * @param {string | URL} path
 * @param {string[]} steps
 */
export declare function pathBeside(path: string | URL, steps: string[]): string | URL;
/**
 * A file's bytes, piece by piece, and their number.
 * @param {string | URL} path
 */
export declare function openFile(path: string | URL): Promise<{
    chunks: AsyncGenerator<any, void, any>;
    size: number;
}>;
