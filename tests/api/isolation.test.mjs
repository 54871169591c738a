// SPDX-License-Identifier: GPL-3.0-only
// A room is its tenant and its path, nothing else: what happens in one is never seen in another.

import assert from 'node:assert/strict';
import test from 'node:test';
import { CAMERA, Connection, MICROPHONE, newLink, Participant, whoIsIn } from '../lib/client.mjs';
import { janusForThisFile } from '../lib/janus.mjs';
import { sleep } from '../lib/process.mjs';

const QUIET_MS = 300;

const janus = await janusForThisFile({ settings: { rooms: { linger: 0 } } });

/** Pairs that must be two rooms. */
const APART = [
  ['two paths', { tenant: 'a.example', room: 'one' }, { tenant: 'a.example', room: 'two' }],
  ['one path of two tenants', { tenant: 'a.example', room: 'one' }, { tenant: 'b.example', room: 'one' }],
  ['a_b and a/b', { tenant: 'a.example', room: 'a_b' }, { tenant: 'a.example', room: 'a/b' }],
  ['tenant and path that read alike when joined', { tenant: 'a.example', room: 'b/c' }, { tenant: 'a.example.b', room: 'c' }],
  ['a path and what is below it', { tenant: 'a.example', room: 'a' }, { tenant: 'a.example', room: 'a/b' }],
  ['paths that differ by a space', { tenant: 'a.example', room: 'a%20b' }, { tenant: 'a.example', room: 'ab' }],
];

/** Pairs that are two ways to write one room. */
const TOGETHER = [
  ['upper and lower case', { tenant: 'School.EXAMPLE', room: 'Maths' }, { tenant: 'school.example', room: 'maths' }],
  ['escaped and plain', { tenant: 'a.example', room: '/caf%C3%A9/' }, { tenant: 'a.example', room: 'café' }],
  ['composed and decomposed', { tenant: 'a.example', room: 'caf\u00e9' }, { tenant: 'a.example', room: 'cafe\u0301' }],
  ['empty segments', { tenant: 'a.example.', room: '//a///b/' }, { tenant: 'a.example', room: 'a/b' }],
];

for (const [name, here, there] of APART) {
  test(`${name} are two rooms`, { timeout: 20000 }, async (t) => {
    const witness = await Participant.join(janus.url, { ...here, display: 'Witness', streams: [MICROPHONE, CAMERA] });
    t.after(() => witness.drop());
    witness.pub.skip();
    witness.sub.skip();
    const other = await Participant.join(janus.url, { ...there, display: 'Other', streams: [MICROPHONE, CAMERA] });
    assert.deepEqual(other.joined.participants, []);
    await other.publish([MICROPHONE]);
    await other.leave();
    await other.drop();
    const last = await Participant.join(janus.url, { ...there, display: 'Last' });
    await last.drop();
    await sleep(QUIET_MS);
    assert.deepEqual(witness.pub.pending(), []);
    assert.deepEqual(witness.sub.pending(), []);
  });
}

for (const [name, here, there] of TOGETHER) {
  test(`${name} are one room`, { timeout: 20000 }, async (t) => {
    const first = await Participant.join(janus.url, { ...here, display: 'First' });
    t.after(() => first.drop());
    const second = await Participant.join(janus.url, { ...there, display: 'Second' });
    t.after(() => second.drop());
    assert.deepEqual(second.joined.participants.map(({ id }) => id), [first.id]);
    assert.equal((await first.pub.next('joined')).data.participant.id, second.id);
  });
}

test('nobody subscribes with what belongs to somebody else', { timeout: 20000 }, async (t) => {
  const ada = await Participant.join(janus.url, { streams: [MICROPHONE, CAMERA] });
  const grace = await Participant.join(janus.url, { display: 'Grace' });
  const far = await Participant.join(janus.url, { room: 'elsewhere', display: 'Far' });
  t.after(() => Promise.all([ada.drop(), grace.drop(), far.drop()]));
  const rows = [
    ['a wrong seat', { ...ada.room, id: ada.id, seat: `${ada.seat.slice(0, -1)}${ada.seat.endsWith('A') ? 'B' : 'A'}` }, 443],
    ['a seat that is too short', { ...ada.room, id: ada.id, seat: ada.seat.slice(0, -1) }, 443],
    ["somebody else's seat", { ...ada.room, id: ada.id, seat: grace.seat }, 443],
    ['an unknown id', { ...ada.room, id: 'nobody', seat: ada.seat }, 442],
    ['the id and seat of another room', { ...ada.room, id: far.id, seat: far.seat }, 442],
    ['the right id and seat in another room', { ...far.room, id: ada.id, seat: ada.seat }, 442],
  ];
  for (const [name, fields, code] of rows) {
    const connection = await Connection.open(janus.url);
    const [sub] = await connection.attach(1);
    const { data } = await sub.request({ request: 'subscribe', v: 1, ...fields });
    assert.equal(data.error_code, code, `${name}: ${JSON.stringify(data)}`);
    await sleep(20);
    assert.deepEqual(sub.pending(), [], `${name}: nothing follows the refusal`);
    await connection.drop();
  }
});

test('a link that no join brings is refused in the end, and that of another room finds nobody', { timeout: 30000 }, async (t) => {
  const connection = await Connection.open(janus.url);
  t.after(() => connection.drop());
  const [pub, sub] = await connection.attach(2);
  const link = newLink();
  const here = { v: 1, tenant: 'a.example', room: 'here' };
  const waiting = sub.request({ request: 'subscribe', ...here, link }, undefined, 14000);
  const started = performance.now();
  const { data: joined } = await pub.request({ request: 'join', ...here, room: 'there', display: 'Ada', link });
  assert.equal(joined.buzz, 'joined');
  const { data } = await waiting;
  const waited = performance.now() - started;
  assert.equal(data.error_code, 442, JSON.stringify(data));
  assert.ok(waited > 9000 && waited < 12500, `refused after ${Math.round(waited)} ms`);
});

test('ids and seats tell nothing and repeat nothing', { timeout: 30000 }, async () => {
  const seen = new Set();
  for (let i = 0; i < 20; i++) {
    const one = await Participant.join(janus.url, { watch: false });
    assert.ok(one.seat.length >= 16 && one.seat !== one.id, `seat ${one.seat}`);
    seen.add(one.id).add(one.seat);
    await one.drop();
  }
  assert.equal(seen.size, 40);
  assert.deepEqual(await whoIsIn(janus.url), []);
});
