// SPDX-License-Identifier: GPL-3.0-only
// Whether pictures go on while something else happens.

import assert from 'node:assert/strict';
import { sleep } from './process.mjs';

/** Long enough to see what is usual. */
const STEADY_MS = 2500;
/** A picture that stands still for longer is frozen; on a machine that is busy, only twice what it took before anything happened. */
const FROZEN_MS = 500;

/** Runs in the page: notes from now on the longest time between two pictures of a person's tile, ms. */
function noteGaps(id) {
  const video = document.querySelector(`article[data-key="${id}"] video`);
  let last = performance.now();
  globalThis.longestGap = 0;
  globalThis.pictures = 0;
  globalThis.startOver = () => {
    globalThis.longestGap = 0;
    globalThis.pictures = 0;
    last = performance.now();
  };
  const note = () => {
    const now = performance.now();
    globalThis.longestGap = Math.max(globalThis.longestGap, now - last);
    globalThis.pictures += 1;
    last = now;
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
}

/**
 * Watches pictures of people; the result checks that none froze since.
 * @param {[object, string][]} pairs who sees whose id
 */
export async function watchFreezes(pairs) {
  await Promise.all(pairs.map(([person, id]) => person.evaluate(noteGaps, id)));
  await sleep(STEADY_MS);
  const usual = await Promise.all(pairs.map(([person]) => person.evaluate(() => globalThis.longestGap)));
  await Promise.all(pairs.map(([person]) => person.evaluate(() => globalThis.startOver())));
  return async () => {
    for (const [index, [person]] of pairs.entries()) {
      const { gap, pictures } = await person.evaluate(() => ({ gap: globalThis.longestGap, pictures: globalThis.pictures }));
      const limit = Math.max(FROZEN_MS, 2 * usual[index]);
      assert.ok(pictures > 0 && gap < limit, `${person.name} saw nothing for ${Math.round(gap)} ms, at most ${Math.round(usual[index])} ms before`);
    }
  };
}
