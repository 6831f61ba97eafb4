// SPDX-License-Identifier: MIT
//
// The page before and after, one over the other, and a knife between them that is dragged, or moved by the arrow keys.
import { show } from './show.js';

/** Where the knife comes to rest, and how long it takes. */
const REST = 0.3, REVEAL_MS = 700;

export class Comparison {
  #root;
  #before;
  #after;
  #range;
  #frame = 0;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#before = root.querySelector('.before');
    this.#after = root.querySelector('.after');
    this.#range = root.querySelector('input');
    this.#range.addEventListener('input', () => this.#take(this.#range.value / 100));
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
    show(this.#before, picture);
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
    cancelAnimationFrame(this.#frame);
    this.begin(before);
    this.addTile(after, 0, 0);
    this.cut(cut);
  }

  /** How much of the photo to see, from the left. @param {number} share 0..1 */
  cut(share) {
    this.#range.value = String(Math.round(share * 100));
    this.#root.style.setProperty('--cut', `${share * 100}%`);
  }

  /** Draws the knife in from the left, to show what it is for, unless a hand is on it first. */
  reveal() {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return this.cut(REST);
    const begin = performance.now();
    const step = (now) => {
      const t = Math.min(Math.max((now - begin) / REVEAL_MS, 0), 1);
      this.cut(REST * (1 - (1 - t) ** 3));
      if (t < 1) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  #take(share) {
    cancelAnimationFrame(this.#frame);
    this.cut(share);
  }

  #follow({ clientX }) {
    const box = this.#before.getBoundingClientRect();
    this.#take(Math.min(Math.max((clientX - box.left) / box.width, 0), 1));
  }
}
