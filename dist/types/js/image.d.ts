import { Tensor } from './tensor.js';
export { runTiled } from './tile.js';
export type ImageLike = import('./pixels.js').ImageLike;
export type Rect = import('./pixels.js').Rect;
export type Point = readonly [number, number];
export type IO = import('./session.js').IO;
/** Bytes of wasm memory that image work has taken so far. */
export declare function imageMemory(): Promise<number>;
/**
 * A rectangle of an image, or all of it, in another size: averaged when shrinking, bilinear when growing.
 * @param {ImageLike} image
 * @param {{ width: number, height: number, from?: Rect }} options
 * @returns {Promise<ImageLike>}
 */
export declare function resize(image: ImageLike, { width, height, from }: {
    width: number;
    height: number;
    from?: Rect;
}): Promise<ImageLike>;
/**
 * Fits an image into a size without changing its proportions; the rest is `fill`. A point of the result is at
 * ((x - left) / scale, (y - top) / scale) in the image.
 * @param {ImageLike} image
 * @param {{ width: number, height: number, fill?: readonly number[] }} options fill: RGBA
 */
export declare function letterbox(image: ImageLike, { width, height, fill }: {
    width: number;
    height: number;
    fill?: readonly number[];
}): Promise<{
    image: {
        data: Uint8ClampedArray<ArrayBuffer>;
        width: number;
        height: number;
    };
    scale: number;
    left: number;
    top: number;
}>;
/**
 * Where a tensor stores pixels, and how many channels: read from a shape of three or four dimensions.
 * @param {readonly (number | null)[] | null} shape
 * @returns {{ layout: 'nchw' | 'nhwc', channels: number, height: number | null, width: number | null }}
 */
export declare function imageLayout(shape: readonly (number | null)[] | null): {
    layout: 'nchw' | 'nhwc';
    channels: number;
    height: number | null;
    width: number | null;
};
/**
 * An image as a model wants it, resized, normalized and quantized: (pixel / 255 - mean) / std. The model's `input`
 * says layout, type, quantization and size; a size it leaves open is the image's own. An input of bytes without
 * quantization gets the pixels as they are.
 * @param {ImageLike} image
 * @param {Pick<IO, 'dtype' | 'shape' | 'quantization'>} input one of `model.inputs`
 * @param {object} [options]
 * @param {number | readonly number[]} [options.mean] one, or one a channel
 * @param {number | readonly number[]} [options.std]
 * @param {boolean} [options.bgr] whether the model wants blue first
 * @param {Rect} [options.from] the part of the image to take
 */
export declare function toTensor(image: ImageLike, input: Pick<IO, 'dtype' | 'shape' | 'quantization'>, { mean, std, bgr, from }?: {
    mean?: number | readonly number[];
    std?: number | readonly number[];
    bgr?: boolean;
    from?: Rect;
}): Promise<Tensor>;
/**
 * The way back: picture `index` of a batch as RGBA, where the tensor's 0..1 becomes 0..255.
 * @param {Tensor} tensor of 1 or 3 channels
 * @param {{ index?: number, quantization?: IO['quantization'] }} [options] quantization: of the model's output
 * @returns {Promise<ImageLike>}
 */
export declare function fromTensor(tensor: Tensor, { index, quantization }?: {
    index?: number;
    quantization?: IO['quantization'];
}): Promise<ImageLike>;
/**
 * The matrix (nine numbers, row by row) that maps four points to four others: [x', y'] = H * [x, y, 1].
 * @param {readonly Point[]} from
 * @param {readonly Point[]} to
 * @returns {number[]}
 */
export declare function homography(from: readonly Point[], to: readonly Point[]): number[];
/**
 * Maps a point through a homography.
 * @param {readonly number[]} H
 * @param {Point} point
 * @returns {[number, number]}
 */
export declare function mapPoint(H: readonly number[], [x, y]: Point): [number, number];
/**
 * Draws the image that `H` looks up: the result's point (u, v) shows the image's point H * (u, v, 1). Works strip by
 * strip; outside the image its edge pixels repeat. Where the result is smaller, several samples a pixel are averaged.
 * @param {ImageLike} image
 * @param {readonly number[]} H
 * @param {object} options
 * @param {number} options.width
 * @param {number} options.height
 * @param {AbortSignal} [options.signal]
 * @param {(done: number) => unknown} [options.onProgress] told after each strip, 0..1; awaited
 * @returns {Promise<ImageLike>}
 */
export declare function warpPerspective(image: ImageLike, H: readonly number[], { width, height, signal, onProgress }: {
    width: number;
    height: number;
    signal?: AbortSignal;
    onProgress?: (done: number) => unknown;
}): Promise<ImageLike>;
