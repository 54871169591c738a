// SPDX-License-Identifier: GPL-3.0-only
// Percentiles and gaps.

import assert from 'node:assert/strict';
import test from 'node:test';
import { longestGap } from '../../lib/pictures.mjs';
import { NEVER, percentile, summary } from './figures.mjs';

test('percentiles are measured values, by nearest rank', () => {
  const ten = [70, 10, 100, 40, 90, 20, 60, 30, 80, 50];
  assert.deepEqual(summary(ten), { n: 10, p50: 50, p95: 100, max: 100 });
  assert.equal(ten[0], 70, 'the values stay as they are');
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual([0, 0.01, 0.5, 0.95, 1].map((share) => percentile(hundred, share)), [1, 1, 50, 95, 100]);
  assert.deepEqual(summary([7]), { n: 1, p50: 7, p95: 7, max: 7 });
  assert.equal(percentile([9, 10, 100], 0.5), 10, 'by number, not by text');
  assert.throws(() => percentile([], 0.5), /nothing/);
});

test('a run that failed is not left out', () => {
  assert.deepEqual(summary([1, NEVER, 2]), { n: 3, p50: 2, p95: Infinity, max: Infinity });
});

test('the longest gap: whole when it began before, cut off at the end', () => {
  assert.equal(longestGap([0, 100, 200, 500, 600], 50, 650), 300);
  assert.equal(longestGap([0, 300, 350], 200, 400), 300, 'it stood still already');
  assert.equal(longestGap([0, 110, 120], 100, 1000), 880, 'what has not ended yet counts');
  assert.equal(longestGap([0, 1000], 200, 600), 600, 'nothing came at all');
  assert.equal(longestGap([], 0, 10), 10);
});
