export type Tensor = import('./tensor.js').Tensor;
export type Point = readonly [number, number];
export type Candidate = {
    point: Point;
    confidence: number;
};
export type Heatmap = {
    data: ArrayLike<number | bigint>;
    width: number;
    height: number;
};
/**
 * Clockwise from the top left; null where there are none.
 * @param {Tensor} heatmaps [1, 4, height, width]
 * @returns {{ corners: Point[], confidence: number } | null}
 */
export declare function decodeCorners(heatmaps: Tensor): {
    corners: Point[];
    confidence: number;
} | null;
/**
 * Whether four corners go clockwise around a convex quadrilateral (y points down).
 * @param {readonly Point[]} corners
 */
export declare const isConvex: (corners: readonly Point[]) => boolean;
/**
 * Intersection over union of two convex quadrilaterals.
 * @param {readonly Point[]} one
 * @param {readonly Point[]} other
 */
export declare function overlap(one: readonly Point[], other: readonly Point[]): number;
