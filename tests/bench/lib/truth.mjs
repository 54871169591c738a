// SPDX-License-Identifier: GPL-3.0-only
// What the server's clock is to this machine's, exactly: both go by the same monotonic clock, so no network comes in.

import { Participant } from '../../lib/client.mjs';

const ASKED = 200;
const TICKS = 50;

const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6;

/**
 * The server says whole ms of the monotonic clock plus a whole number of its own. Each question and answer bound that number; after
 * some only one is left.
 */
async function serverToMonotonic(url) {
  const one = await Participant.join(url, { tenant: 'localhost', room: 'bench/truth', watch: false });
  let [least, most] = [-Infinity, Infinity];
  for (let i = 0; i < ASKED && least < most; i++) {
    const before = monotonicMs();
    const server = (await one.pub.request({ request: 'clock' })).data.server_ms;
    const after = monotonicMs();
    least = Math.max(least, server - Math.floor(after));
    most = Math.min(most, server - Math.floor(before));
  }
  await one.drop();
  if (least !== most) throw new Error(`the server's clock could not be told: ${least} to ${most}`);
  return least;
}

/** Seen when the wall clock has just moved on; whoever looks late is wrong to one side only. */
function wallToMonotonic() {
  let best = -Infinity;
  for (let i = 0; i < TICKS; i++) {
    const last = Date.now();
    let now = last;
    while (now === last) now = Date.now();
    best = Math.max(best, now - monotonicMs());
  }
  return best;
}

/** What has to be added to this machine's wall clock to get the server's, ms, to some hundredths. */
export async function serverAhead(url) {
  return (await serverToMonotonic(url)) - wallToMonotonic();
}
