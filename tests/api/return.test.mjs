// SPDX-License-Identifier: GPL-3.0-only
// Coming back: seats, and sessions that are claimed over another WebSocket.

import assert from 'node:assert/strict';
import test from 'node:test';
import { CAMERA, JanusError, MICROPHONE, newLink, Participant, whoIsIn } from '../lib/client.mjs';
import { janusForThisFile } from '../lib/janus.mjs';
import { sleep } from '../lib/process.mjs';

const SEAT_MS = 1500;
const QUIET_MS = 300;
const NO_SUCH_SESSION = 458; // Janus's own

const janus = await janusForThisFile({ settings: { liveness: { seat: SEAT_MS / 1000 } }, reclaim: 20 });

/** Somebody in a room of this test's own; gone when it ends. */
async function somebody(t, options = {}) {
  const one = await Participant.join(janus.url, { room: `return/${t.name}`.slice(0, 60), ...options });
  t.after(() => one.drop());
  return one;
}

/** Joins with the seat of somebody. */
const again = (t, { id, seat }, options = {}) => somebody(t, { come: { id, seat }, ...options });

/** What a join with these fields is refused with. */
async function refusal(one, fields) {
  const [handle] = await one.connection.attach(1);
  const { data } = await handle.request({ request: 'join', ...one.room, display: 'Mallory', link: newLink(), ...fields });
  return data.error_code;
}

const listOf = async (one) => (await whoIsIn(janus.url, one.room)).map(({ id, interrupted, reason }) => [id, interrupted, reason]);

test('whose handle ended is away, and comes back in its place with its streams in their slots', { timeout: 20000 }, async (t) => {
  const witness = await somebody(t, { display: 'Witness' });
  const ada = await somebody(t, { streams: [MICROPHONE, CAMERA] });
  const grace = await somebody(t, { display: 'Grace' });
  const before = await witness.slotsFit(({ slots }) => slots.length === 2);
  const offers = witness.offers;
  await ada.connection.destroy();
  assert.deepEqual((await witness.pub.next('interrupted', 1000)).data, { buzz: 'interrupted', participant: ada.id, reason: 'away' });
  assert.deepEqual(await listOf(ada), [[witness.id, false, undefined], [ada.id, true, 'away'], [grace.id, false, undefined]]);
  const back = await again(t, ada, { streams: [MICROPHONE, CAMERA] });
  assert.equal(back.id, ada.id);
  assert.notEqual(back.seat, ada.seat);
  assert.deepEqual(back.joined.participants.map(({ id }) => id), [witness.id, grace.id]);
  assert.deepEqual((await witness.pub.next('resumed', 1000)).data, { buzz: 'resumed', participant: ada.id });
  await sleep(SEAT_MS + QUIET_MS);
  assert.deepEqual(await listOf(ada), [[witness.id, false, undefined], [ada.id, false, undefined], [grace.id, false, undefined]]);
  assert.deepEqual(witness.slots, before, 'the same slots');
  assert.equal(witness.offers, offers, 'no new offer');
  for (const name of ['left', 'streams']) assert.deepEqual(witness.pub.all(name).filter(({ data }) => data.participant === ada.id), [], name);
});

test('coming back with other streams tells the others the new list', { timeout: 20000 }, async (t) => {
  const witness = await somebody(t, { display: 'Witness' });
  const ada = await somebody(t, { streams: [MICROPHONE, CAMERA] });
  await witness.slotsFit(({ slots }) => slots.length === 2);
  await ada.connection.destroy();
  await witness.pub.next('interrupted');
  await again(t, ada, { streams: [MICROPHONE] });
  const { data } = await witness.pub.next('streams', 1000);
  assert.deepEqual([data.participant, data.streams.map(({ stream }) => stream)], [ada.id, ['mic']]);
  await witness.pub.next('resumed', 1000);
  await witness.slotsFit(({ slots }) => slots.length === 1 && slots[0].mid === 'a0');
});

test('whoever does not come back has left after the time of its seat', { timeout: 20000 }, async (t) => {
  const witness = await somebody(t, { display: 'Witness' });
  const ada = await somebody(t, { streams: [MICROPHONE] });
  await ada.connection.destroy();
  await witness.pub.next('interrupted');
  const started = performance.now();
  const { data } = await witness.pub.next('left', SEAT_MS + 1000);
  const took = performance.now() - started;
  assert.deepEqual(data, { buzz: 'left', participant: ada.id, reason: 'gone' });
  assert.ok(took > SEAT_MS - 300 && took < SEAT_MS + 500, `after ${Math.round(took)} ms`);
  const back = await again(t, ada);
  assert.notEqual(back.id, ada.id, 'too late: an ordinary join');
});

