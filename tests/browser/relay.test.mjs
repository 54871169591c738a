// SPDX-License-Identifier: GPL-3.0-only
// Messages between pages: over signalling, and over the data channel what is large or frequent, by the same rules.

import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from '../lib/process.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = await Scene.open({ server: { settings: { relay: { rate: 500, burst: 500 } } } });

const idOf = async (person) => (await person.snapshot()).id;

/** Notes every message a page gets. large: it opens a data channel for them. */
async function listen(person, large) {
  await person.evaluate((wanted) => {
    globalThis.stopListening?.();
    globalThis.heard = [];
    globalThis.stopListening = globalThis.buzz.call.onRelay((message) => globalThis.heard.push(message), { large: wanted });
  }, large);
}

const heard = (person) => person.evaluate(() => globalThis.heard);

/** Waits for so many messages of this event, or of any. */
async function hears(person, count, event) {
  return until(`${person.name} hears ${count}`, async () => {
    const all = (await heard(person)).filter((message) => !event || message.event === event);
    return all.length >= count && all;
  }, { ms: 10000 });
}

/** Runs in the page, which has a channel: says on it what the client never would. */
async function speakRaw(texts) {
  const channel = globalThis.buzzTest.channels.at(-1);
  const answers = [];
  channel.addEventListener('message', ({ data }) => answers.push(JSON.parse(data)));
  for (const text of texts) {
    const count = answers.length;
    channel.send(text === null ? new Uint8Array([1, 2, 3]) : text);
    for (let i = 0; i < 100 && answers.length === count; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return answers;
}

test('a call with messages', { timeout: 120000 }, async (t) => {
  const ada = await scene.join(t, scene.chromium, 'relay/room', 'Ada');
  const grace = await scene.join(t, scene.chromium, 'relay/room', 'Grace');
  // neither camera nor microphone: its PUB has no connection before it wants a channel
  const mary = await scene.join(t, scene.chromium, 'relay/room', 'Mary', { mic: '0', cam: '0' });
  const [adaId, graceId, maryId] = await Promise.all([ada, grace, mary].map(idOf));
  await listen(grace, true);
  await listen(mary, false);

  await t.test('over signalling, with the sender that the server knows', async () => {
    assert.equal(await ada.evaluate(() => globalThis.buzz.call.broadcast('joined', { from: 'me', text: '<b>' })), 2);
    const message = { from: adaId, how: 'broadcast', event: 'joined', data: { from: 'me', text: '<b>' } };
    for (const one of [grace, mary]) assert.deepEqual(await hears(one, 1), [message]);
    assert.equal(await ada.evaluate((to) => globalThis.buzz.call.direct(to, 'psst', 1), graceId), 1);
    assert.deepEqual((await hears(grace, 2))[1], { from: adaId, how: 'direct', event: 'psst', data: 1 });
    const refusal = await ada.evaluate(() => globalThis.buzz.call.direct('nobody', 'x').catch(({ code }) => code));
    assert.equal(refusal, 442);
    assert.equal((await ada.snapshot()).pub.offers, 1, 'no channel was needed for that');
  });

  await t.test('a large one takes the channel, and reaches only who has one', async () => {
    const text = 'x'.repeat(50_000);
    assert.equal(await ada.evaluate((data) => globalThis.buzz.call.broadcast('large', data), text), 1);
    assert.deepEqual((await hears(grace, 3))[2], { from: adaId, how: 'broadcast', event: 'large', data: text });
    assert.equal((await hears(mary, 1)).length, 1);
    assert.equal((await ada.snapshot()).pub.offers, 2, 'one more offer, for the channel');
    await listen(mary, true);
    await mary.until('a connection for the channel', ({ pub }) => pub.connectionState === 'connected');
    await until('both are reached', async () => {
      return (await ada.evaluate((data) => globalThis.buzz.call.broadcast('large', data), text)) === 2;
    });
    await until('the large one', async () => (await heard(mary)).at(-1)?.data?.length === text.length);
    assert.equal(await mary.evaluate(([to, data]) => globalThis.buzz.call.direct(to, 'back', data), [graceId, text]), 1);
  });

  await t.test('200 frequent ones arrive in their order, and small ones without a channel by signalling', async () => {
    await listen(grace, true);
    await listen(mary, true);
    const ways = await ada.evaluate(async () => {
      const sent = [];
      for (let n = 0; n < 200; n++) sent.push(globalThis.buzz.call.broadcast('n', n, { frequent: true }));
      return Promise.all(sent);
    });
    assert.ok(ways.every((reached) => reached === null), 'all of them over the channel');
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    for (const one of [grace, mary]) {
      const all = await hears(one, 200, 'n');
      assert.deepEqual(all.map(({ data }) => data), numbers);
    }
  });

  await t.test('what the channel refuses is answered on it, and media goes on', async () => {
    const direct = (fields) => JSON.stringify({ request: 'direct', to: 'nobody', event: 'x', ...fields });
    const answers = await grace.evaluate(speakRaw, [
      null, 'nonsense', '{}', '{"request":"leave","id":"a"}', direct({ id: 'b' }), direct({ id: 'c', event: 'a b' }),
      direct({ id: 'd', to: maryId, from: adaId, data: 'forged' }),
    ]);
    assert.deepEqual(answers.map(({ buzz, error_code: code, id }) => [buzz, code, id]), [
      ['error', 430, undefined], ['error', 430, undefined], ['error', 430, undefined], ['error', 430, 'a'],
      ['error', 442, 'b'], ['error', 432, 'c'], ['relayed', undefined, 'd'],
    ]);
    const last = await until('the one that was right', async () => (await heard(mary)).find(({ data }) => data === 'forged'));
    assert.equal(last.from, graceId);
    await mary.flowing([`${graceId} cam`, `${graceId} mic`]);
    assert.equal((await grace.snapshot()).state, 'joined');
  });
});

test('a flood over the channel is refused beyond the burst; a bystander’s messages go through', { timeout: 90000 }, async (t) => {
  const flooder = await scene.join(t, scene.chromium, 'relay/flood', 'Flooder');
  const victim = await scene.join(t, scene.chromium, 'relay/flood', 'Victim');
  const witness = await scene.witness(t, 'relay/flood');
  await listen(victim, true);
  const flooded = await flooder.evaluate(async (to) => {
    await globalThis.buzz.call.broadcast('open', null, { frequent: true });
    const channel = globalThis.buzzTest.channels.at(-1);
    const codes = {};
    channel.addEventListener('message', ({ data }) => {
      const { error_code: code } = JSON.parse(data);
      codes[code] = (codes[code] ?? 0) + 1;
    });
    await new Promise((resolve) => channel.addEventListener('open', resolve));
    for (let n = 0; n < 5000; n++) channel.send(JSON.stringify({ request: 'direct', to, event: 'flood', data: n }));
    while (channel.bufferedAmount > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 500));
    return codes;
  }, await idOf(victim));
  const started = performance.now();
  assert.equal((await witness.pub.request({ request: 'broadcast', event: 'still.here' })).data.reached, 2);
  assert.ok(performance.now() - started < 1000);
  const got = (await heard(victim)).filter(({ event }) => event === 'flood').map(({ data }) => data);
  t.diagnostic(`${got.length} of 5000 came through; refused: ${JSON.stringify(flooded)}`);
  assert.ok(got.length >= 100 && got.length < 4000, `${got.length}`);
  assert.deepEqual(got, [...got].sort((a, b) => a - b));
  assert.ok((flooded[455] ?? 0) + (flooded[453] ?? 0) > 0, JSON.stringify(flooded));
  assert.equal((await flooder.snapshot()).state, 'joined');
});
