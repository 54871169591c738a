// SPDX-License-Identifier: GPL-3.0-only
// How far this page's clock is from the server's. Each question and its answer bound the difference: the server read its clock
// somewhere between the two. The quickest answer bounds it best, and half its round trip is how wrong it can be, plus what clocks
// that tell whole milliseconds leave out.

/** @typedef {{offset_ms: number, error_ms: number}} Offset `offset_ms` is added to our time to get the server's */

/** All three readings may be up to this much too early. */
const WHOLE_MS = 1;

/**
 * @param {() => Promise<number>} ask the server's time, Unix ms
 * @param {number} [times]
 * @param {() => number} [now] ours, Unix ms
 * @returns {Promise<Offset>}
 */
export async function measureOffset(ask, times = 5, now = Date.now) {
  /** @type {Offset | null} */
  let best = null;
  for (let i = 0; i < times; i++) {
    const sent = now();
    const server = await ask();
    const received = now();
    const error = (received - sent) / 2 + WHOLE_MS;
    // a clock that was set meanwhile gives no answer at all
    if (received < sent || (best && error >= best.error_ms)) continue;
    best = { offset_ms: Math.round(server - (sent + received) / 2), error_ms: Math.ceil(error) };
  }
  if (!best) throw new Error('the clock of this machine is being set');
  return best;
}
