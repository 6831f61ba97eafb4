export type ImageLike = import('./pixels.js').ImageLike;
export type Rect = import('./pixels.js').Rect;
export type IO = import('./session.js').IO;
export type Model = import('./model.js').Model;
export type Tile = Rect & {
    image: ImageLike;
    done: number;
    total: number;
};
export type Span = {
    start: number;
    size: number;
    begin: number;
    end: number;
};
export type Piece = {
    across: Span;
    down: Span;
    picture: ImageLike;
};
export type Tiler = Pick<Model, 'inputs' | 'outputs' | 'run'> & {
    size?: number;
};
/** A model, or a pool (js/pool.js), whose workers then see different tiles at the same time. */
/** @typedef {Pick<Model, 'inputs' | 'outputs' | 'run'> & { size?: number }} Tiler */
/**
 * Runs an image-to-image model over a picture, tile by tile.
 * @param {Tiler} model its output is a picture as large as its input
 * @param {ImageLike} image
 * @param {object} [options]
 * @param {number} [options.tile] side of a tile in pixels, where the model leaves it open
 * @param {number} [options.overlap] how far tiles reach into each other. Twice the network's reach, and
 *   8 pixels to fade, give exactly what the whole picture at once would
 * @param {number} [options.batch] how many tiles a run, where the model leaves it open
 * @param {number | readonly number[]} [options.mean] as for toTensor
 * @param {number | readonly number[]} [options.std] as for toTensor
 * @param {AbortSignal} [options.signal]
 * @param {(tile: Tile) => unknown} [options.onTile] told each region as it is finished; awaited
 * @param {boolean} [options.whole] whether to return the picture; false is for pictures that are passed on by tiles
 * @returns {Promise<ImageLike | undefined>}
 */
export declare function runTiled(model: Tiler, image: ImageLike, options?: {
    tile?: number;
    overlap?: number;
    batch?: number;
    mean?: number | readonly number[];
    std?: number | readonly number[];
    signal?: AbortSignal;
    onTile?: (tile: Tile) => unknown;
    whole?: boolean;
}): Promise<ImageLike | undefined>;
