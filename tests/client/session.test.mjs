// SPDX-License-Identifier: GPL-3.0-only
// A Janus session and its handles, and how it outlives its WebSocket.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import FakeTimers from '@sinonjs/fake-timers';
import { PluginError } from '../../html/js/janus/handle.js';
import { createSession } from '../../html/js/janus/session.js';
import { createSocket } from '../../html/js/janus/socket.js';
import { FakeWebSocket, settle } from './fakes.mjs';

// Not node's own, which differ between Node 18 (Debian's) and 20.
const timers = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });

let told;
let session;

/** A session, and the newest WebSocket it has. */
function start() {
  session = createSession({
    url: 'ws://x/_/janus',
    onDown: () => told.push('down'),
    onUp: () => told.push('up'),
    onLost: (error) => told.push(`lost: ${error.message}`),
    delay: (attempt) => 1000 * attempt,
    openSocket: (options) => createSocket({ ...options, WebSocketClass: FakeWebSocket }),
  });
  return { session, wire: () => FakeWebSocket.made.at(-1) };
}

/** The server's answer to the newest message of this kind. */
function accept(wire, janus, reply = { janus: 'success' }) {
  const { transaction } = wire.sent.findLast((message) => message.janus === janus);
  wire.receive({ ...reply, transaction });
}

/** One that is up. */
async function up() {
  const all = start();
  all.wire().open();
  const created = all.session.create();
  accept(all.wire(), 'create');
  await created;
  return all;
}

beforeEach(() => {
  told = [];
  FakeWebSocket.made.length = 0;
});

afterEach(() => session.stop());

test('create and two attach leave in one flight, and handles number their requests', async () => {
  const { session, wire } = start();
  const heard = [];
  const created = session.create();
  const attaching = Promise.all([1, 2].map((which) => session.attach('janus.plugin.buzz', () => heard.push(which))));
  assert.deepEqual(
    wire().sent.map(({ janus }) => janus),
    ['create', 'attach', 'attach'],
  );
  assert.ok(Number.isSafeInteger(wire().sent[0].id) && wire().sent[0].id > 0);
  assert.equal(wire().sent[1].session_id, wire().sent[0].id);
  wire().sent
    .slice(0, 3)
    .forEach(({ transaction }, index) => wire().receive({ janus: 'success', transaction, data: { id: 10 + index } }));
  await created;
  const [pub, sub] = await attaching;

  const answer = pub.message({ request: 'join' });
  pub.message({ request: 'publish' }).catch(() => {});
  sub.message({ request: 'subscribe' }).catch(() => {});
  assert.deepEqual(
    wire().sent.slice(3).map(({ handle_id, body }) => [handle_id, body.request, body.seq]),
    [
      [11, 'join', 1],
      [11, 'publish', 2],
      [12, 'subscribe', 1],
    ],
  );
  wire().receive({
    janus: 'event',
    transaction: wire().sent[3].transaction,
    sender: 11,
    plugindata: { data: { buzz: 'error', error_code: 450, error: 'full' } },
  });
  await assert.rejects(answer, (error) => error instanceof PluginError && error.code === 450);

  wire().receive({ janus: 'event', session_id: session.id, sender: 12 });
  wire().receive({ janus: 'event', session_id: session.id + 1, sender: 11 });
  assert.deepEqual(heard, [2]);
});

test('the end of candidates is told as completed', async () => {
  const { session, wire } = start();
  const attaching = session.attach('janus.plugin.buzz', () => {});
  wire().receive({ janus: 'success', transaction: wire().sent[0].transaction, data: { id: 7 } });
  const handle = await attaching;
  handle.trickle({ toJSON: () => ({ candidate: 'candidate:1', sdpMid: '0' }) }).catch(() => {});
  handle.trickle(null).catch(() => {});
  assert.deepEqual(
    wire().sent.slice(1).map(({ candidate }) => candidate),
    [{ candidate: 'candidate:1', sdpMid: '0' }, { completed: true }],
  );
});

