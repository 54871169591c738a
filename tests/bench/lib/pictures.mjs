// SPDX-License-Identifier: GPL-3.0-only
// How long a page's pictures of somebody stood still. All times are Unix ms: pages and benches are on one machine.

import { sleep, until } from '../../lib/process.mjs';
import { longestGap } from './figures.mjs';

/** Runs in the page: notes each new picture of this person's tile, when it was shown and when its last packet had come. */
function notePictures(id) {
  const video = document.querySelector(`article[data-key="${id}"] video`);
  const shown = [];
  const arrived = [];
  (globalThis.benchPictures ??= new Map()).set(id, { shown, arrived });
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
    const { shown, arrived } = await this.person.evaluate((id) => globalThis.benchPictures.get(id), this.id);
    return { shown: longestGap(shown, from, to), arrived: longestGap(arrived, from, to) };
  }

  /** Waits for a picture whose packets came after a moment. */
  after(moment, ms) {
    const last = () => this.person.evaluate((id) => globalThis.benchPictures.get(id).arrived.at(-1), this.id);
    return until(`${this.person.name} sees pictures`, async () => (await last()) > moment, { ms, every: 100 });
  }
}

/** Waits until a moment has passed. */
export const waitUntil = (moment) => sleep(Math.max(0, moment - Date.now()));
