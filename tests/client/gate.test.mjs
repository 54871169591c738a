// SPDX-License-Identifier: GPL-3.0-only
// Requests wait while the session is down.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGate } from '../../html/js/room/gate.js';
import { settle } from './fakes.mjs';

function guarded() {
  const sent = [];
  const gate = createGate();
  const send = (name) => async () => sent.push(name);
  const handle = gate.guard({ id: 7, message: send('message'), trickle: send('trickle'), detach: send('detach'), sync: send('sync') });
  return { gate, handle, sent };
}

test('an open gate lets everything through', async () => {
  const { handle, sent } = guarded();
  await handle.message({});
  await handle.detach();
  assert.deepEqual([sent, handle.id], [['message', 'detach'], 7]);
});

test('a closed one holds all but sync, and keeps the order', async () => {
  const { gate, handle, sent } = guarded();
  gate.close();
  handle.message({});
  handle.trickle(null);
  handle.detach();
  handle.sync({});
  await settle();
  assert.deepEqual(sent, ['sync']);
  gate.open();
  await settle();
  assert.deepEqual(sent, ['sync', 'message', 'trickle', 'detach']);
});

test('what waits outlives a second loss', async () => {
  const { gate, handle, sent } = guarded();
  gate.close();
  handle.message({});
  gate.close();
  gate.open();
  await settle();
  assert.deepEqual(sent, ['message']);
});
