// SPDX-License-Identifier: GPL-3.0-only
// The parts of the page that are plain functions: geometry, choice of the enlarged tile, log, back-off, words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemText } from '../../html/js/media/capture.js';
import { createLog } from '../../html/js/report/log.js';
import { ringLevel } from '../../html/js/media/levels.js';
import { backoff, claimBackoff } from '../../html/js/room/backoff.js';
import { tidyName } from '../../html/js/settings.js';
import { grid, layout } from '../../html/js/ui/layout.js';
import { createStage } from '../../html/js/ui/stage.js';

const SCREENS = [
  { width: 1260, height: 660 },
  { width: 370, height: 690 },
  { width: 800, height: 300 },
];

/** @param {{x: number, y: number, width: number, height: number}[]} rects */
function assertFit(rects, { width, height }) {
  for (const rect of rects) {
    assert.ok(
      rect.x >= 0 && rect.y >= 0 && rect.x + rect.width <= width && rect.y + rect.height <= height,
      JSON.stringify(rect),
    );
    assert.ok(rect.width > 0 && rect.height > 0);
  }
  rects.forEach((a, i) =>
    rects.slice(i + 1).forEach((b) => {
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      assert.ok(apart, `${JSON.stringify(a)} over ${JSON.stringify(b)}`);
    }),
  );
}

test('1 to 40 tiles fit without scrolling and do not overlap, with and without an enlarged one', () => {
  for (const size of SCREENS) {
    for (let count = 1; count <= 40; count++) {
      const keys = Array.from({ length: count }, (_, index) => `k${index}`);
      for (const enlarged of [null, 'k0']) {
        const rects = layout(keys, enlarged, size);
        assert.equal(rects.size, count);
        assertFit([...rects.values()], size);
      }
    }
  }
});

test('the enlarged tile is far larger than the others', () => {
  for (const size of SCREENS) {
    const rects = layout(['a', 'b', 'c', 'd'], 'b', size);
    const area = (key) => rects.get(key).width * rects.get(key).height;
    assert.ok(area('b') > 4 * area('a'));
  }
});

test('two tiles are side by side on a wide page and one above the other on a phone', () => {
  const [a, b] = grid(2, { x: 0, y: 0, width: 1200, height: 600 });
  assert.equal(a.y, b.y);
  const [c, d] = grid(2, { x: 0, y: 0, width: 370, height: 690 });
  assert.equal(c.x, d.x);
});

const person = (key) => ({ key, kind: 'person' });
const screen = (key, slot = 'sub/v1') => ({ key, kind: 'screen', slot });

test('a click enlarges, the next one goes back', () => {
  const stage = createStage();
  const tiles = [person('a'), person('b')];
  assert.equal(stage.enlarged(tiles), null);
  stage.toggle('a', tiles);
  assert.equal(stage.enlarged(tiles), 'a');
  stage.toggle('b', tiles);
  assert.equal(stage.enlarged(tiles), 'b');
  stage.toggle('b', tiles);
  assert.equal(stage.enlarged(tiles), null);
});

test('a new screen is enlarged unless another tile was chosen; own screens never are', () => {
  const stage = createStage();
  assert.equal(stage.enlarged([person('a'), screen('s1')]), 's1');
  assert.equal(stage.enlarged([person('a'), screen('s1'), screen('s2')]), 's2');
  assert.equal(stage.enlarged([person('a'), screen('s1')]), 's1');
  const all = [person('a'), screen('s1'), { key: 'self/x', kind: 'own-screen' }];
  assert.equal(stage.enlarged(all), 's1');
  stage.toggle('a', all);
  assert.equal(stage.enlarged([...all, screen('s3')]), 'a');
});

test('a screen without a picture is not enlarged by itself, also not while all are away', () => {
  const stage = createStage();
  assert.equal(stage.enlarged([person('a'), screen('s1', null)]), null);
  assert.equal(stage.enlarged([person('a'), screen('s1')]), 's1');
  stage.toggle('s1', [person('a'), screen('s1')]);
  assert.equal(stage.enlarged([person('a'), screen('s1', null)]), null);
  assert.equal(stage.enlarged([person('a'), screen('s1')]), null, 'gone back from, before the loss');
});

test('a screen one went back from stays small, a later one does not', () => {
  const stage = createStage();
  const tiles = [person('a'), screen('s1'), screen('s2')];
  stage.toggle('s2', tiles);
  assert.equal(stage.enlarged(tiles), null);
  assert.equal(stage.enlarged([...tiles, screen('s3')]), 's3');
});

test('an enlarged tile that ends gives the room back', () => {
  const stage = createStage();
  stage.toggle('a', [person('a'), person('b')]);
  assert.equal(stage.enlarged([person('b')]), null);
  assert.equal(stage.enlarged([person('a'), person('b')]), null);
});

test('the log joins equal lines in a row and keeps the newest', () => {
  let now = 100;
  const log = createLog(3, () => now);
  const seen = [];
  const stop = log.watch(({ index, repeats }) => seen.push([index, repeats.length]));
  log.add({ kind: 'ice', text: 'x' });
  now = 200;
  log.add({ kind: 'ice', text: 'x' });
  log.add({ kind: 'ice', participant: 'ada', text: 'x' });
  stop();
  log.add({ kind: 'ice', text: 'y' });
  log.add({ kind: 'ice', text: 'z' });
  assert.deepEqual(seen, [
    [1, 0],
    [1, 1],
    [2, 0],
  ]);
  assert.deepEqual(
    log.entries().map(({ text }) => text),
    ['x', 'y', 'z'],
  );
  assert.equal(log.entries()[0].participant, 'ada');
  const fresh = createLog(3, () => now);
  fresh.add({ kind: 'ice', text: 'x' });
  now = 300;
  fresh.add({ kind: 'ice', text: 'x' });
  assert.deepEqual(
    fresh.entries().map(({ time, repeats }) => [time, repeats]),
    [[200, [100]]],
  );
});

test('a ring shows a voice in a few steps, and the noise of a quiet microphone not at all', () => {
  const noise = 10 ** (-50 / 20);
  assert.deepEqual([0, noise, 0.01, 0.1, 1 / 3, 1].map(ringLevel), [0, 0, 0.125, 0.5, 1, 1]);
  const steps = new Set(Array.from({ length: 10000 }, (_, i) => ringLevel(i / 10000)));
  assert.equal(steps.size, 9);
});

test('back-off doubles, is jittered and ends; sooner while a session can be claimed', () => {
  const waits = [[1, 0], [1, 1], [2, 1], [50, 1]].map(([attempt, chance]) => backoff(attempt, undefined, () => chance));
  assert.deepEqual(waits, [250, 500, 1000, 15_000]);
  for (const attempt of [3, 10, 50]) assert.ok(claimBackoff(attempt) >= 1000 && claimBackoff(attempt) <= 2000);
});

test('names are tidied as the server does', () => {
  assert.equal(tidyName('  Ada\n Lovelace '), 'Ada  Lovelace');
  assert.equal([...tidyName('🎓'.repeat(80))].length, 64);
  assert.equal(tidyName(' \t '), '');
});

test('each trouble with a device has words of its own', () => {
  const texts = ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'InsecureContext', 'Strange'].map((name) =>
    problemText('camera', name),
  );
  assert.equal(new Set(texts).size, texts.length);
  assert.ok(texts.every((text) => /camera/i.test(text)));
});
