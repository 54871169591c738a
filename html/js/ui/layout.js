// SPDX-License-Identifier: GPL-3.0-only
// Where each tile goes, so that all of them fit without scrolling. Pure geometry, in CSS pixels.

/** @typedef {import('../types').Rect} Rect */

const GAP = 8;
/** Aspects a tile may have: cameras are cropped to it, and a face survives that. */
const WIDEST = 16 / 9;
const NARROWEST = 5 / 4;
const NARROWEST_UPRIGHT = 1; // on a phone held upright
/** Share of the area that the others get while one tile is enlarged, and its limits. */
const STRIP_SHARE = 0.22;
const STRIP_MIN = 96;
const STRIP_MAX = 320;

/**
 * Equal tiles, as large as possible.
 * @param {number} count
 * @param {Rect} area
 * @param {number} [narrowest] aspect
 * @returns {Rect[]}
 */
export function grid(count, area, narrowest = NARROWEST) {
  let best = { columns: 1, rows: count, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const cellWidth = (area.width - GAP * (columns - 1)) / columns;
    const cellHeight = (area.height - GAP * (rows - 1)) / rows;
    const width = Math.max(0, Math.min(cellWidth, cellHeight * WIDEST));
    const height = Math.max(0, Math.min(cellHeight, width / narrowest));
    if (width * height > best.width * best.height) best = { columns, rows, width, height };
  }
  const { columns, rows, width, height } = best;
  const top = area.y + (area.height - rows * height - (rows - 1) * GAP) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = area.x + (area.width - inRow * width - (inRow - 1) * GAP) / 2;
    return {
      x: Math.round(left + (index % columns) * (width + GAP)),
      y: Math.round(top + row * (height + GAP)),
      width: Math.floor(width),
      height: Math.floor(height),
    };
  });
}

/**
 * @param {string[]} keys in the order of the page
 * @param {string | null} enlarged one of them, or null
 * @param {{width: number, height: number}} size
 * @returns {Map<string, Rect>}
 */
export function layout(keys, enlarged, { width, height }) {
  const whole = { x: 0, y: 0, width, height };
  const beside = width > height;
  const narrowest = beside ? NARROWEST : NARROWEST_UPRIGHT;
  if (enlarged === null || !keys.includes(enlarged)) {
    const rects = grid(keys.length, whole, narrowest);
    return new Map(keys.map((key, index) => [key, rects[index]]));
  }
  const others = keys.filter((key) => key !== enlarged);
  if (others.length === 0) return new Map([[enlarged, whole]]);
  const extent = beside ? width : height;
  const strip = Math.round(Math.min(STRIP_MAX, Math.max(STRIP_MIN, extent * STRIP_SHARE)));
  const main = extent - strip - GAP;
  const stage = beside ? { ...whole, width: main } : { ...whole, height: main };
  const rest = beside ? { ...whole, x: main + GAP, width: strip } : { ...whole, y: main + GAP, height: strip };
  const rects = grid(others.length, rest, narrowest);
  return new Map([
    [enlarged, stage],
    ...others.map((key, index) => /** @type {[string, Rect]} */ ([key, rects[index]])),
  ]);
}
