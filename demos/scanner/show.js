// SPDX-License-Identifier: MIT
//
// Shows a picture in a canvas by handing it over: nothing is drawn and nothing copied, however large it is.

/** @param {HTMLCanvasElement} canvas @param {ImageBitmap} picture empty afterwards */
export function show(canvas, picture) {
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext('bitmaprenderer').transferFromImageBitmap(picture);
}