test('a lost WebSocket is followed by another, on which the session is claimed', async () => {
  const { wire } = await up();
  wire().close();
  await settle();
  assert.deepEqual([told, session.isUp()], [['down'], false]);
  timers.tick(999);
  assert.equal(FakeWebSocket.made.length, 1);
  timers.tick(1);
  assert.equal(FakeWebSocket.made.length, 2);
  wire().open();
  await settle();
  assert.deepEqual(wire().sent.map(({ janus, session_id: id }) => [janus, id]), [['claim', session.id]]);
  accept(wire(), 'claim');
  await settle();
  assert.deepEqual([told, session.isUp()], [['down', 'up'], true]);
});

test('it tries for as long as it takes, and says so once', async () => {
  const { wire } = await up();
  wire().close();
  await settle();
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    timers.tick(1000 * attempt - 1);
    assert.equal(FakeWebSocket.made.length, attempt);
    timers.tick(1);
    assert.equal(FakeWebSocket.made.length, attempt + 1);
    wire().close(); // refused
    await settle();
  }
  assert.deepEqual(told, ['down']);
});

test('a WebSocket that is lost during the claim is one more attempt', async () => {
  const { wire } = await up();
  wire().close();
  await settle();
  timers.tick(1000);
  wire().open();
  await settle();
  wire().close();
  await settle();
  timers.tick(2000);
  assert.equal(FakeWebSocket.made.length, 3);
  assert.deepEqual(told, ['down']);
});

test('a session that the server does not know any more is lost', async () => {
  const { wire } = await up();
  wire().close();
  await settle();
  timers.tick(1000);
  wire().open();
  await settle();
  accept(wire(), 'claim', { janus: 'error', error: { code: 458, reason: 'No such session' } });
  await settle();
  assert.deepEqual(told, ['down', 'lost: No such session']);
  timers.tick(60_000);
  assert.equal(FakeWebSocket.made.length, 2);
});

test('so is one whose keep-alive is refused, or that timed out', async () => {
  const { wire } = await up();
  timers.tick(5000);
  accept(wire(), 'keepalive', { janus: 'error', error: { code: 458, reason: 'No such session' } });
  await settle();
  assert.deepEqual(told, ['lost: No such session']);
  const second = await up();
  second.wire().receive({ janus: 'timeout', session_id: second.session.id });
  assert.deepEqual(told, ['lost: No such session', 'lost: the session timed out']);
});

test('a WebSocket that is lost before there is a session is the end', async () => {
  const { wire } = start();
  wire().close();
  await settle();
  assert.deepEqual(told, ['lost: the connection to the server was lost']);
});

test('a keep-alive every 5 s; one that stays unanswered ends the WebSocket', async () => {
  const { wire } = await up();
  timers.tick(5000);
  assert.equal(wire().sent.filter(({ janus }) => janus === 'keepalive').length, 1);
  accept(wire(), 'keepalive', { janus: 'ack' });
  timers.tick(15_000);
  await settle();
  assert.deepEqual(told, ['down']);
});

test('check asks at once and waits 2 s', async () => {
  await up();
  session.check();
  timers.tick(2000);
  await settle();
  assert.deepEqual(told, ['down']);
});

test('check does not wait for the next attempt, nor disturb one', async () => {
  const { wire } = await up();
  wire().close();
  await settle();
  session.check();
  assert.equal(FakeWebSocket.made.length, 2);
  session.check();
  timers.tick(5000);
  assert.equal(FakeWebSocket.made.length, 2);
});

test('after sync the numbers go on where the server is', async () => {
  const { wire } = await up();
  const attaching = session.attach('janus.plugin.buzz', () => {});
  accept(wire(), 'attach', { janus: 'success', data: { id: 7 } });
  const handle = await attaching;
  handle.message({ request: 'publish' }).catch(() => {});
  const syncing = handle.sync({ request: 'sync' });
  assert.deepEqual(wire().sent.at(-1).body, { request: 'sync' }, 'without a number');
  accept(wire(), 'message', { janus: 'event', plugindata: { data: { buzz: 'synced', next_seq: 9 } } });
  await syncing;
  handle.message({ request: 'publish' }).catch(() => {});
  assert.equal(wire().sent.at(-1).body.seq, 9);
});

test('destroy says so; nothing is tried afterwards', async () => {
  const { wire } = await up();
  session.destroy();
  await settle();
  assert.equal(wire().sent.at(-1).janus, 'destroy');
  timers.tick(60_000);
  assert.deepEqual([told, FakeWebSocket.made.length], [[], 1]);
});
