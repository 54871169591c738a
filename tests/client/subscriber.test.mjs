// SPDX-License-Identifier: GPL-3.0-only
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSubscriber } from '../../html/js/room/subscriber.js';
import { FakeConnection, settle } from './fakes.mjs';

function setUp() {
  const connection = new FakeConnection();
  const answers = [];
  const errors = [];
  let news = 0;
  const subscriber = createSubscriber({
    connection,
    answer: (version, jsep) => answers.push([version, jsep.type, jsep.sdp]),
    onTracks: () => {
      news += 1;
    },
    onError: (error) => errors.push(error.message),
  });
  return { connection, answers, errors, subscriber, news: () => news };
}

test('an offer is answered with its version', async () => {
  const { subscriber, answers } = setUp();
  assert.equal(subscriber.offer(1, 'one'), true);
  await settle();
  assert.deepEqual(answers, [[1, 'answer', 'answer to one']]);
  assert.equal(subscriber.offers(), 1);
});

test('an older offer is ignored', async () => {
  const { subscriber, answers } = setUp();
  subscriber.offer(3, 'three');
  await settle();
  assert.equal(subscriber.offer(2, 'two'), false);
  await settle();
  assert.deepEqual(
    answers.map(([version]) => version),
    [3],
  );
});

test('the same offer again means that the answer was lost: it is answered again', async () => {
  const { subscriber, answers } = setUp();
  subscriber.offer(1, 'one');
  await settle();
  assert.equal(subscriber.offer(1, 'one'), true);
  await settle();
  assert.deepEqual(
    answers.map(([version]) => version),
    [1, 1],
  );
});

test('the same offer again while it is worked on is answered once', async () => {
  const { subscriber, connection, answers } = setUp();
  connection.held = [];
  subscriber.offer(1, 'one');
  assert.equal(subscriber.offer(1, 'one'), false);
  connection.held.shift()();
  connection.held = null;
  await settle();
  assert.deepEqual(
    answers.map(([version]) => version),
    [1],
  );
});

test('the newest of several offers is the only one answered', async () => {
  const { subscriber, connection, answers } = setUp();
  connection.held = [];
  subscriber.offer(1, 'one');
  subscriber.offer(2, 'two');
  subscriber.offer(3, 'three');
  connection.held.shift()();
  connection.held = null;
  await settle();
  assert.deepEqual(answers, [[3, 'answer', 'answer to three']]);
  assert.deepEqual(connection.calls, ['remote offer', 'remote offer', 'local answer']);
});

test('slots are known by mid, and news of them come when there are more', async () => {
  const { subscriber, connection, news } = setUp();
  const slot = connection.addTransceiver('video', { direction: 'recvonly' });
  slot.mid = 'v0';
  subscriber.offer(1, 'one');
  await settle();
  assert.equal(subscriber.receiver('v0'), slot.receiver);
  assert.equal(subscriber.receiver('v1'), undefined);
  assert.equal(news(), 1);
  subscriber.offer(2, 'two');
  await settle();
  assert.equal(news(), 1);
});

test('an offer that cannot be used is reported, and the next one is', async () => {
  const { subscriber, connection, answers, errors } = setUp();
  connection.signalingState = 'have-local-offer';
  subscriber.offer(1, 'one');
  await settle();
  assert.deepEqual(errors, ['glare']);
  connection.signalingState = 'stable';
  subscriber.offer(1, 'one');
  await settle();
  assert.deepEqual(
    answers.map(([version]) => version),
    [1],
  );
});
