export type Variant = 'simd128' | 'relaxed' | 'relaxed_u8' | 'relaxed_s8';
/** Does the machine have the instructions that every build needs? */
export declare const hasSimd: () => boolean;
/** The builds that compute right results here, best first. Empty where not even SIMD is there. */
export declare const usableVariants: () => Variant[];
export type Dot = (a: number, b: number, start: number) => number;
/**
 * @param {Dot} dot
 * @param {(byte: number) => number} read how the second operand's signed byte is read
 */
export declare const isExact: (dot: Dot, read: (byte: number) => number) => boolean;
