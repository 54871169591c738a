// SPDX-License-Identifier: GPL-3.0-only
// SUBs for a single participant: each has its own streams, offers and end, beside SUBs for everybody.

import assert from 'node:assert/strict';
import test from 'node:test';
import { CAMERA, MICROPHONE, newLink, Participant } from '../lib/client.mjs';
import { janusForThisFile } from '../lib/janus.mjs';
import { sleep } from '../lib/process.mjs';
import { inWords, makeAnswer } from '../lib/sdp.mjs';

const QUIET_MS = 300;

const janus = await janusForThisFile({ settings: { rooms: { linger: 0 } } });

let rooms = 0;

function newRoom(t) {
  const room = `peer/${++rooms}`;
  const people = [];
  t.after(() => Promise.all(people.map((one) => one.drop())));
  return async (display, streams = [], options = {}) => {
    const one = await Participant.join(janus.url, { room, display, streams, watch: false, ...options });
    people.push(one);
    return one;
  };
}

/** Asks for a SUB that carries only this participant. */
async function ask(viewer, from, fields = {}) {
  const [sub] = await viewer.connection.attach(1);
  const body = { request: 'subscribe', ...viewer.room, id: viewer.id, seat: viewer.seat, from, ...fields };
  return { sub, ...(await sub.request(body)) };
}

/** The same, offered and answered: {sub, sdp, slots}. */
async function watch(viewer, from) {
  const { sub, data } = await ask(viewer, from);
  assert.deepEqual(data, { buzz: 'subscribed', id: viewer.id, from });
  const { data: offer, jsep } = await sub.next('offer');
  const { data: slots } = await sub.next('slots');
  const answered = await sub.request({ request: 'answer', version: offer.version }, makeAnswer(jsep.sdp));
  assert.equal(answered.data.buzz, 'answered');
  return { sub, sdp: jsep.sdp, slots: slots.slots };
}

const shown = ({ data }) => data.slots.map(({ participant, stream }) => `${participant} ${stream}`);

test('four others, four connections: each shows its own, negotiates and grows on its own', { timeout: 30000 }, async (t) => {
  const join = newRoom(t);
  const others = [];
  for (const name of ['Ada', 'Grace', 'Mary', 'Joan']) others.push(await join(name, [MICROPHONE, CAMERA]));
  const viewer = await join('Viewer');
  const watched = [];
  for (const one of others) watched.push(await watch(viewer, one.id));
  for (const [i, { slots, sdp }] of watched.entries()) {
    assert.deepEqual(slots.map(({ participant, stream }) => `${participant} ${stream}`), [`${others[i].id} mic`, `${others[i].id} cam`]);
    assert.equal(inWords(sdp), '2 audio, 2 video, sendonly');
  }
  const screens = [1, 2, 3].map((n) => ({ stream: `screen${n}`, kind: 'screen', mid: String(n + 1) }));
  await others[0].publish([MICROPHONE, CAMERA, screens[0]]);
  assert.equal((await watched[0].sub.next('slots')).data.slots.length, 3);
  assert.equal(watched[0].sub.all('offer').length, 1, 'one was to spare');
  await others[0].publish([MICROPHONE, CAMERA, ...screens]);
  const { data: offer, jsep } = await watched[0].sub.next({ buzz: 'offer', version: 2 });
  assert.equal(inWords(jsep.sdp), '2 audio, 6 video, sendonly');
  await watched[0].sub.request({ request: 'answer', version: offer.version }, makeAnswer(jsep.sdp));
  await watched[0].sub.next((event) => event.data.buzz === 'slots' && event.data.slots.length === 5);
  await sleep(QUIET_MS);
  for (const { sub } of watched.slice(1)) assert.deepEqual(sub.pending(), []);
});

test('when that participant leaves, the SUB is told why and ends; the others go on', { timeout: 30000 }, async (t) => {
  const join = newRoom(t);
  const [ada, grace] = [await join('Ada', [MICROPHONE]), await join('Grace', [MICROPHONE])];
  const viewer = await join('Viewer');
  const [first, second] = [await watch(viewer, ada.id), await watch(viewer, grace.id)];
  await ada.leave();
  assert.deepEqual((await first.sub.next('ended')).data, { buzz: 'ended', participant: ada.id, reason: 'leave' });
  assert.equal((await first.sub.request({ request: 'leave' })).data.error_code, 440, 'a handle is used once');
  assert.deepEqual(second.sub.pending(), []);
  await grace.publish([MICROPHONE, CAMERA]);
  assert.deepEqual(shown(await second.sub.next('slots')), [`${grace.id} mic`, `${grace.id} cam`]);
  await grace.drop();
  const { reason } = (await viewer.pub.next({ buzz: 'left', participant: grace.id })).data;
  assert.deepEqual((await second.sub.next('ended')).data, { buzz: 'ended', participant: grace.id, reason });
});

