// SPDX-License-Identifier: GPL-3.0-only
// The call across memberships: coming back, giving up, leaving.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import FakeTimers from '@sinonjs/fake-timers';
import { PluginError } from '../../html/js/janus/handle.js';
import { JanusError } from '../../html/js/janus/socket.js';
import { createLog } from '../../html/js/report/log.js';
import { createCall } from '../../html/js/room/call.js';
import { settle } from './fakes.mjs';

// Not node's own, which differ between Node 18 (Debian's) and 20.
const timers = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
const LONGEST_WAIT_MS = 15_000;

let memberships;
let call;

/** A membership whose server is the test. */
function openMembership(options) {
  const membership = {
    options,
    published: [],
    closed: false,
    left: false,
    relayed: [],
    channels: 0,
    relay: {
      send: async (body, options) => membership.relayed.push([body, options]),
      open: () => {
        membership.channels += 1;
      },
    },
    checks: [],
    check: (what) => membership.checks.push(what),
    publish: (streams) =>
      new Promise((accept, refuse) => {
        membership.published.push({ streams, accept, refuse });
      }),
    close() {
      membership.closed = true;
    },
    leave() {
      membership.left = true;
      membership.closed = true;
    },
    welcome(id = `me${memberships.length}`) {
      options.onEvent({ type: 'welcome', id, seat: `seat of ${id}`, participants: [] });
      membership.published[0].accept();
    },
  };
  memberships.push(membership);
  return membership;
}

const newest = () => memberships.at(-1);

async function joined() {
  call.join('Me');
  newest().welcome();
  await settle();
}

beforeEach(() => {
  memberships = [];
  call = createCall({ url: 'ws://x', key: { tenant: 't', room: 'r' }, codecs: [], log: createLog(), openMembership });
});

afterEach(() => call.leave());

test('joining publishes what there is', async () => {
  const streams = [{ stream: 'mic' }];
  call.publish(streams);
  await joined();
  assert.equal(newest().published[0].streams, streams);
  assert.equal(newest().options.display, 'Me');
  assert.equal(call.state().phase, 'joined');
});

test('joining twice is joining once', async () => {
  await joined();
  call.join('Me');
  assert.equal(memberships.length, 1);
});

test('a loss is followed by a new membership with the streams of now', async () => {
  await joined();
  newest().options.onLost(new Error('gone'));
  assert.equal(newest().closed, true);
  assert.deepEqual([call.state().phase, call.state().problem.text], ['rejoining', 'gone']);
  const streams = [{ stream: 'cam' }];
  await call.publish(streams);
  assert.equal(memberships.length, 1, 'not at once');
  timers.tick(LONGEST_WAIT_MS);
  assert.equal(memberships.length, 2);
  assert.equal(newest().published[0].streams, streams);
  newest().welcome();
  await settle();
  assert.deepEqual([call.state().phase, call.state().id], ['joined', 'me2']);
});

test('a session that a server which is there does not know any more is followed at once, but only that', async () => {
  await joined();
  newest().options.onLost(new JanusError(458, 'No such session'));
  timers.tick(0);
  assert.equal(memberships.length, 2, 'the claim has waited its turn');
  newest().options.onLost(new JanusError(460, 'No such plugin'));
  timers.tick(0);
  assert.equal(memberships.length, 2, 'it was not in the room');
  timers.tick(LONGEST_WAIT_MS);
  assert.equal(memberships.length, 3);
});

test('it tries for as long as it takes, and waits longer each time', async () => {
  await joined();
  newest().options.onLost(new Error('gone'));
  const waits = [];
  for (let attempt = 0; attempt < 10; attempt++) {
    const before = memberships.length;
    let waited = 0;
    for (; memberships.length === before && waited <= LONGEST_WAIT_MS; waited += 50) timers.tick(50);
    waits.push(waited);
    newest().options.onLost(new Error('still gone'));
  }
  assert.equal(memberships.length, 11);
  assert.ok(waits[0] <= 550, `${waits}`);
  assert.ok(waits.at(-1) >= LONGEST_WAIT_MS / 2 && waits.at(-1) <= LONGEST_WAIT_MS + 50, `${waits}`);
});

test('after a long good time the first wait is short again', async () => {
  await joined();
  for (let attempt = 0; attempt < 8; attempt++) {
    newest().options.onLost(new Error('gone'));
    timers.tick(LONGEST_WAIT_MS);
  }
  newest().welcome();
  await settle();
  timers.tick(60_000);
  newest().options.onLost(new Error('gone'));
  const before = memberships.length;
  timers.tick(500);
  assert.equal(memberships.length, before + 1);
});

test('check does not wait, and asks an attempt that is under way', async () => {
  await joined();
  newest().options.onLost(new Error('gone'));
  call.check();
  assert.equal(memberships.length, 2);
  call.check({ networkChanged: true });
  assert.equal(memberships.length, 2);
  assert.deepEqual(newest().checks, [{ networkChanged: true }]);
  timers.tick(LONGEST_WAIT_MS);
  assert.equal(memberships.length, 2, 'the timer was for the attempt that has begun');
});

test('a refusal for good ends it', async () => {
  for (const code of [433, 434, 450]) {
    call.join('Me');
    newest().published[0].refuse(new PluginError(code, 'no'));
    await settle();
    assert.deepEqual([call.state().phase, call.state().problem], ['refused', { code, text: 'no' }]);
    timers.tick(LONGEST_WAIT_MS);
  }
  assert.equal(memberships.length, 3);
});