test('a seat is taken with its own secret only, and that once', { timeout: 20000 }, async (t) => {
  const ada = await somebody(t, { streams: [MICROPHONE] });
  const grace = await somebody(t, { display: 'Grace' });
  const wrong = `${ada.seat.slice(0, -1)}${ada.seat.endsWith('a') ? 'b' : 'a'}`;
  assert.equal(await refusal(grace, { id: ada.id, seat: wrong }), 443, 'a wrong secret');
  assert.equal(await refusal(grace, { id: ada.id, seat: grace.seat }), 443, 'somebody else’s');
  assert.equal(await refusal(grace, { id: ada.id, seat: ada.seat.slice(0, 8) }), 443, 'a part of it');
  assert.equal(await refusal(grace, { id: ada.id }), 431, 'none');
  assert.equal(await refusal(grace, { seat: ada.seat }), 431, 'a seat without an id');
  assert.deepEqual(grace.pub.all('streams'), [], 'nothing has happened to Ada');
  const back = await again(t, ada, { streams: [MICROPHONE] });
  assert.equal(await refusal(grace, { id: ada.id, seat: ada.seat }), 443, 'an old secret');
  const subscribe = { request: 'subscribe', ...ada.room, id: ada.id, seat: ada.seat };
  const [handle] = await grace.connection.attach(1);
  assert.equal((await handle.request(subscribe)).data.error_code, 443, 'an old secret for a SUB');
  assert.equal((await handle.request({ ...subscribe, seat: back.seat })).data.buzz, 'subscribed');
});

test('the one whose seat is taken over is told, and its handles are of no use', { timeout: 20000 }, async (t) => {
  const witness = await somebody(t, { display: 'Witness' });
  const ada = await somebody(t, { streams: [MICROPHONE] });
  const back = await again(t, ada, { streams: [MICROPHONE] });
  assert.deepEqual((await ada.pub.next('left', 1000)).data, { buzz: 'left', participant: ada.id, reason: 'replaced' });
  assert.equal((await ada.leave()).data.error_code, 440);
  await ada.connection.destroy();
  await sleep(QUIET_MS);
  for (const name of ['left', 'interrupted', 'resumed']) assert.deepEqual(witness.pub.all(name), [], name);
  assert.equal((await back.leave()).data.reason, 'leave');
});

test('of two who come back at once, one has the seat', { timeout: 20000 }, async (t) => {
  const ada = await somebody(t);
  const fields = { id: ada.id, seat: ada.seat };
  const join = { request: 'join', ...ada.room, display: 'Ada', ...fields };
  const handles = await ada.connection.attach(2);
  const answers = await Promise.all(handles.map((handle) => handle.request({ ...join, link: newLink() })));
  assert.deepEqual(answers.map(({ data }) => data.error_code ?? data.id).sort(), [443, ada.id].sort());
  assert.deepEqual(await listOf(ada), [[ada.id, false, undefined]]);
});

test('while somebody is away, nobody subscribes for them, and a full room keeps their place', { timeout: 20000 }, async (t) => {
  const witness = await somebody(t);
  const ada = await somebody(t);
  await ada.connection.destroy();
  await witness.pub.next('interrupted');
  const [handle] = await witness.connection.attach(1);
  const { data } = await handle.request({ request: 'subscribe', ...ada.room, id: ada.id, seat: ada.seat });
  assert.equal(data.error_code, 440);
});

test('who says goodbye has left at once', { timeout: 20000 }, async (t) => {
  const witness = await somebody(t, { display: 'Witness' });
  const ada = await somebody(t);
  await ada.leave();
  assert.equal((await witness.pub.next('left', 500)).data.reason, 'leave');
  const back = await again(t, ada);
  assert.notEqual(back.id, ada.id);
});

