// SPDX-License-Identifier: GPL-3.0-only
// However somebody leaves, everyone else is told once, with the reason, within a second.

import assert from 'node:assert/strict';
import test from 'node:test';
import { CAMERA, MICROPHONE, Participant } from '../lib/client.mjs';
import { janusForThisFile } from '../lib/janus.mjs';
import { sleep } from '../lib/process.mjs';

const NOTICED_MS = 1000;
const QUIET_MS = 300;

const janus = await janusForThisFile();

const WAYS = [
  ['says so', 'leave', (one) => one.leave()],
  ['closes the WebSocket', 'gone', (one) => one.drop()],
  ['destroys the session', 'gone', (one) => one.connection.destroy()],
  ['detaches PUB', 'gone', (one) => one.pub.detach()],
  ['detaches both handles in one flight', 'gone', (one) => Promise.all([one.pub.detach(), one.sub.detach()])],
];

for (const [name, reason, goes] of WAYS) {
  for (const streams of [[], [MICROPHONE, CAMERA]]) {
    test(`somebody with ${streams.length} streams ${name}`, { timeout: 20000 }, async (t) => {
      const witness = await Participant.join(janus.url, { display: 'Witness' });
      const one = await Participant.join(janus.url, { display: 'One', streams });
      t.after(() => Promise.all([witness.drop(), one.drop()]));
      if (streams.length) await witness.slotsFit(({ slots }) => slots.length === 2);
      const started = performance.now();
      const going = goes(one);
      going.catch(() => {}); // awaited below
      const { data } = await witness.pub.next('left', NOTICED_MS);
      const took = performance.now() - started;
      assert.deepEqual(data, { buzz: 'left', participant: one.id, reason });
      assert.ok(took < NOTICED_MS, `noticed after ${Math.round(took)} ms`);
      await going;
      await witness.slotsFit(({ slots }) => slots.length === 0);
      await sleep(QUIET_MS);
      assert.equal(witness.pub.all('left').length, 1);
      assert.equal(witness.offers, 1);
    });
  }
}

test('whoever detaches SUB stays, and can subscribe again', { timeout: 20000 }, async (t) => {
  const witness = await Participant.join(janus.url, { display: 'Witness', streams: [CAMERA] });
  const one = await Participant.join(janus.url, { display: 'One' });
  t.after(() => Promise.all([witness.drop(), one.drop()]));
  await one.sub.detach();
  await sleep(QUIET_MS);
  assert.deepEqual(witness.pub.all('left'), []);
  [one.sub] = await one.connection.attach(1);
  one.answerOffers();
  const { data } = await one.sub.request({ request: 'subscribe', ...one.room, id: one.id, seat: one.seat });
  assert.deepEqual(data, { buzz: 'subscribed', id: one.id });
  await one.settled();
  assert.deepEqual(one.slots.slots.map(({ participant, stream }) => [participant, stream]), [[witness.id, 'cam']]);
});

test('four SUBs may show one participant the room, a fifth may not', { timeout: 20000 }, async (t) => {
  const one = await Participant.join(janus.url, { watch: false });
  t.after(() => one.drop());
  const answers = [];
  for (const handle of await one.connection.attach(5)) {
    answers.push((await handle.request({ request: 'subscribe', ...one.room, id: one.id, seat: one.seat })).data);
  }
  assert.deepEqual(answers.slice(0, 4).map(({ buzz }) => buzz), Array(4).fill('subscribed'));
  assert.equal(answers[4].buzz, 'error');
  assert.equal(answers[4].error_code, 440, JSON.stringify(answers[4]));
});

test('a handle is used once', { timeout: 20000 }, async (t) => {
  const one = await Participant.join(janus.url);
  t.after(() => one.drop());
  const join = { request: 'join', ...one.room, display: 'Again' };
  const subscribe = { request: 'subscribe', ...one.room, id: one.id, seat: one.seat };
  assert.equal((await one.pub.request(join)).data.error_code, 440, 'join twice');
  assert.equal((await one.pub.request(subscribe)).data.error_code, 440, 'subscribe on PUB');
  assert.equal((await one.sub.request(subscribe)).data.error_code, 440, 'subscribe twice');
  assert.equal((await one.sub.request({ request: 'leave' })).data.error_code, 440, 'leave on SUB');
  assert.equal((await one.sub.request({ request: 'publish', streams: [] })).data.error_code, 440, 'publish on SUB');
  await one.leave();
  assert.equal((await one.leave()).data.error_code, 440, 'leave twice');
  assert.equal((await one.pub.request(join)).data.error_code, 440, 'join after leaving');
  const [fresh] = await one.connection.attach(1);
  for (const request of ['publish', 'leave', 'answer']) {
    const { data } = await fresh.request({ request, streams: [], version: 1 });
    assert.equal(data.error_code, 440, `${request} on a fresh handle: ${JSON.stringify(data)}`);
  }
  assert.equal((await fresh.request(join)).data.buzz, 'joined', 'the refusals did not use the handle up');
});
