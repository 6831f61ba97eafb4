// SPDX-License-Identifier: MIT
//
// The page before and after, one over the other, and a knife between them that is dragged, or moved by the arrow keys.

export class Comparison {
  #root;
  #before;
  #after;
  #range;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#before = root.querySelector('.before');
    this.#after = root.querySelector('.after');
    this.#range = root.querySelector('input');
    this.#range.addEventListener('input', () => this.cut(this.#range.value / 100));
    const stage = root.querySelector('.compare');
    stage.addEventListener('pointerdown', (event) => {
      stage.setPointerCapture(event.pointerId);
      this.#follow(event);
      this.#range.focus({ preventScroll: true });
      event.preventDefault();
    });
    stage.addEventListener('pointermove', (event) => {
      if (stage.hasPointerCapture(event.pointerId)) this.#follow(event);
    });
  }

  /** Shows the page before cleaning; the tiles come on top. @param {ImageBitmap} picture */
  begin(picture) {
    this.#root.style.setProperty('--ratio', picture.width / picture.height);
    this.#after.width = picture.width;
    this.#after.height = picture.height;
    this.#before.getContext('bitmaprenderer').transferFromImageBitmap(picture); // copies nothing
    this.cut(0);
  }

  /** @param {ImageBitmap} picture @param {number} x @param {number} y */
  addTile(picture, x, y) {
    this.#after.getContext('2d').drawImage(picture, x, y);
    picture.close();
  }

  /** @param {{ before: ImageBitmap, after: ImageBitmap }} pictures */
  replace({ before, after }) {
    const cut = this.#range.value / 100;
    this.begin(before);
    this.addTile(after, 0, 0);
    this.cut(cut);
  }

  /** How much of the photo to see, from the left. @param {number} share 0..1 */
  cut(share) {
    this.#range.value = String(Math.round(share * 100));
    this.#root.style.setProperty('--cut', `${share * 100}%`);
  }

  #follow({ clientX }) {
    const box = this.#before.getBoundingClientRect();
    this.cut(Math.min(Math.max((clientX - box.left) / box.width, 0), 1));
  }
}