test('a claimed session goes on where it was, and learns what it missed', { timeout: 20000 }, async (t) => {
  const grace = await somebody(t, { display: 'Grace' });
  const ada = await somebody(t, { streams: [MICROPHONE] });
  await grace.slotsFit(({ slots }) => slots.length === 1);
  await grace.connection.vanish();
  await sleep(QUIET_MS);
  await ada.publish([MICROPHONE, CAMERA]);
  const mary = await somebody(t, { display: 'Mary', streams: [MICROPHONE] });
  await sleep(QUIET_MS);
  for (const name of ['left', 'interrupted']) assert.deepEqual(ada.pub.all(name), [], `others see no ${name}`);
  grace.connection = await grace.connection.reopen();
  t.after(() => grace.connection.drop());
  assert.equal(grace.pub.all('joined').length, 2, 'Janus has dropped what came meanwhile');
  const { data } = await grace.pub.request({ request: 'sync' });
  assert.equal(data.buzz, 'synced');
  assert.deepEqual([data.id, data.seat, data.tenant, data.room], [grace.id, grace.seat, grace.room.tenant, grace.joined.room]);
  assert.deepEqual(data.participants.map(({ id, streams }) => [id, streams.map(({ stream }) => stream)]), [
    [ada.id, ['mic', 'cam']],
    [mary.id, ['mic']],
  ]);
  assert.deepEqual((await grace.sub.request({ request: 'sync' })).data, { buzz: 'synced', id: grace.id, next_seq: 1 });
  await grace.slotsFit(({ slots }) => slots.length === 3);
  await ada.leave();
  await grace.pub.next({ buzz: 'left', participant: ada.id });
});

test('sync tells the next number, whatever was lost', { timeout: 20000 }, async (t) => {
  const ada = await somebody(t, { watch: false });
  const [handle] = await ada.connection.attach(1);
  const join = { request: 'join', ...ada.room, display: 'Numbered' };
  await handle.numbered(join);
  const late = handle.post({ request: 'publish', streams: [], seq: 4 }); // 2 and 3 were lost
  await sleep(100);
  const { data } = await handle.request({ request: 'sync' });
  assert.equal((await handle.answer(late)).data.buzz, 'published', 'what had arrived was done first');
  assert.equal(data.next_seq, 5);
  assert.equal((await handle.request({ request: 'publish', streams: [], seq: 5 }, undefined, 1000)).data.buzz, 'published');
});

test('sync on SUB brings the open offer again', { timeout: 20000 }, async (t) => {
  const ada = await somebody(t, { answers: false });
  const first = await ada.sub.next('offer');
  await ada.sub.request({ request: 'sync' });
  const second = await ada.sub.next('offer', 500);
  assert.deepEqual([second.data, second.jsep], [first.data, first.jsep]);
  await ada.answerOffer(second);
  await ada.sub.next('answered');
  await ada.sub.request({ request: 'sync' });
  await sleep(QUIET_MS);
  assert.equal(ada.sub.all('offer').length, 2, 'nothing is open any more');
});

test('sync before join or subscribe is refused', { timeout: 20000 }, async (t) => {
  const ada = await somebody(t, { watch: false });
  const [handle] = await ada.connection.attach(1);
  assert.equal((await handle.request({ request: 'sync' })).data.error_code, 440);
});

test('a session that nobody had cannot be claimed', { timeout: 20000 }, async (t) => {
  const ada = await somebody(t);
  await ada.connection.destroy();
  await assert.rejects(ada.connection.reopen(), (error) => error instanceof JanusError && error.code === NO_SUCH_SESSION);
});

const ufrag = ({ jsep }) => /a=ice-ufrag:(\S+)/.exec(jsep.sdp)[1];

test('restart offers SUB again with new ICE credentials', { timeout: 20000 }, async (t) => {
  const ada = await somebody(t);
  const first = ada.sub.all('offer')[0];
  assert.deepEqual((await ada.sub.request({ request: 'restart' })).data, { buzz: 'restarting' });
  const second = await ada.sub.next({ buzz: 'offer', version: 2 });
  assert.equal(second.jsep.restart, undefined, 'the flag is between plugin and core');
  assert.notEqual(ufrag(second), ufrag(first));
  await ada.sub.next({ buzz: 'answered', version: 2 });
  assert.equal((await ada.pub.request({ request: 'restart' })).data.error_code, 440, 'on PUB the client offers');
});

test('restart while an offer is out is folded into the next', { timeout: 20000 }, async (t) => {
  const ada = await somebody(t, { answers: false });
  const first = await ada.sub.next('offer');
  await ada.sub.request({ request: 'restart' });
  await ada.sub.request({ request: 'restart' });
  await sleep(QUIET_MS);
  assert.equal(ada.sub.all('offer').length, 1);
  await ada.answerOffer(first);
  const second = await ada.sub.next({ buzz: 'offer', version: 2 }, 1000);
  assert.notEqual(ufrag(second), ufrag(first));
  await ada.answerOffer(second);
  await ada.sub.next({ buzz: 'answered', version: 2 });
});
