// SPDX-License-Identifier: GPL-3.0-only
// A WebSocket is lost in a call: how long until the page has its session again and knows what it missed. Media goes another
// way and must not notice.

import { Cable } from '../lib/cable.mjs';
import { waitUntil } from '../lib/pictures.mjs';
import { sleep, until } from '../lib/process.mjs';
import { Pair } from './lib/pair.mjs';
import { Stage } from './lib/stage.mjs';

const RECLAIM_S = 20; // as shipped
const BACK_MS = 30000;
/** Pictures are watched for so long afterwards. */
const AFTER_MS = 1000;

const GAPS = {
  ada: 'longest picture gap there, ms',
  adaBefore: '… in as much time before, ms',
  grace: 'longest picture gap at the other, ms',
  graceBefore: '… in as much time before, ms',
};

/** Runs in the page: notes when signalling went and came. */
function noteSignalling() {
  globalThis.benchSignalling = [];
  globalThis.buzz.call.watch((_, event) => {
    if (event.type === 'signalling') globalThis.benchSignalling.push({ state: event.state, at: Date.now() });
  });
}

const facts = ({ id, state, pub, sub }) => JSON.stringify({ id, state, pub, sub });

/** Pulls the cable for so long. Returns when that was, when the cable was back, and when the page had its session. */
async function pull({ ada }, cable, outageMs) {
  const pulled = Date.now();
  cable.pull();
  await sleep(outageMs);
  cable.plug();
  const plugged = Date.now();
  const up = () => ada.evaluate((least) => {
    const later = globalThis.benchSignalling.filter(({ at }) => at >= least);
    return later[0]?.state === 'down' && later.find(({ state }) => state === 'up')?.at;
  }, pulled);
  return { pulled, plugged, claimed: await until('the session is claimed', up, { ms: BACK_MS }) };
}

export async function bench(book) {
  await Stage.with({ reclaim: RECLAIM_S, settings: { liveness: { seat: 20 } } }, async (stage) => {
    const cable = await Cable.open(stage.server.url);
    stage.things.push(cable);
    /** @type {Pair | null} */
    let pair = null;

    const once = async (record, outageMs) => {
      if (!pair) {
        pair = await Pair.join(stage, 'bench/claim', cable.url);
        await pair.ada.evaluate(noteSignalling);
      }
      await pair.steady();
      const before = facts(await pair.ada.snapshot());
      const { pulled, plugged, claimed } = await pull(pair, cable, outageMs);
      await waitUntil(claimed + AFTER_MS);
      const now = facts(await pair.ada.snapshot());
      if (now !== before) throw new Error(`it is not the same call:\n${before}\n${now}`);
      record('claimed', claimed - (outageMs ? plugged : pulled));
      const gaps = await pair.gaps(pulled, claimed + AFTER_MS);
      for (const key of Object.keys(GAPS)) record(key, gaps[key].shown);
    };
    const recover = async () => {
      cable.plug();
      pair = null;
      await stage.clear();
    };

    await book.measure('claim, network back at once', { claimed: 'WebSocket lost to claimed, ms', ...GAPS }, (record) => once(record, 0), recover);
    const longer = { claimed: 'network back to claimed, ms', ...GAPS };
    await book.measure('claim, network away for 2 s', longer, (record) => once(record, 2000), recover);
    await stage.clear();
  });
}
