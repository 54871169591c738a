// SPDX-License-Identifier: GPL-3.0-only
// Remembers small things between visits. A browser may refuse storage altogether; then nothing is remembered.

/** @param {string} key @returns {string} empty if there is nothing */
export function recall(key) {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} key @param {string} value */
export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // refused: see above
  }
}
