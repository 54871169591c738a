// SPDX-License-Identifier: GPL-3.0-only
// Messages: which way they take, what comes back, and what becomes of those nobody answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import FakeTimers from '@sinonjs/fake-timers';
import { PluginError } from '../../html/js/janus/handle.js';
import { createRelay } from '../../html/js/room/relay.js';
import { FakeChannel, settle } from './fakes.mjs';

const timers = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout'] });

/** @param {{slow?: boolean}} [options] slow: requests are answered when the test says so */
function setUp({ slow = false } = {}) {
  const all = { requests: [], channels: [], messages: [], errors: [], answers: [] };
  all.relay = createRelay({
    request: async (body) => {
      all.requests.push(body);
      if (slow) await new Promise((resolve) => all.answers.push(resolve));
      return { data: { buzz: 'relayed', reached: 2 } };
    },
    openChannel() {
      all.channels.push(new FakeChannel('buzz'));
      return all.channels.at(-1);
    },
    onMessage: (message) => all.messages.push(message),
    onError: (error) => all.errors.push(error),
  });
  return all;
}

const body = (data) => ({ request: 'broadcast', event: 'x', data });
const LARGE = 'x'.repeat(20_000);

test('small and rare ones go over signalling, and no channel is opened', async () => {
  const { relay, requests, channels } = setUp();
  assert.equal(await relay.send(body({ a: 1 })), 2);
  assert.deepEqual([requests, channels], [[body({ a: 1 })], []]);
});

test('a large one waits for the channel, and for its answer', async () => {
  const { relay, requests, channels } = setUp();
  const first = relay.send(body(LARGE));
  const second = relay.send({ request: 'direct', to: 'ada', event: 'x', data: LARGE });
  assert.equal(channels.length, 1);
  channels[0].open();
  await settle();
  assert.deepEqual(channels[0].sent.map(({ id, request }) => [id, request]), [['m1', 'broadcast'], ['m2', 'direct']]);
  channels[0].receive({ buzz: 'error', error_code: 442, error: 'nobody here has this id', id: 'm2' });
  channels[0].receive({ buzz: 'relayed', reached: 3, id: 'm1' });
  assert.equal(await first, 3);
  await assert.rejects(second, (error) => error instanceof PluginError && error.code === 442);
  assert.deepEqual(requests, []);
});

test('the limits are the server’s, in bytes', async () => {
  const { relay, requests, channels } = setUp();
  relay.setLimits({ relay: 10, relay_channel: 20 });
  await relay.send(body('ääää')); // ten bytes with its quotes
  assert.equal(requests.length, 1);
  relay.send(body('ääää!'));
  assert.equal(channels.length, 1);
  await assert.rejects(relay.send(body('x'.repeat(19))), /too many/);
});

test('frequent ones go over signalling until the channel is open, then over it, unanswered', async () => {
  const { relay, requests, channels } = setUp();
  assert.equal(await relay.send(body(1), { frequent: true }), 2);
  assert.deepEqual([requests.length, channels.length], [1, 1]);
  channels[0].open();
  assert.equal(await relay.send(body(2), { frequent: true }), null);
  assert.deepEqual([requests.length, channels[0].sent], [1, [body(2)]]);
  channels[0].bufferedAmount = 2_000_000;
  await assert.rejects(relay.send(body(3), { frequent: true }), /too slow/);
  assert.equal(channels[0].sent.length, 1);
});

test('what comes over the channel is a message, or an error that somebody should know of', async () => {
  const { relay, channels, messages, errors } = setUp();
  relay.open();
  relay.deliver();
  channels[0].open();
  channels[0].receive({ buzz: 'relay', from: 'ada', how: 'direct', event: 'joined', data: { buzz: 'left' }, other: 1 });
  channels[0].receive(new Uint8Array([1, 2]));
  channels[0].receive({ buzz: 'joined', participant: { id: 'forged' } });
  channels[0].receive({ buzz: 'error', error_code: 455, error: 'at most 20 messages per second' });
  channels[0].receive({ buzz: 'relayed', reached: 1, id: 'unknown' });
  assert.deepEqual(messages, [{ from: 'ada', how: 'direct', event: 'joined', data: { buzz: 'left' } }]);
  assert.deepEqual(errors.map(({ code }) => code), [455]);
});

test('what comes over the channel before the server has said that it uses it is kept', async () => {
  const { relay, channels, messages } = setUp();
  relay.open();
  channels[0].open();
  for (const data of [1, 2]) channels[0].receive({ buzz: 'relay', from: 'ada', how: 'all', event: 'x', data });
  assert.deepEqual(messages, [], 'earlier ones may still come over signalling');
  relay.deliver();
  channels[0].receive({ buzz: 'relay', from: 'ada', how: 'all', event: 'x', data: 3 });
  assert.deepEqual(messages.map(({ data }) => data), [1, 2, 3]);
});

test('frequent ones do not overtake those that went over signalling before', async () => {
  const { relay, channels, answers } = setUp({ slow: true });
  const first = relay.send(body(1), { frequent: true });
  channels[0].open();
  const second = relay.send(body(2), { frequent: true });
  const third = relay.send(body(3), { frequent: true });
  await settle();
  assert.deepEqual(channels[0].sent, []);
  answers[0]();
  assert.equal(await first, 2);
  assert.deepEqual([await second, await third], [null, null]);
  assert.deepEqual(channels[0].sent.map(({ data }) => data), [2, 3]);
});

test('a channel that ends fails what waits for it; the next large one opens another', async () => {
  const { relay, channels } = setUp();
  const waiting = relay.send(body(LARGE));
  channels[0].open();
  await settle();
  const late = relay.send(body(LARGE));
  await settle();
  channels[0].close();
  await assert.rejects(waiting, /has ended/);
  await assert.rejects(late, /has ended/);
  const never = relay.send(body(LARGE));
  channels[1].close();
  await assert.rejects(never, /has ended/);
});

test('a server that does not reply is told from one that does', async () => {
  const { relay, channels } = setUp();
  const waiting = relay.send(body(LARGE));
  channels[0].open();
  await settle();
  timers.tick(10_000);
  await assert.rejects(waiting, /does not reply/);
});
