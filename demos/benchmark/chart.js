// SPDX-License-Identifier: MIT
//
// Bars, one a runtime, drawn as SVG in per cents so that they fit any width and text stays text. The bar is the value;
// fine strokes on it are single runs, where there are any.

const SVG = 'http://www.w3.org/2000/svg';

/** A bar is at most this long, in per cent: values beyond the longest bar (single slow runs) have room behind it. */
const LONGEST = 92;
const STROKES = 120;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  Object.assign(made, attributes);
  made.append(...children);
  return made;
}

function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/**
 * @typedef {object} Bar
 * @property {string} name
 * @property {string} note small, beside the name
 * @property {boolean} isOwn
 * @property {number} [value]
 * @property {number[]} [runs]
 */

/**
 * @param {{ title: string, explanation: string, bars: Bar[], text: (value: number) => string }} chart
 * @returns {HTMLElement}
 */
export function barChart({ title, explanation, bars, text }) {
  const known = bars.filter(({ value }) => value !== undefined);
  const longest = Math.max(...known.map(({ value }) => value));
  const own = known.find(({ isOwn }) => isOwn)?.value;
  const rows = bars.map(({ name, note, isOwn, value, runs = [] }) => {
    const label = element('span', { className: 'name' }, name, element('small', {}, note));
    const amount = element('span', { className: 'value' }, value === undefined ? '' : text(value));
    if (own && value && !isOwn) amount.append(element('small', {}, `${(value / own).toFixed(1)}×`));
    return element('li', { className: isOwn ? 'is-own' : '' }, label, bar(value, runs, longest), amount);
  });
  return element('figure', {}, element('figcaption', {}, element('h2', {}, title), element('p', {}, explanation)),
    element('ol', {}, ...rows));
}

function bar(value, runs, longest) {
  const svg = shape('svg', { 'aria-hidden': 'true' });
  if (value === undefined) return svg;
  const percent = (amount) => `${(LONGEST * amount) / longest}%`;
  svg.append(shape('rect', { class: 'bar', width: percent(value), height: '100%', rx: 2 }));
  const step = Math.max(1, Math.ceil(runs.length / STROKES));
  for (let i = 0; i < runs.length; i += step) {
    if (runs[i] * LONGEST > longest * 100) continue;
    const x = percent(runs[i]);
    svg.append(shape('line', { class: 'run', x1: x, x2: x, y1: '20%', y2: '80%' }));
  }
  return svg;
}
