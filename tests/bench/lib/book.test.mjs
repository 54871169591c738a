// SPDX-License-Identifier: GPL-3.0-only
// What becomes of runs that fail.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Book } from './book.mjs';

test('a run that failed counts as the worst, is shown and told, and the next one starts over', async (t) => {
  const said = t.mock.method(console, 'error', () => {});
  t.mock.method(console, 'log', () => {});
  const book = new Book(4);
  let recovered = 0;
  await book.measure('a bench', { took: 'it took, ms', size: 'bytes' }, async (record, run) => {
    record('size', 5, 6);
    if (run === 2) throw new Error('nobody came back');
    if (run !== 3) record('took', run);
  }, async () => {
    recovered += 1;
  });
  const [{ runs, failed, figures, raw }] = JSON.parse(JSON.stringify(book));
  assert.deepEqual([runs, failed, recovered, book.failures], [4, 2, 2, 2]);
  assert.deepEqual(figures.took, { words: 'it took, ms', n: 4, p50: 4, p95: null, max: null });
  assert.deepEqual(figures.size, { words: 'bytes', n: 8, p50: 5, p95: 6, max: 6 });
  assert.deepEqual(raw.map(({ values }) => values.took?.[0] ?? null), [1, null, null, 4]);
  assert.match(raw[1].error, /nobody came back/);
  assert.match(raw[2].error, /not measured: took/);
  assert.equal(said.mock.callCount(), 2);
  assert.match(book.table(book.series[0]), /\| it took, ms +\| +4 \| never \| never \| 4 \|/);
  assert.match(book.table(book.series[0]), /4 runs, 2 failed/);
});

test('what breaks outside of a run is a failure too', (t) => {
  t.mock.method(console, 'error', () => {});
  const book = new Book(4);
  book.broke('a bench', new Error('no server'));
  assert.equal(book.failures, 1);
});