test('one is restarted, and one is closed, without the others noticing', { timeout: 30000 }, async (t) => {
  const join = newRoom(t);
  const others = [await join('Ada', [MICROPHONE]), await join('Grace', [MICROPHONE]), await join('Mary', [MICROPHONE])];
  const viewer = await join('Viewer');
  const watched = [];
  for (const one of others) watched.push(await watch(viewer, one.id));
  const [first, second, third] = watched;
  const ufrag = (sdp) => /a=ice-ufrag:(\S+)/.exec(sdp)[1];
  assert.equal((await first.sub.request({ request: 'restart' })).data.buzz, 'restarting');
  const { data, jsep } = await first.sub.next({ buzz: 'offer', version: 2 });
  assert.notEqual(ufrag(jsep.sdp), ufrag(first.sdp));
  assert.equal((await first.sub.request({ request: 'answer', version: data.version }, makeAnswer(jsep.sdp))).data.buzz, 'answered');
  await second.sub.detach();
  await sleep(QUIET_MS);
  assert.deepEqual(third.sub.pending(), []);
  await others[2].publish([MICROPHONE, CAMERA]);
  assert.deepEqual(shown(await third.sub.next('slots')), [`${others[2].id} mic`, `${others[2].id} cam`]);
  await others[0].publish([MICROPHONE, CAMERA]);
  assert.deepEqual(shown(await first.sub.next('slots')), [`${others[0].id} mic`, `${others[0].id} cam`]);
});

test('both topologies in one room, and of one participant', { timeout: 30000 }, async (t) => {
  const join = newRoom(t);
  const ada = await join('Ada', [MICROPHONE, CAMERA], { watch: true });
  const grace = await join('Grace', [MICROPHONE, CAMERA]);
  const { sub } = await watch(grace, ada.id);
  await ada.slotsFit(({ slots }) => slots.length === 2);
  const { sub: own } = await watch(ada, grace.id);
  await grace.publish([MICROPHONE]);
  await ada.slotsFit(({ slots }) => slots.length === 1);
  assert.deepEqual(shown(await own.next('slots')), [`${grace.id} mic`]);
  await ada.publish([CAMERA]);
  assert.deepEqual(shown(await sub.next('slots')), [`${ada.id} cam`]);
  assert.equal(ada.offers, 1);
});

test('who is not there, oneself, and one twice are refused; after the end there may be another', { timeout: 30000 }, async (t) => {
  const join = newRoom(t);
  const [ada, grace] = [await join('Ada', [MICROPHONE]), await join('Grace')];
  const away = await newRoom(t)('Away', [MICROPHONE]);
  for (const from of ['nobody', away.id]) assert.equal((await ask(grace, from)).data.error_code, 442);
  const self = (await ask(grace, grace.id)).data;
  assert.deepEqual([self.error_code, self.field], [432, 'from']);
  const { sub } = await watch(grace, ada.id);
  assert.equal((await ask(grace, ada.id)).data.error_code, 440);
  assert.equal((await ask(grace, ada.id, { seat: ada.seat })).data.error_code, 443);
  await sub.detach();
  await sleep(QUIET_MS);
  await watch(grace, ada.id);
});

test('it may wait for its join like any other', { timeout: 20000 }, async (t) => {
  const join = newRoom(t);
  const ada = await join('Ada', [MICROPHONE]);
  const [pub, good, bad] = await ada.connection.attach(3);
  const link = newLink();
  const subscribe = { request: 'subscribe', ...ada.room, link };
  const waiting = [good.request({ ...subscribe, from: ada.id }), bad.request({ ...subscribe, from: 'nobody' })];
  await sleep(QUIET_MS);
  const { data } = await pub.request({ request: 'join', ...ada.room, display: 'Late', link });
  const [first, second] = await Promise.all(waiting);
  assert.deepEqual(first.data, { buzz: 'subscribed', id: data.id, from: ada.id });
  assert.equal(second.data.error_code, 442);
});

test('as many as there are participants', { timeout: 60000 }, async (t) => {
  const join = newRoom(t);
  const others = [];
  for (let i = 0; i < 12; i++) others.push(await join(`P${i}`, [MICROPHONE]));
  const viewer = await join('Viewer', [], { watch: true });
  for (const one of others) await watch(viewer, one.id);
  assert.equal(viewer.slots.slots.length, 12);
});
