// SPDX-License-Identifier: GPL-3.0-only
// The difference of two texts, line by line: the longest common subsequence. Pure.

/** @typedef {{sign: ' ' | '+' | '-', text: string}} DiffLine */

/** Lines in each text beyond which the tables would be too large; then everything counts as changed. */
const MOST = 3000;

/** @param {string} text */
const linesOf = (text) => (text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/));

/**
 * @param {string} before
 * @param {string} after
 * @returns {DiffLine[]}
 */
export function diffLines(before, after) {
  let a = linesOf(before);
  let b = linesOf(after);
  /** @type {DiffLine[]} */
  const head = [];
  /** @type {DiffLine[]} */
  const tail = [];
  while (a.length > 0 && b.length > 0 && a[0] === b[0]) {
    head.push({ sign: ' ', text: a[0] });
    a = a.slice(1);
    b = b.slice(1);
  }
  while (a.length > 0 && b.length > 0 && a[a.length - 1] === b[b.length - 1]) {
    tail.unshift({ sign: ' ', text: a[a.length - 1] });
    a = a.slice(0, -1);
    b = b.slice(0, -1);
  }
  return [...head, ...middle(a, b), ...tail];
}

/** @param {string[]} a @param {string[]} b @returns {DiffLine[]} */
function middle(a, b) {
  /** @param {string} text @returns {DiffLine} */
  const removed = (text) => ({ sign: '-', text });
  /** @param {string} text @returns {DiffLine} */
  const added = (text) => ({ sign: '+', text });
  if (a.length > MOST || b.length > MOST) return [...a.map(removed), ...b.map(added)];
  // common[i][j]: lines that a from i and b from j have in common
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  /** @type {DiffLine[]} */
  const lines = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i] });
      i += 1;
      j += 1;
    } else if (common[i + 1][j] >= common[i][j + 1]) {
      lines.push(removed(a[i++]));
    } else {
      lines.push(added(b[j++]));
    }
  }
  return [...lines, ...a.slice(i).map(removed), ...b.slice(j).map(added)];
}
