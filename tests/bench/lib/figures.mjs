// SPDX-License-Identifier: GPL-3.0-only
// What is made of measured values. Pure.

/** What a run that failed counts as: worse than any other. */
export const NEVER = Infinity;

/**
 * By nearest rank: a value that was measured, never one in between. Of ten values p95 is the largest.
 * @param {number[]} values in any order, at least one
 * @param {number} share 0 to 1
 */
export function percentile(values, share) {
  if (values.length === 0) throw new Error('a percentile of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** @param {number[]} values */
export function summary(values) {
  return { n: values.length, p50: percentile(values, 0.5), p95: percentile(values, 0.95), max: percentile(values, 1) };
}
