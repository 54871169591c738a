// SPDX-License-Identifier: GPL-3.0-only
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createSocket, JanusError, SocketError } from '../../html/js/janus/socket.js';
import { createSession } from '../../html/js/janus/session.js';
import { PluginError } from '../../html/js/janus/handle.js';
import { FakeWebSocket, settle } from './fakes.mjs';

let unasked;
let ends;
/** Sockets and sessions of the test; a session's timer would keep the process alive. */
let open;

/** @param {number} [timeoutMs] */
function connect(timeoutMs) {
  const socket = createSocket({
    url: 'ws://x/_/janus',
    WebSocketClass: FakeWebSocket,
    timeoutMs,
    onMessage: (message) => unasked.push(message),
    onClose: (error) => ends.push(error.message),
  });
  open.push(socket.close);
  return { socket, wire: FakeWebSocket.made.at(-1) };
}

/** @param {import('../../html/js/janus/socket.js').Socket} socket */
function openSession(socket) {
  const session = createSession(socket, () => {});
  open.push(session.stop);
  return session;
}

beforeEach(() => {
  unasked = [];
  ends = [];
  open = [];
});

afterEach(() => open.forEach((close) => close()));

test('speaks janus-protocol', () => {
  const { wire } = connect();
  assert.equal(wire.protocol, 'janus-protocol');
});

test('pairs replies with requests whatever their order', async () => {
  const { socket, wire } = connect();
  wire.open();
  await socket.opened;
  const first = socket.request({ janus: 'attach' });
  const second = socket.request({ janus: 'attach' });
  const [one, two] = wire.sent.map(({ transaction }) => transaction);
  assert.notEqual(one, two);
  wire.receive({ janus: 'success', transaction: two, data: { id: 2 } });
  wire.receive({ janus: 'success', transaction: one, data: { id: 1 } });
  assert.equal((await first).data.id, 1);
  assert.equal((await second).data.id, 2);
});

test('an ack concludes a keepalive, but not a message', async () => {
  const { socket, wire } = connect();
  let concluded = false;
  const alive = socket.request({ janus: 'keepalive' });
  const message = socket.request({ janus: 'message' }).then((reply) => {
    concluded = true;
    return reply;
  });
  for (const { transaction } of [...wire.sent]) wire.receive({ janus: 'ack', transaction });
  assert.equal((await alive).janus, 'ack');
  await settle();
  assert.equal(concluded, false);
  wire.receive({ janus: 'event', transaction: wire.sent[1].transaction });
  assert.equal((await message).janus, 'event');
});

test('a Janus error rejects with its code', async () => {
  const { socket, wire } = connect();
  const request = socket.request({ janus: 'attach' });
  wire.receive({
    janus: 'error',
    transaction: wire.sent[0].transaction,
    error: { code: 460, reason: 'No such plugin' },
  });
  await assert.rejects(request, (error) => error instanceof JanusError && error.code === 460);
});

test('what nobody asked for goes to onMessage, also with an unknown transaction', () => {
  const { wire } = connect();
  wire.receive({ janus: 'hangup', sender: 5 });
  wire.receive({ janus: 'event', sender: 5, transaction: 'somebody else’s' });
  assert.deepEqual(
    unasked.map(({ janus }) => janus),
    ['hangup', 'event'],
  );
});

test('the end rejects all that is pending and is told once', async () => {
  const { socket, wire } = connect();
  const one = socket.request({ janus: 'attach' });
  const two = socket.request({ janus: 'attach' });
  wire.close();
  await assert.rejects(one, SocketError);
  await assert.rejects(two, SocketError);
  await assert.rejects(socket.request({ janus: 'attach' }), SocketError);
  assert.deepEqual(ends, ['the connection to the server was lost']);
});

test('a socket that never opens rejects', async () => {
  const { socket, wire } = connect();
  wire.close();
  await assert.rejects(socket.opened, SocketError);
});

test('closing it oneself is not told', async () => {
  const { socket, wire } = connect();
  wire.open();
  socket.close();
  await settle();
  assert.equal(wire.closed, true);
  assert.deepEqual(ends, []);
});

test('a server that stays silent is gone', async () => {
  const { socket, wire } = connect(20);
  wire.open();
  await assert.rejects(socket.request({ janus: 'message' }), /does not reply/);
  assert.equal(wire.closed, true);
  assert.deepEqual(ends, ['the server does not reply']);
});

test('create and two attach leave in one flight, and handles number their requests', async () => {
  const { socket, wire } = connect();
  const session = openSession(socket);
  const heard = [];
  const created = session.create();
  const attaching = Promise.all([1, 2].map((which) => session.attach('janus.plugin.buzz', () => heard.push(which))));
  assert.deepEqual(
    wire.sent.map(({ janus }) => janus),
    ['create', 'attach', 'attach'],
  );
  assert.ok(Number.isSafeInteger(wire.sent[0].id) && wire.sent[0].id > 0);
  assert.equal(wire.sent[1].session_id, wire.sent[0].id);
  wire.sent
    .slice(0, 3)
    .forEach(({ transaction }, index) => wire.receive({ janus: 'success', transaction, data: { id: 10 + index } }));
  await created;
  const [pub, sub] = await attaching;

  const answer = pub.message({ request: 'join' });
  pub.message({ request: 'publish' }).catch(() => {});
  sub.message({ request: 'subscribe' }).catch(() => {});
  assert.deepEqual(
    wire.sent.slice(3).map(({ handle_id, body }) => [handle_id, body.request, body.seq]),
    [
      [11, 'join', 1],
      [11, 'publish', 2],
      [12, 'subscribe', 1],
    ],
  );
  wire.receive({
    janus: 'event',
    transaction: wire.sent[3].transaction,
    sender: 11,
    plugindata: { data: { buzz: 'error', error_code: 450, error: 'full' } },
  });
  await assert.rejects(answer, (error) => error instanceof PluginError && error.code === 450);

  session.receive({ janus: 'event', session_id: session.id, sender: 12 });
  session.receive({ janus: 'event', session_id: session.id + 1, sender: 11 });
  assert.deepEqual(heard, [2]);
});

test('the end of candidates is told as completed', async () => {
  const { socket, wire } = connect();
  const session = openSession(socket);
  const attaching = session.attach('janus.plugin.buzz', () => {});
  wire.receive({ janus: 'success', transaction: wire.sent[0].transaction, data: { id: 7 } });
  const handle = await attaching;
  handle.trickle({ toJSON: () => ({ candidate: 'candidate:1', sdpMid: '0' }) }).catch(() => {});
  handle.trickle(null).catch(() => {});
  assert.deepEqual(
    wire.sent.slice(1).map(({ candidate }) => candidate),
    [{ candidate: 'candidate:1', sdpMid: '0' }, { completed: true }],
  );
});
