// SPDX-License-Identifier: GPL-3.0-only
// ICE restarts in a call: how long pictures stand still, and how long it takes. With the old path still there nobody should
// notice; with a dead one this is how long the call is interrupted.

import { waitUntil } from '../lib/pictures.mjs';
import { until } from '../lib/process.mjs';
import { Loss } from '../lib/server.mjs';
import { freeRtpPorts } from '../lib/service.mjs';
import { Pair } from './lib/pair.mjs';
import { Stage } from './lib/stage.mjs';

const BACK_MS = 60000;
/** Pictures are watched for so long afterwards, in which the old path is given up. */
const AFTER_MS = 3000;

const FIGURES = {
  shownAda: 'longest picture gap, the one who restarts, ms',
  arrivedAda: '… by the packets that arrived, ms',
  beforeAda: '… in as much time before, ms',
  shownGrace: 'longest picture gap at the other, ms',
  arrivedGrace: '… by the packets that arrived, ms',
  beforeGrace: '… in as much time before, ms',
};

/** Runs in the page: the credentials in use on every connection, by both sides. */
function readCredentials() {
  const names = ({ sdp }) => /a=ice-ufrag:(\S+)/.exec(sdp)[1];
  return globalThis.buzz.call.inspect().map(({ connection }) => {
    const { currentLocalDescription: local, currentRemoteDescription: remote } = connection;
    return `${names(local)} ${names(remote)} ${connection.connectionState}`;
  });
}

/** Waits until Ada's connections all have others than before, and are connected. */
function restarted({ ada }, before) {
  return until('all connections have restarted', async () => {
    const now = await ada.evaluate(readCredentials);
    return now.every((one, index) => one !== before[index] && / connected$/.test(one));
  }, { ms: BACK_MS });
}

const announceNetwork = ({ ada, grace }) => Promise.all([ada, grace].map((one) => one.evaluate(() => dispatchEvent(new Event('online')))));

export async function bench(book) {
  const loss = await Loss.build();
  const rtpPorts = freeRtpPorts();
  const server = { rtpPorts, preload: [loss.library], env: loss.env(rtpPorts), settings: { liveness: { timeout: 15, seat: 20 } } };
  await Stage.with(server, async (stage) => {
    /** @type {Pair | null} */
    let pair = null;
    const recover = async () => {
      pair = null;
      await stage.clear();
    };

    /** Does something to the network, and sees how the pictures were until all is well again. */
    const once = async (record, happen) => {
      pair ??= await Pair.join(stage, 'bench/ice', stage.server.url);
      await pair.steady();
      const { id } = await pair.ada.snapshot();
      const before = await pair.ada.evaluate(readCredentials);
      const from = Date.now();
      await happen(pair);
      await restarted(pair, before);
      await pair.flowingSince(Date.now(), BACK_MS);
      const to = Date.now() + AFTER_MS;
      await waitUntil(to);
      if ((await pair.ada.snapshot()).id !== id) throw new Error('it joined anew');
      const { ada, grace, adaBefore, graceBefore } = await pair.gaps(from, to);
      for (const [name, now, earlier] of [['Ada', ada, adaBefore], ['Grace', grace, graceBefore]]) {
        record(`shown${name}`, now.shown);
        record(`arrived${name}`, now.arrived);
        record(`before${name}`, earlier.shown);
      }
    };

    await book.measure('ICE restart, the old path works', FIGURES, (record) => once(record, ({ ada }) => {
      return ada.evaluate(() => dispatchEvent(new Event('online')));
    }), recover);
    await book.measure('ICE restart, the old path is dead, and the browsers are told of a new network', FIGURES, (record) => once(record, async (people) => {
      await loss.killPaths();
      return announceNetwork(people);
    }), recover);
    await book.measure('ICE restart, the old path is dead, and nobody tells the browsers', FIGURES, (record) => {
      return once(record, () => loss.killPaths());
    }, recover);
    await stage.clear();
  }).finally(() => loss.remove());
}
