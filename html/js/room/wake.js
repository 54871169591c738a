// SPDX-License-Identifier: GPL-3.0-only
// Notices that the machine slept, or the browser stood still, by the clock: a timer that comes far too late.

const INTERVAL_MS = 1000;
/** Timers of hidden pages come up to a second late; slept is who missed several. */
const GAP_MS = 5000;

/**
 * @param {(ms: number) => void} onWake how long it was
 * @param {() => number} [now] ms
 */
export function watchSleep(onWake, now = Date.now) {
  let last = now();
  const timer = setInterval(() => {
    const gap = now() - last;
    last = now();
    if (gap > GAP_MS) onWake(gap);
  }, INTERVAL_MS);
  return { stop: () => clearInterval(timer) };
}
