// SPDX-License-Identifier: GPL-3.0-only
// Two hundred people come and go in every way there is; nothing of them stays.

import assert from 'node:assert/strict';
import test from 'node:test';
import { CAMERA, Connection, MICROPHONE, newLink, Participant, whoIsIn } from '../lib/client.mjs';
import { janusForThisFile } from '../lib/janus.mjs';
import { footprint, sleep, until } from '../lib/process.mjs';
import { PublisherModel } from '../lib/sdp.mjs';

const CYCLES = 200;
const AT_ONCE = 8;
const ROOMS = 10;
const SETTLED_MS = 40000; // idle threads of Janus's pool end after 15 s

const janus = await janusForThisFile({ settings: { rooms: { linger: 0.2 } } });

const roomOf = (n) => ({ tenant: 'churn.example', room: `room/${n % ROOMS}` });

/** A join that is cut off at one of its steps. */
async function abort(url, room, step) {
  const connection = await Connection.open(url);
  const [pub, sub] = await connection.attach(2);
  const link = newLink();
  if (step > 0) sub.post({ request: 'subscribe', v: 1, ...room, link });
  const streams = [MICROPHONE, CAMERA];
  const join = { request: 'join', v: 1, ...room, display: 'Aborted', link, streams };
  if (step > 1) pub.post(join, new PublisherModel().offer(streams));
  if (step > 2) await sub.next('offer');
  await connection.drop();
}

const WAYS = [
  async (one) => { await one.leave(); await one.drop(); },
  async (one) => { await one.pub.detach(); await one.sub.detach(); await one.drop(); },
  async (one) => { await one.connection.destroy(); await one.drop(); },
  (one) => one.drop(),
  async (one) => { one.pub.post({ request: 'leave' }); await one.drop(); },
  async (one) => { await one.sub.detach(); await one.drop(); },
];

async function cycle(n) {
  const room = roomOf(n);
  if (n % 5 === 4) return abort(janus.url, room, n % 4);
  const one = await Participant.join(janus.url, { ...room, streams: n % 3 ? [MICROPHONE, CAMERA] : [] });
  if (n % 7 === 0) await one.publish([MICROPHONE, { stream: 'screen', kind: 'screen', mid: '2' }]);
  return WAYS[n % WAYS.length](one);
}

async function churn(count) {
  let next = 0;
  const lane = async () => {
    while (next < count) await cycle(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

test(`${CYCLES} joins and leaves, ${AT_ONCE} at a time`, { timeout: 180000 }, async (t) => {
  await churn(20); // what Janus keeps for good once it was used is not counted
  await sleep(16000);
  const before = footprint(janus.pid);
  const started = performance.now();
  await churn(CYCLES);
  t.diagnostic(`${(CYCLES / ((performance.now() - started) / 1000)).toFixed(1)} cycles a second`);
  for (let room = 0; room < ROOMS; room++) {
    await until(`nobody in ${JSON.stringify(roomOf(room))}`, async () => {
      return (await whoIsIn(janus.url, { v: 1, ...roomOf(room) })).length === 0;
    });
  }
  let after;
  await until('as many threads and files as before', () => {
    after = footprint(janus.pid);
    return after.threads <= before.threads && after.fds <= before.fds;
  }, { ms: SETTLED_MS, every: 500 }).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify({ before, after })}`);
  });
  assert.ok(after.sockets <= before.sockets, JSON.stringify({ before, after }));
});
