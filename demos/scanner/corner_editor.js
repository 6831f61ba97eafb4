// SPDX-License-Identifier: MIT
//
// The photo with the page's outline on it, and four handles to move its corners: by dragging, with a loupe, or by the
// arrow keys. Corners are kept in pixels of the photo; everything on screen is in fractions of it.
import { show } from './show.js';

const NAMES = ['Top left', 'Top right', 'Bottom right', 'Bottom left'];
const LOUPE_ZOOM = 2.5;

/** The loupe's own pixels in one of the page: it is sharp on any screen. */
const LOUPE_DENSITY = 2;

export class CornerEditor {
  #root;
  #canvas;
  #loupe;
  #handles;
  #size = { width: 1, height: 1 };
  #corners = [];

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#canvas = root.querySelector('canvas');
    this.#loupe = root.querySelector('.loupe');
    this.#handles = NAMES.map((_, index) => this.#makeHandle(index));
    root.querySelector('.handles').append(...this.#handles);
  }

  /** Shows a photo, without corners. @param {ImageBitmap} preview @param {{ width: number, height: number }} size */
  show(preview, size) {
    this.#size = size;
    show(this.#canvas, preview);
    this.#root.style.setProperty('--ratio', size.width / size.height);
    this.#root.classList.remove('has-corners');
  }

  /** In pixels of the photo, clockwise from the top left. */
  get corners() {
    return this.#corners;
  }

  set corners(corners) {
    this.#corners = corners.map(([x, y]) => this.#inside(x, y));
    this.#root.classList.add('has-corners');
    this.#draw();
  }

  /** Whether the outline is a page at all: convex, and not turned over. */
  get isUsable() {
    return this.#corners.length === 4 && this.#corners.every(([x, y], k) => {
      const [[bx, by], [cx, cy]] = [this.#corners[(k + 1) % 4], this.#corners[(k + 2) % 4]];
      return (bx - x) * (cy - by) - (by - y) * (cx - bx) > 0;
    });
  }

  #inside(x, y) {
    return [Math.min(Math.max(x, 0), this.#size.width), Math.min(Math.max(y, 0), this.#size.height)];
  }

  #makeHandle(index) {
    const handle = document.createElement('button');
    handle.type = 'button';
    handle.className = 'handle';
    handle.addEventListener('pointerdown', (event) => this.#grab(event, index));
    handle.addEventListener('pointermove', (event) => this.#drag(event, index));
    for (const end of ['pointerup', 'pointercancel']) handle.addEventListener(end, () => this.#release());
    handle.addEventListener('keydown', (event) => this.#nudge(event, index));
    handle.addEventListener('keyup', () => this.#hideLoupeSoon());
    handle.addEventListener('blur', () => this.#release());
    return handle;
  }

  #grip; // from the pointer to the corner, so that it does not jump

  #grab(event, index) {
    const [x, y] = this.#toPhoto(event);
    this.#grip = [this.#corners[index][0] - x, this.#corners[index][1] - y];
    event.currentTarget.setPointerCapture(event.pointerId);
    this.#move(index, this.#corners[index]);
  }

  #drag(event, index) {
    if (!this.#grip) return;
    const [x, y] = this.#toPhoto(event);
    this.#move(index, [x + this.#grip[0], y + this.#grip[1]]);
  }

  #release() {
    this.#grip = undefined;
    this.#loupe.hidden = true;
  }

  #nudge(event, index) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const length = Math.max(this.#size.width, this.#size.height) / (event.shiftKey ? 50 : 500);
    const [x, y] = this.#corners[index];
    this.#move(index, [x + step[0] * length, y + step[1] * length]);
  }

  #hiding;

  #hideLoupeSoon() {
    clearTimeout(this.#hiding);
    this.#hiding = setTimeout(() => { this.#loupe.hidden = true; }, 900);
  }

  #move(index, [x, y]) {
    this.#corners[index] = this.#inside(x, y);
    this.#draw();
    this.#magnify(index);
    this.#root.dispatchEvent(new Event('change'));
  }

  #toPhoto({ clientX, clientY }) {
    const box = this.#canvas.getBoundingClientRect();
    return [(clientX - box.left) / box.width * this.#size.width, (clientY - box.top) / box.height * this.#size.height];
  }

  #draw() {
    const { width, height } = this.#size;
    const points = `M${this.#corners.map(([x, y]) => `${x} ${y}`).join('L')}Z`;
    this.#root.querySelector('svg').setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.#root.querySelector('.outline').setAttribute('d', points);
    this.#root.querySelector('.dim').setAttribute('d', `M0 0H${width}V${height}H0Z${points}`);
    this.#root.classList.toggle('is-crossed', !this.isUsable);
    this.#handles.forEach((handle, index) => {
      const [x, y] = [this.#corners[index][0] / width, this.#corners[index][1] / height];
      handle.style.left = `${x * 100}%`;
      handle.style.top = `${y * 100}%`;
      handle.setAttribute('aria-label', `${NAMES[index]} corner, ${Math.round(x * 100)} percent across, ` +
        `${Math.round(y * 100)} percent down. Arrow keys move it.`);
    });
  }

  /** What is under a corner, larger, beside it. */
  #magnify(index) {
    clearTimeout(this.#hiding);
    const [x, y] = [this.#corners[index][0] / this.#size.width, this.#corners[index][1] / this.#size.height];
    const { width: side } = this.#loupe;
    const seen = side / LOUPE_DENSITY / LOUPE_ZOOM * this.#canvas.width / this.#canvas.clientWidth;
    const context = this.#loupe.getContext('2d');
    context.fillStyle = '#000';
    context.fillRect(0, 0, side, side);
    context.drawImage(this.#canvas, x * this.#canvas.width - seen / 2, y * this.#canvas.height - seen / 2, seen, seen,
      0, 0, side, side);
    this.#drawEdges(context, index, side);
    this.#loupe.hidden = false;
    this.#loupe.style.left = `${x * 100}%`;
    this.#loupe.style.top = `${y * 100}%`;
    this.#loupe.classList.toggle('is-below', y * this.#canvas.clientHeight < 180);
    this.#loupe.classList.toggle('is-right', x < 0.2);
    this.#loupe.classList.toggle('is-left', x > 0.8);
  }

  /** The two edges that meet in the corner. */
  #drawEdges(context, index, side) {
    const scale = LOUPE_ZOOM * LOUPE_DENSITY * this.#canvas.clientWidth / this.#size.width;
    const [x, y] = this.#corners[index];
    context.beginPath();
    for (const [toX, toY] of [this.#corners[(index + 1) % 4], this.#corners[(index + 3) % 4]]) {
      context.moveTo(side / 2, side / 2);
      context.lineTo(side / 2 + (toX - x) * scale, side / 2 + (toY - y) * scale);
    }
    const inks = ['rgb(255 255 255 / 0.7)', getComputedStyle(this.#root).getPropertyValue('--outline')];
    inks.forEach((ink, k) => {
      context.strokeStyle = ink;
      context.lineWidth = [7, 3][k];
      context.stroke();
    });
  }
}
