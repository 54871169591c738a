// SPDX-License-Identifier: GPL-3.0-only
// How long a page's pictures of somebody stood still. All times are Unix ms: pages and tests are on one machine.

import assert from 'node:assert/strict';
import { sleep, until } from './process.mjs';

/** Long enough to see what is usual. */
const STEADY_MS = 2500;
/**
 * Pictures whose packets come after a longer gap were frozen. A page that is busy may show them later still; and on a machine that is busy
 * only twice what it took before anything happened is long.
 */
const FROZEN_MS = { arrived: 500, shown: 1000 };

/**
 * The longest time without any of these moments, of those that had not ended at `from`. One that has not ended at `to` counts as
 * far as that.
 * @param {number[]} moments ms, ascending
 * @param {number} from
 * @param {number} to
 */
export function longestGap(moments, from, to) {
  const before = moments.findLast((moment) => moment <= from) ?? from;
  const edges = [before, ...moments.filter((moment) => moment > from && moment < to), to];
  return Math.max(...edges.slice(1).map((moment, index) => moment - edges[index]));
}

/** Runs in the page: notes each new picture of this person's tile, when it was shown and when its last packet had come. */
function notePictures(id) {
  const video = document.querySelector(`article[data-key="${id}"] video`);
  const shown = [];
  const arrived = [];
  (globalThis.pictureTimes ??= new Map()).set(id, { shown, arrived });
  const note = (now, { receiveTime }) => {
    shown.push(performance.timeOrigin + now);
    if (receiveTime) arrived.push(performance.timeOrigin + receiveTime);
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
}

/** One page's pictures of one other person. */
export class Pictures {
  static async watch(person, id) {
    await person.evaluate(notePictures, id);
    return new Pictures(person, id);
  }

  constructor(person, id) {
    this.person = person;
    this.id = id;
  }

  /** The longest gaps between two moments: {shown, arrived}, ms. */
  async gaps(from, to) {
    const { shown, arrived } = await this.person.evaluate((id) => globalThis.pictureTimes.get(id), this.id);
    return { shown: longestGap(shown, from, to), arrived: longestGap(arrived, from, to) };
  }

  /** Waits for a picture whose packets came after a moment. */
  after(moment, ms) {
    const last = () => this.person.evaluate((id) => globalThis.pictureTimes.get(id).arrived.at(-1), this.id);
    return until(`${this.person.name} sees pictures`, async () => (await last()) > moment, { ms, every: 100 });
  }
}

/**
 * Watches pictures of people; the result checks that none froze since.
 * @param {[object, string][]} pairs who sees whose id
 */
export async function watchFreezes(pairs) {
  const began = Date.now();
  const watched = await Promise.all(pairs.map(([person, id]) => Pictures.watch(person, id)));
  await sleep(STEADY_MS);
  const from = Date.now();
  const usual = await Promise.all(watched.map((pictures) => pictures.gaps(began, from)));
  return async () => {
    const to = Date.now();
    for (const [index, pictures] of watched.entries()) {
      const gaps = await pictures.gaps(from, to);
      for (const [what, frozen] of Object.entries(FROZEN_MS)) {
        const [gap, before] = [gaps[what], usual[index][what]].map(Math.round);
        assert.ok(gap < Math.max(frozen, 2 * before), `${pictures.person.name}: nothing ${what} for ${gap} ms, at most ${before} ms before`);
      }
    }
  };
}

/** Waits until a moment has passed. */
export const waitUntil = (moment) => sleep(Math.max(0, moment - Date.now()));
