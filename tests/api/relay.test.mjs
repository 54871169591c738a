// SPDX-License-Identifier: GPL-3.0-only
// Messages between participants over signalling: who gets them, who is refused, in which order they come, and that a client
// can neither speak as somebody else nor as the server.

import assert from 'node:assert/strict';
import test from 'node:test';
import { MICROPHONE, Participant } from '../lib/client.mjs';
import { janusForThisFile, startJanus } from '../lib/janus.mjs';
import { sleep } from '../lib/process.mjs';

const QUIET_MS = 300;

const janus = await janusForThisFile({ settings: { relay: { rate: 1000, burst: 1000 } } });
const usual = await janusForThisFile();

let rooms = 0;

/** A room of its own for each test: people in it are dropped at the end. */
function newRoom(t, url = janus.url) {
  const room = `relay/${++rooms}`;
  const people = [];
  t.after(() => Promise.all(people.map((one) => one.drop())));
  return async (display, options = {}) => {
    const one = await Participant.join(url, { room, display, watch: false, ...options });
    people.push(one);
    return one;
  };
}

const relayed = (one) => one.pub.all('relay').map(({ data }) => data);
const refused = ({ data }, code) => assert.equal(data.error_code, code, JSON.stringify(data));

test('broadcast, all and direct reach whom they should, with the sender that the server knows', { timeout: 20000 }, async (t) => {
  const join = newRoom(t);
  const [ada, grace, mary] = [await join('Ada'), await join('Grace'), await join('Mary')];
  const data = { text: 'héllo <b>', list: [1, 2.5, null, true], deep: { a: { b: [] } } };

  const first = await ada.pub.request({ request: 'broadcast', event: 'chat:line', data });
  assert.deepEqual(first.data, { buzz: 'relayed', reached: 2 });
  const broadcast = { buzz: 'relay', from: ada.id, how: 'broadcast', event: 'chat:line', data };
  for (const one of [grace, mary]) assert.deepEqual((await one.pub.next('relay')).data, broadcast);

  assert.deepEqual((await grace.pub.request({ request: 'all', event: 'hand' })).data, { buzz: 'relayed', reached: 3 });
  const all = { buzz: 'relay', from: grace.id, how: 'all', event: 'hand', data: null };
  for (const one of [ada, grace, mary]) assert.deepEqual((await one.pub.next('relay')).data, all);

  assert.deepEqual((await mary.pub.request({ request: 'direct', to: ada.id, event: 'psst', data: 7 })).data, { buzz: 'relayed', reached: 1 });
  assert.deepEqual((await ada.pub.next('relay')).data, { buzz: 'relay', from: mary.id, how: 'direct', event: 'psst', data: 7 });
  assert.deepEqual((await mary.pub.request({ request: 'direct', to: mary.id, event: 'note' })).data.reached, 1);
  assert.equal((await mary.pub.next('relay')).data.how, 'direct');

  await sleep(QUIET_MS);
  assert.deepEqual([ada, grace, mary].map((one) => relayed(one).length), [2, 2, 3], 'nobody got what was not for them');
});

test('direct to somebody who is gone, in another room or at another tenant is an error, and nothing arrives', { timeout: 20000 }, async (t) => {
  const join = newRoom(t);
  const ada = await join('Ada');
  const away = await newRoom(t)('Away');
  const foreign = await join('Foreign', { tenant: 'other.example' });
  const gone = await join('Gone');
  await gone.leave();
  for (const to of [away.id, foreign.id, gone.id, 'nobody', ada.seat]) {
    refused(await ada.pub.request({ request: 'direct', to, event: 'x', data: 'secret' }), 442);
  }
  await ada.pub.request({ request: 'broadcast', event: 'x' });
  await ada.pub.request({ request: 'all', event: 'x' });
  await sleep(QUIET_MS);
  for (const one of [away, foreign, gone]) assert.deepEqual(relayed(one), []);
});

test('a forged sender is ignored, and the name of an event of the server arrives only wrapped', { timeout: 30000 }, async (t) => {
  const join = newRoom(t);
  const ada = await join('Ada', { streams: [MICROPHONE] });
  const grace = await join('Grace', { watch: true });
  const mary = await join('Mary');
  await grace.pub.next('joined');
  grace.pub.skip();
  grace.sub.skip();
  const events = [
    'joined', 'left', 'streams', 'slots', 'offer', 'error', 'interrupted', 'published', 'subscribed', 'relay', 'relayed', 'ended',
  ];
  for (const event of events) {
    const data = { buzz: event, participant: ada.id, reason: 'kicked', version: 1, slots: [], streams: [] };
    const body = { request: 'direct', to: grace.id, event, data, from: ada.id, how: 'server', buzz: event, participant: ada.id };
    assert.equal((await mary.pub.request(body)).data.reached, 1);
    const { data: got } = await grace.pub.next(() => true);
    assert.deepEqual(got, { buzz: 'relay', from: mary.id, how: 'direct', event, data });
  }
  await sleep(QUIET_MS);
  assert.deepEqual(grace.pub.pending(), []);
  assert.deepEqual(grace.sub.pending(), []);
});

