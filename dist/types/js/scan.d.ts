import { runTiled } from './image.js';
export { isConvex, overlap } from './corners.js';
export type ImageLike = import('./pixels.js').ImageLike;
export type Point = import('./corners.js').Point;
export type Model = import('./model.js').Model;
export type FoundPage = {
    /**
     * null where there is no page
     */
    corners: [number, number][] | null;
    /**
     * how sure the network is that there is one, 0 to 1
     */
    presence: number;
    verdict: 'page' | 'no page' | 'corners unclear';
};
export type PageSize = {
    /**
     * in pixels, so many that the straightened page loses nothing of the photo
     */
    width: number;
    height: number;
    /**
     * 'A4' or 'Letter', where the proportions are those
     */
    paper: string | null;
};
export type Milliseconds = {
    find: number;
    straighten: number;
    clean: number;
};
/**
 * Finds the page in a photo, and looks a second time at the part around it to place the corners finely.
 * @param {Pick<Model, 'inputs' | 'run'>} model page-corners
 * @param {ImageLike} image
 * @param {{ looks?: number, signal?: AbortSignal }} [options]
 * @returns {Promise<FoundPage>}
 */
export declare function findPage(model: Pick<Model, 'inputs' | 'run'>, image: ImageLike, { looks, signal }?: {
    looks?: number;
    signal?: AbortSignal;
}): Promise<FoundPage>;
/**
 * How large the page is: its true proportions, recovered from the perspective, and as many pixels as the photo has of
 * it. Near A4 or Letter, upright or across, it becomes exactly that.
 * @param {readonly Point[]} corners
 * @param {{ width: number, height: number }} photo whose middle the camera looked through
 * @param {{ pixels?: number }} [options] pixels: how many it may have at most
 * @returns {PageSize}
 */
export declare function pageSize(corners: readonly Point[], photo: {
    width: number;
    height: number;
}, { pixels }?: {
    pixels?: number;
}): PageSize;
/**
 * The page, flat and upright, as if it had been scanned.
 * @param {ImageLike} image
 * @param {readonly Point[]} corners
 * @param {object} [options]
 * @param {number} [options.width] instead of pageSize's
 * @param {number} [options.height]
 * @param {AbortSignal} [options.signal]
 * @param {(done: number) => unknown} [options.onProgress] 0..1
 */
export declare function straighten(image: ImageLike, corners: readonly Point[], { width, height, signal, onProgress }?: {
    width?: number;
    height?: number;
    signal?: AbortSignal;
    onProgress?: (done: number) => unknown;
}): Promise<import("./pixels.js").ImageLike>;
/**
 * Takes away shadows, yellowing and noise, and keeps print and pictures.
 * @param {import('./tile.js').Tiler} model page-clean, or a pool of it
 * @param {ImageLike} page
 * @param {Parameters<typeof runTiled>[2]} [options]
 */
export declare const cleanPage: (model: import('./tile.js').Tiler, page: ImageLike, options?: Parameters<typeof runTiled>[2]) => Promise<import("./pixels.js").ImageLike | undefined>;
/**
 * All of it. Where no page is found, `page` and `clean` are null.
 * @param {{ corners: Model, clean: import('./tile.js').Tiler }} models page-corners and page-clean
 * @param {ImageLike} image
 * @param {object} [options]
 * @param {readonly Point[]} [options.corners] where they are known already
 * @param {AbortSignal} [options.signal]
 * @param {(tile: import('./tile.js').Tile) => unknown} [options.onTile]
 */
export declare function scan(models: {
    corners: Model;
    clean: import('./tile.js').Tiler;
}, image: ImageLike, { corners, signal, onTile }?: {
    corners?: readonly Point[];
    signal?: AbortSignal;
    onTile?: (tile: import('./tile.js').Tile) => unknown;
}): Promise<{
    corners: [number, number][] | null;
    presence: number;
    verdict: 'page' | 'no page' | 'corners unclear';
    page: null;
    clean: null;
    paper: null;
    ms: Milliseconds;
} | {
    corners: [number, number][];
    presence: number;
    verdict: string;
    page: null;
    clean: null;
    paper: null;
    ms: Milliseconds;
} | {
    corners: [number, number][] | null;
    presence: number;
    verdict: 'page' | 'no page' | 'corners unclear';
    page: import("./pixels.js").ImageLike;
    clean: import("./pixels.js").ImageLike | null;
    paper: string | null;
    ms: Milliseconds;
} | {
    corners: [number, number][];
    presence: number;
    verdict: string;
    page: import("./pixels.js").ImageLike;
    clean: import("./pixels.js").ImageLike | null;
    paper: string | null;
    ms: Milliseconds;
}>;
