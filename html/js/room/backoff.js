// SPDX-License-Identifier: GPL-3.0-only
// When to try again. Jittered, so that everyone in a room does not come back at the same instant.

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
/** While a session can still be claimed everybody waits for it, and there are only some 20 s for it. */
const LONGEST_TO_CLAIM_MS = 2000;

/**
 * @param {number} attempt how many attempts have failed in a row, from 1
 * @param {number} [longestMs]
 * @param {() => number} [random]
 * @returns {number} ms to wait: between half and the whole of a step that doubles each time
 */
export function backoff(attempt, longestMs = LONGEST_MS, random = Math.random) {
  const step = Math.min(longestMs, FIRST_MS * 2 ** (attempt - 1));
  return step / 2 + random() * (step / 2);
}

/** @param {number} attempt @returns {number} the same for claiming a session */
export const claimBackoff = (attempt) => backoff(attempt, LONGEST_TO_CLAIM_MS);
