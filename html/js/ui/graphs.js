// SPDX-License-Identifier: GPL-3.0-only
// Small graphs of what streams did: one card per stream, one line per number. Drawn on canvas.
import { make } from './dom.js';

/** @typedef {import('../types').StreamSeries} StreamSeries */

const NUMBERS = [
  { name: 'bitrate', label: 'Bit rate', unit: 'kbit/s' },
  { name: 'loss', label: 'Loss', unit: '%' },
  { name: 'rtt', label: 'Round trip', unit: 'ms' },
  { name: 'fps', label: 'Frames', unit: '/s' },
  { name: 'freezes', label: 'Freezes', unit: '' },
];
/** CSS pixels; the width follows the card. */
const HEIGHT = 34;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{time: number, value: number}[]} points
 * @param {{from: number, to: number}} range of time
 */
function draw(canvas, points, { from, to }) {
  const width = canvas.clientWidth;
  const context = canvas.getContext('2d');
  if (!context || width === 0) return;
  const scale = devicePixelRatio || 1;
  canvas.width = width * scale;
  canvas.height = HEIGHT * scale;
  context.scale(scale, scale);
  const most = Math.max(...points.map(({ value }) => value), 1e-9);
  const x = (/** @type {number} */ time) => 1 + ((time - from) / Math.max(1, to - from)) * (width - 2);
  const y = (/** @type {number} */ value) => HEIGHT - 2 - (value / most) * (HEIGHT - 5);
  context.strokeStyle = getComputedStyle(canvas).color;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.beginPath();
  points.forEach(({ time, value }, index) => {
    if (index === 0) context.moveTo(x(time), y(value));
    else context.lineTo(x(time), y(value));
  });
  context.stroke();
}

/** @param {string} title */
function createCard(title) {
  const card = make('section', 'graph-card');
  card.append(make('h3', '', title));
  const rows = NUMBERS.map(({ name, label, unit }) => {
    const row = make('div', 'graph-row');
    const value = make('output');
    const canvas = make('canvas');
    canvas.setAttribute('role', 'img');
    row.append(make('span', 'graph-label', label), canvas, value);
    card.append(row);
    return { name, label, unit, row, value, canvas };
  });

  return {
    card,
    /** @param {StreamSeries} now @param {{from: number, to: number}} range */
    update(now, range) {
      for (const { name, label, unit, row, value, canvas } of rows) {
        const points = now.samples.filter(({ data }) => data[name] !== undefined).map(({ time, data }) => ({ time, value: data[name] }));
        row.hidden = points.length === 0;
        if (points.length === 0) continue;
        const last = points[points.length - 1].value;
        const most = Math.max(...points.map((point) => point.value));
        value.textContent = `${last} ${unit}`.trim();
        canvas.setAttribute('aria-label', `${label}: now ${last} ${unit}, at most ${most}`);
        draw(canvas, points, range);
      }
    },
  };
}

/**
 * @param {HTMLElement} container
 * @param {(series: StreamSeries) => string} titleOf
 */
export function createGraphs(container, titleOf) {
  /** @type {Map<string, ReturnType<typeof createCard>>} */
  const cards = new Map();

  return {
    /** @param {StreamSeries[]} all */
    render(all) {
      const times = all.flatMap(({ samples }) => [samples[0].time, samples[samples.length - 1].time]);
      const range = { from: Math.min(...times), to: Math.max(...times) };
      for (const [key, { card }] of cards) {
        if (all.some((one) => one.key === key)) continue;
        card.remove();
        cards.delete(key);
      }
      for (const series of all) {
        let card = cards.get(series.key);
        if (!card) {
          card = createCard(titleOf(series));
          cards.set(series.key, card);
          container.append(card.card);
        }
        card.update(series, range);
      }
      container.dataset.empty = String(all.length === 0);
    },
  };
}