test('a refusal that may pass is tried again', async () => {
  call.join('Me');
  newest().published[0].refuse(new PluginError(453, 'busy'));
  await settle();
  assert.equal(call.state().phase, 'rejoining');
  timers.tick(LONGEST_WAIT_MS);
  assert.equal(memberships.length, 2);
});

test('a full room is waited for by whoever was in it', async () => {
  await joined();
  newest().options.onLost(new Error('gone'));
  timers.tick(LONGEST_WAIT_MS);
  newest().published[0].refuse(new PluginError(450, 'full'));
  await settle();
  assert.equal(call.state().phase, 'rejoining');
});

test('put out by time-out: back again; kicked: not', async () => {
  await joined();
  newest().options.onEvent({ type: 'left', participant: 'me1', reason: 'timeout' });
  assert.deepEqual([newest().closed, call.state().phase], [true, 'rejoining']);
  timers.tick(LONGEST_WAIT_MS);
  newest().welcome();
  await settle();
  newest().options.onEvent({ type: 'left', participant: 'me2', reason: 'kicked' });
  assert.deepEqual([newest().closed, call.state().phase, call.state().problem.text], [true, 'left', 'kicked']);
  timers.tick(LONGEST_WAIT_MS);
  assert.equal(memberships.length, 2);
});

test('leaving says so, and is the end also while waiting to come back', async () => {
  await joined();
  call.leave();
  assert.deepEqual([newest().left, call.state().phase, call.state().problem], [true, 'left', null]);
  await joined();
  newest().options.onLost(new Error('gone'));
  call.leave();
  timers.tick(LONGEST_WAIT_MS);
  assert.equal(memberships.length, 2);
});

test('a refused change is told to whoever made it; the membership goes on', async () => {
  await joined();
  const change = call.publish([{ stream: 's17' }]);
  newest().published[1].refuse(new PluginError(452, 'too many streams'));
  await assert.rejects(change, (error) => error.code === 452);
  assert.deepEqual([call.state().phase, newest().closed], ['joined', false]);
});

test('it comes back with the seat it had last, and without one that is not its own any more', async () => {
  await joined();
  assert.equal(memberships[0].options.seat, null);
  newest().options.onLost(new Error('gone'));
  timers.tick(LONGEST_WAIT_MS);
  assert.deepEqual(newest().options.seat, { id: 'me1', seat: 'seat of me1' });
  newest().published[0].refuse(new PluginError(443, 'not yours'));
  await settle();
  timers.tick(LONGEST_WAIT_MS);
  assert.equal(newest().options.seat, null);
  assert.equal(call.state().phase, 'rejoining');
});

test('whoever leaves gives the seat up, and so does who was replaced', async () => {
  await joined();
  call.leave();
  await joined();
  assert.equal(newest().options.seat, null);
  newest().options.onEvent({ type: 'left', participant: 'me2', reason: 'replaced' });
  assert.equal(call.state().phase, 'left');
  await joined();
  assert.equal(newest().options.seat, null);
});

test('what a lost membership still has to say changes nothing', async () => {
  await joined();
  const first = newest();
  const change = call.publish([{ stream: 'cam' }]);
  let losses = 0;
  call.watch((state, event) => {
    if (event.type === 'lost') losses += 1;
  });
  first.options.onLost(new Error('gone'));
  first.published[1].refuse(new Error('closed'));
  await change;
  assert.equal(losses, 1);
  assert.equal(call.state().phase, 'rejoining');
  timers.tick(LONGEST_WAIT_MS);
  assert.equal(memberships.length, 2);
});

test('messages go out while one is in the room, and come in from whatever membership', async () => {
  await assert.rejects(call.broadcast('x'), /not in the room/);
  const heard = [];
  const stop = call.onRelay((message) => heard.push(message.data));
  await joined();
  await call.broadcast('chat', { text: 'hello' });
  await call.all('hand');
  await call.direct('ada', 'psst', 7, { frequent: true });
  assert.deepEqual(newest().relayed, [
    [{ request: 'broadcast', event: 'chat', data: { text: 'hello' } }, undefined],
    [{ request: 'all', event: 'hand', data: null }, undefined],
    [{ request: 'direct', to: 'ada', event: 'psst', data: 7 }, { frequent: true }],
  ]);
  newest().options.onRelay({ from: 'ada', how: 'all', event: 'x', data: 1 });
  newest().options.onLost(new Error('gone'));
  await assert.rejects(call.broadcast('x'), /not in the room/);
  timers.tick(LONGEST_WAIT_MS);
  newest().welcome();
  newest().options.onRelay({ from: 'ada', how: 'all', event: 'x', data: 2 });
  stop();
  newest().options.onRelay({ from: 'ada', how: 'all', event: 'x', data: 3 });
  assert.deepEqual(heard, [1, 2]);
  assert.equal(newest().channels, 0);
});

test('who wants large messages has a channel in each membership', async () => {
  call.onRelay(() => {}, { large: true });
  await joined();
  assert.equal(newest().channels, 1);
  newest().options.onLost(new Error('gone'));
  timers.tick(LONGEST_WAIT_MS);
  newest().welcome();
  assert.equal(newest().channels, 1);
});

test('the topology is the one of the moment', async () => {
  let topology = 'shared';
  call.leave();
  call = createCall({
    url: 'ws://x', key: { tenant: 't', room: 'r' }, codecs: [], topology: () => topology, relayOnly: true, log: createLog(), openMembership,
  });
  await joined();
  assert.deepEqual([newest().options.topology, newest().options.relayOnly], ['shared', true]);
  topology = 'per-peer';
  newest().options.onLost(new Error('gone'));
  timers.tick(LONGEST_WAIT_MS);
  assert.equal(newest().options.topology, 'per-peer');
});
