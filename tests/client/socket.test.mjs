// SPDX-License-Identifier: GPL-3.0-only
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createSocket, JanusError, SocketError } from '../../html/js/janus/socket.js';
import { FakeWebSocket, settle } from './fakes.mjs';

let unasked;
let ends;
/** Sockets of the test. */
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