test('200 numbered messages of one flight arrive in their order', { timeout: 60000 }, async (t) => {
  const join = newRoom(t);
  const [ada, grace] = [await join('Ada'), await join('Grace')];
  // the join was not numbered, so the first number is 1
  const flight = Array.from({ length: 200 }, (_, n) => ada.pub.post({ request: 'broadcast', seq: n + 1, event: 'n', data: n }));
  const answers = await Promise.all(flight.map((transaction) => ada.pub.answer(transaction, 20000)));
  assert.deepEqual(answers.filter(({ data }) => data.buzz !== 'relayed').map(({ data }) => data), []);
  await sleep(QUIET_MS);
  assert.deepEqual(relayed(grace).map(({ data }) => data), Array.from({ length: 200 }, (_, n) => n));
});

test('a megabyte is refused, and the connection goes on', { timeout: 30000 }, async (t) => {
  const join = newRoom(t, usual.url);
  const [ada, grace] = [await join('Ada'), await join('Grace')];
  refused(await ada.pub.request({ request: 'broadcast', event: 'x', data: 'x'.repeat(2 ** 20) }, undefined, 15000), 454);
  refused(await ada.pub.request({ request: 'broadcast', event: 'x', data: 'x'.repeat(16383) }), 454);
  assert.equal((await ada.pub.request({ request: 'broadcast', event: 'x', data: 'x'.repeat(16382) })).data.reached, 1);
  assert.equal((await grace.pub.next('relay')).data.data.length, 16382);
  await sleep(QUIET_MS);
  assert.equal(relayed(grace).length, 1);
  assert.deepEqual([ada.joined.limits.relay, ada.joined.limits.relay_channel], [16384, 60000]);
});

test('1000 messages a second: what is beyond the burst is refused, and a bystander does not notice', { timeout: 60000 }, async (t) => {
  const join = newRoom(t, usual.url);
  const [flooder, victim, bystander] = [await join('Flooder'), await join('Victim'), await join('Bystander')];
  const elsewhere = await newRoom(t, usual.url)('Elsewhere', { streams: [MICROPHONE] });
  const started = performance.now();
  const flood = [];
  const worst = { here: 0, there: 0 };
  for (let sent = 0; sent < 1000; sent += 50) {
    for (let n = 0; n < 50; n++) flood.push(flooder.pub.post({ request: 'direct', to: victim.id, event: 'flood', data: sent + n }));
    const before = performance.now();
    assert.equal((await bystander.pub.request({ request: 'publish', streams: [] })).data.buzz, 'published');
    const between = performance.now();
    await elsewhere.publish([{ ...MICROPHONE, muted: sent % 100 === 0 }], { offer: false });
    worst.here = Math.max(worst.here, between - before);
    worst.there = Math.max(worst.there, performance.now() - between);
    await sleep(Math.max(0, sent + 50 - (performance.now() - started)));
  }
  const answers = await Promise.all(flood.map((transaction) => flooder.pub.answer(transaction, 20000)));
  const seconds = (performance.now() - started) / 1000;
  const taken = answers.filter(({ data }) => data.buzz === 'relayed').length;
  t.diagnostic(`${taken} of 1000 were taken in ${seconds.toFixed(1)} s; a bystander waited for at most ${worst.here.toFixed(0)} ms`);
  assert.ok(taken >= 40 && taken <= 40 + 20 * seconds + 1, `${taken} in ${seconds} s`);
  for (const { data } of answers) assert.ok(data.buzz === 'relayed' || data.error_code === 455, JSON.stringify(data));
  assert.ok(worst.here < 2000 && worst.there < 2000, JSON.stringify(worst));
  await sleep(QUIET_MS);
  assert.equal(relayed(victim).length, taken);
  assert.equal((await bystander.pub.request({ request: 'direct', to: victim.id, event: 'x' })).data.reached, 1);
});

test('what the settings do not allow is refused', { timeout: 60000 }, async (t) => {
  const quiet = await startJanus({ settings: { relay: { broadcast: false, all: false, max_bytes: 10 } } });
  const join = newRoom(t, quiet.url);
  t.after(() => quiet.stop());
  const [ada, grace] = [await join('Ada'), await join('Grace')];
  refused(await ada.pub.request({ request: 'broadcast', event: 'x' }), 456);
  refused(await ada.pub.request({ request: 'all', event: 'x' }), 456);
  refused(await ada.pub.request({ request: 'direct', to: grace.id, event: 'x', data: 'x'.repeat(9) }), 454);
  assert.equal((await ada.pub.request({ request: 'direct', to: grace.id, event: 'x', data: 'x'.repeat(8) })).data.reached, 1);
});

test('only a PUB in a room speaks', { timeout: 20000 }, async (t) => {
  const join = newRoom(t);
  const ada = await join('Ada', { watch: true });
  refused(await ada.sub.request({ request: 'broadcast', event: 'x' }), 440);
  const [fresh] = await ada.connection.attach(1);
  refused(await fresh.request({ request: 'direct', to: ada.id, event: 'x' }), 440);
  await ada.leave();
  refused(await ada.pub.request({ request: 'all', event: 'x' }), 440);
});
