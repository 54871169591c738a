// SPDX-License-Identifier: GPL-3.0-only
// Every malformed request of tests/data/bad-requests.json is refused with its number and its field, on a fresh handle
// and on handles in use; nobody else notices and nothing changes.

import assert from 'node:assert/strict';
import test from 'node:test';
import { badRequests, goodRequests } from '../lib/bad-requests.mjs';
import { Connection, JanusError, MICROPHONE, Participant } from '../lib/client.mjs';
import { janusForThisFile } from '../lib/janus.mjs';
import { sleep } from '../lib/process.mjs';

const QUIET_MS = 300;
const ROWS = badRequests();
const room = { tenant: goodRequests().join.tenant, room: goodRequests().join.room };

const janus = await janusForThisFile();

/** The refusal of one row on this handle. */
async function refusal(handle, { body, rewrite }) {
  try {
    return (await handle.answer(handle.post(body, undefined, rewrite))).data;
  } catch (error) {
    if (error instanceof JanusError) return { core: error.code };
    throw error;
  }
}

async function expectRefused(handle, row) {
  const data = await refusal(handle, row);
  if (row.core) {
    assert.ok(data.core, `${row.name}: ${JSON.stringify(data)}`);
    return;
  }
  assert.equal(data.buzz, 'error', `${row.name}: ${JSON.stringify(data)}`);
  assert.equal(data.error_code, row.error_code, `${row.name}: ${JSON.stringify(data)}`);
  assert.equal(data.field ?? '', row.field, `${row.name}: ${JSON.stringify(data)}`);
  assert.ok(data.error.includes(row.field), `${row.name}: the text names the field: ${data.error}`);
}

test(`${ROWS.length} malformed requests`, { timeout: 120000 }, async (t) => {
  const witness = await Participant.join(janus.url, { ...room, display: 'Witness', streams: [MICROPHONE] });
  const member = await Participant.join(janus.url, { ...room, display: 'Member', streams: [MICROPHONE] });
  const connection = await Connection.open(janus.url);
  t.after(() => Promise.all([witness.drop(), member.drop(), connection.drop()]));
  await witness.pub.next('joined');
  await witness.slotsFit(({ slots }) => slots.length === 1);
  witness.sub.skip();
  const [fresh] = await connection.attach(1);
  const places = [['a fresh handle', fresh], ['PUB of a member', member.pub], ['SUB of a member', member.sub]];

  for (const [name, handle] of places) {
    await t.test(`on ${name}`, async () => {
      for (const row of ROWS) await expectRefused(handle, row);
    });
  }

  await t.test('nobody noticed', async () => {
    await sleep(QUIET_MS);
    assert.deepEqual(witness.pub.pending(), []);
    assert.deepEqual(witness.sub.pending(), []);
    assert.deepEqual(connection.strays, []);
  });

  await t.test('and nothing changed: the handle can still join, and sees who was there', async () => {
    const { data } = await fresh.request({ request: 'join', v: 1, ...room, display: 'Late' });
    assert.equal(data.buzz, 'joined');
    assert.deepEqual(data.participants.map(({ display, streams }) => [display, streams.length]), [['Witness', 1], ['Member', 1]]);
  });
});
