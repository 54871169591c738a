// SPDX-License-Identifier: GPL-3.0-only
// Two people in a call who see and hear each other, and whose pictures are watched.

import { sleep } from '../../lib/process.mjs';
import { Pictures } from '../../lib/pictures.mjs';

/** Pictures flow evenly by then. */
const STEADY_MS = 5000;

async function idOf(person) {
  return (await person.snapshot()).id;
}

export class Pair {
  /** @param {import('./stage.mjs').Stage} stage @param {string} base the address under which Ada opens the room */
  static async join(stage, room, base) {
    const pair = new Pair();
    pair.grace = await stage.join(room, 'Grace');
    pair.ada = await stage.join(room, 'Ada', { base });
    pair.id = await idOf(pair.ada);
    const other = await idOf(pair.grace);
    const faceOf = (id) => [`${id} mic`, `${id} cam`];
    await Promise.all([pair.ada.flowing(faceOf(other)), pair.grace.flowing(faceOf(pair.id))]);
    pair.seesGrace = await Pictures.watch(pair.ada, other);
    pair.seesAda = await Pictures.watch(pair.grace, pair.id);
    return pair;
  }

  /** Waits until pictures have flowed undisturbed for a while. */
  steady() {
    return sleep(STEADY_MS);
  }

  /** Gaps between two moments, and as a yardstick those of as much time before: {ada, grace, adaBefore, graceBefore}. */
  async gaps(from, to) {
    const start = from - Math.min(STEADY_MS, to - from);
    const [ada, adaBefore] = await Promise.all([this.seesGrace.gaps(from, to), this.seesGrace.gaps(start, from)]);
    const [grace, graceBefore] = await Promise.all([this.seesAda.gaps(from, to), this.seesAda.gaps(start, from)]);
    return { ada, grace, adaBefore, graceBefore };
  }

  /** Waits until both see each other by packets that came after a moment. */
  flowingSince(moment, ms) {
    return Promise.all([this.seesGrace.after(moment, ms), this.seesAda.after(moment, ms)]);
  }
}
