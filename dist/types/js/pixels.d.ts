export type ImageLike = {
    data: Uint8ClampedArray | Uint8Array;
    width: number;
    height: number;
};
export type Rect = {
    x: number;
    y: number;
    width: number;
    height: number;
};
/**
 * RGBA pixels, row by row: an ImageData, or anything like it.
 * @typedef {{ data: Uint8ClampedArray | Uint8Array, width: number, height: number }} ImageLike
 */
/** @typedef {{ x: number, y: number, width: number, height: number }} Rect in pixels */
/**
 * A transparent image.
 * @param {number} width
 * @param {number} height
 */
export declare const blank: (width: number, height: number) => {
    data: Uint8ClampedArray<ArrayBuffer>;
    width: number;
    height: number;
};
/**
 * A rectangle of an image, beginning inside it; what lies past its right and lower ends repeats the edge.
 * @param {ImageLike} image
 * @param {Rect} rect
 */
export declare function cut(image: ImageLike, { x, y, width, height }: Rect): {
    data: Uint8ClampedArray<ArrayBuffer>;
    width: number;
    height: number;
};
/**
 * @param {ImageLike} image
 * @param {ImageLike} onto
 * @param {number} left
 * @param {number} top
 */
export declare function paste(image: ImageLike, onto: ImageLike, left: number, top: number): void;
/**
 * The smallest rectangle of whole pixels around `rect` that is inside the image and not empty.
 * @param {ImageLike} image
 * @param {Rect} rect
 */
export declare function clipRect(image: ImageLike, rect: Rect): {
    x: number;
    y: number;
    width: number;
    height: number;
};
/** @param {ImageLike} image */
export declare function checkImage(image: ImageLike): void;
/**
 * @param {string} name
 * @param {number} width
 * @param {number} height
 */
export declare function checkSize(name: string, width: number, height: number): void;
/**
 * @param {ImageLike} image
 * @param {Rect} rect
 */
export declare function checkInside(image: ImageLike, { x, y, width, height }: Rect): void;
