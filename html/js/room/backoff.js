// SPDX-License-Identifier: GPL-3.0-only
// When to try again. Jittered, so that everyone in a room does not come back at the same instant.

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/**
 * @param {number} attempt how many attempts have failed in a row, from 1
 * @param {() => number} [random]
 * @returns {number} ms to wait: between half and the whole of a step that doubles each time
 */
export function backoff(attempt, random = Math.random) {
  const step = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  return step / 2 + random() * (step / 2);
}
