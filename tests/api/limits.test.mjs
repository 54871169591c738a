// SPDX-License-Identifier: GPL-3.0-only
// What a server and a room take, and that it is given back.

import assert from 'node:assert/strict';
import test from 'node:test';
import { CAMERA, Connection, MICROPHONE, Participant, ROOM } from '../lib/client.mjs';
import { janusForThisFile } from '../lib/janus.mjs';
import { sleep, until } from '../lib/process.mjs';
import { PublisherModel } from '../lib/sdp.mjs';

const LINGER_MS = 200;

const janus = await janusForThisFile({
  settings: { rooms: { max_rooms: 2, max_participants: 3, max_streams: 2, linger: LINGER_MS / 1000 } },
});

async function refusal(fields, jsep) {
  const connection = await Connection.open(janus.url);
  const [pub] = await connection.attach(1);
  const { data } = await pub.request({ request: 'join', ...ROOM, display: 'One too many', ...fields }, jsep);
  await connection.drop();
  return data.error_code;
}

test('a room takes max_participants, and another one when somebody left', { timeout: 20000 }, async (t) => {
  const three = [];
  for (let i = 0; i < 3; i++) three.push(await Participant.join(janus.url));
  t.after(() => Promise.all(three.map((one) => one.drop())));
  assert.deepEqual(three[0].joined.limits, { participants: 3, streams: 2, display: 64, title: 128, relay: 16384, relay_channel: 60000 });
  assert.equal(await refusal({}), 450);
  await three[1].leave();
  const next = await Participant.join(janus.url);
  assert.deepEqual(next.joined.participants.map(({ id }) => id), [three[0].id, three[2].id]);
  await next.drop();
});

test('a participant has max_streams', { timeout: 20000 }, async (t) => {
  const three = [MICROPHONE, CAMERA, { stream: 'screen', kind: 'screen', mid: '2' }];
  assert.equal(await refusal({ streams: three }, new PublisherModel().offer(three)), 452);
  const one = await Participant.join(janus.url, { streams: [MICROPHONE, CAMERA] });
  t.after(() => one.drop());
  assert.equal((await one.publish(three)).data.error_code, 452);
  const { data } = await one.publish([MICROPHONE, three[2]]);
  assert.deepEqual(data.streams.map(({ stream }) => stream), ['mic', 'screen'], 'another two');
});

test('a server has max_rooms, and room for another when one is over', { timeout: 20000 }, async (t) => {
  await sleep(LINGER_MS + 500); // the rooms of the tests before are over
  const first = await Participant.join(janus.url, { room: 'first' });
  const second = await Participant.join(janus.url, { room: 'second' });
  t.after(() => Promise.all([first.drop(), second.drop()]));
  assert.equal(await refusal({ room: 'third' }), 451);
  await second.leave();
  await until('the empty room is forgotten', async () => (await refusal({ room: 'third' })) === undefined);
});
