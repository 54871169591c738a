// SPDX-License-Identifier: GPL-3.0-only
// One in twenty packets towards the browsers is lost: pictures go on, because what is missing is asked for and sent again.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { sleep } from '../lib/process.mjs';
import { Scene } from '../lib/scene.mjs';
import { Loss } from '../lib/server.mjs';
import { freeRtpPorts } from '../lib/service.mjs';

const PERCENT = 5;
const DECODED_AT_LEAST = 0.8;
const WATCHED_MS = 12000;

const rtpPorts = freeRtpPorts();
const loss = await Loss.build();
after(() => loss.remove());
const scene = await Scene.open({ firefox: true, server: { rtpPorts, preload: [loss.library], env: loss.env(rtpPorts) } });

/** The layer of somebody's camera of which most pictures are made. */
async function made(person) {
  const rows = await person.encoded();
  return rows.reduce((most, row) => (row.framesEncoded > most.framesEncoded ? row : most));
}

/** How much a counter grew per ms between two rows of statistics: the rows are not all of the same moment. */
const rate = (before, now, counter) => (now[counter] - before[counter]) / (now.timestamp - before.timestamp);

test(`${PERCENT} % loss`, { timeout: 120000 }, async (t) => {
  const people = [];
  for (const name of ['Ada', 'Grace']) people.push(await scene.join(t, scene.chromium, 'loss/room', name));
  people.push(await scene.join(t, scene.firefox, 'loss/room', 'Barbara'));
  const ids = await Promise.all(people.map(async (one) => (await one.snapshot()).id));
  const cameras = (self) => ids.filter((_, i) => people[i] !== self).map((id) => `${id} cam`);
  await Promise.all(people.map((one) => one.flowing(cameras(one), { frames: 30 })));
  await sleep(3000); // layers have found their place

  const look = async () => ({
    made: await Promise.all(people.map(made)),
    received: await Promise.all(people.map((one) => one.received())),
    ...loss.counts(),
  });
  loss.set(PERCENT);
  await sleep(500);
  const before = await look();
  await sleep(WATCHED_MS);
  const now = await look();
  loss.set(0);

  const lost = (now.lost - before.lost) / (now.sent - before.sent);
  t.diagnostic(`${now.lost - before.lost} of ${now.sent - before.sent} packets were lost: ${(lost * 100).toFixed(1)} %`);
  assert.ok(lost > 0.03 && lost < 0.07, `lost ${lost}`);
  const failed = [];
  for (const [i, viewer] of people.entries()) {
    for (const [j, id] of ids.entries()) {
      if (i === j) continue;
      const [a, b] = [before, now].map(({ received }) => received[i].get(`${id} cam`));
      const decoded = rate(a, b, 'framesDecoded') / rate(before.made[j], now.made[j], 'framesEncoded');
      const packets = b.packetsReceived - a.packetsReceived;
      const missing = (b.packetsLost - a.packetsLost) / packets;
      const nacks = b.nackCount - a.nackCount;
      const words = `${viewer.name} of ${people[j].name}: ${(decoded * 100).toFixed(0)} % of the pictures, ${nacks} NACKs, ` +
        `${(missing * 100).toFixed(2)} % of ${packets} packets never came`;
      t.diagnostic(words);
      if (!(decoded >= DECODED_AT_LEAST && nacks > 0 && missing < lost / 2)) failed.push(words);
    }
  }
  assert.deepEqual(failed, []);
});
