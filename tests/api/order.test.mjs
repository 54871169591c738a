// SPDX-License-Identifier: GPL-3.0-only
// Requests in flight may reach the plugin in any order; their numbers put them back.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Connection, MICROPHONE, newLink, Participant, ROOM } from '../lib/client.mjs';
import { janusForThisFile } from '../lib/janus.mjs';
import { sleep } from '../lib/process.mjs';
import { makeAnswer, PublisherModel } from '../lib/sdp.mjs';

const WINDOW = 256;

const janus = await janusForThisFile();

/** A list of streams that tells which request it came with. */
const titled = (n) => [{ ...MICROPHONE, muted: n % 2 === 1 }, { stream: 'screen', kind: 'screen', mid: '2', title: `title ${n}` }];

/** Somebody whose join was request 1 and offered what titled() names. */
async function joinNumbered(t, display = 'Ada') {
  const connection = await Connection.open(janus.url);
  t.after(() => connection.drop());
  const [pub] = await connection.attach(1);
  const offer = new PublisherModel().offer(titled(0));
  const { data } = await pub.request({ request: 'join', seq: 1, ...ROOM, display, streams: titled(0) }, offer);
  assert.equal(data.buzz, 'joined', JSON.stringify(data));
  return pub;
}

/** Sends publishes with these numbers in one flight; returns the numbers in the order they were handled. */
async function publishInOrder(pub, numbers) {
  const transactions = new Map(numbers.map((seq) => [pub.post({ request: 'publish', seq, streams: titled(seq) }), seq]));
  await Promise.all([...transactions.keys()].map((transaction) => pub.answer(transaction)));
  return pub.events.filter(({ transaction }) => transactions.has(transaction)).map((event) => {
    assert.equal(event.data.buzz, 'published', JSON.stringify(event.data));
    const seq = transactions.get(event.transaction);
    assert.equal(event.data.streams[1].title, `title ${seq}`);
    return seq;
  });
}

test('requests of one flight are handled by their numbers', { timeout: 30000 }, async (t) => {
  const witness = await Participant.join(janus.url, { display: 'Witness' });
  t.after(() => witness.drop());
  const pub = await joinNumbered(t);
  assert.deepEqual(await publishInOrder(pub, [3, 2]), [2, 3]);
  assert.deepEqual(await publishInOrder(pub, [8, 6, 7, 5, 4, 9]), [4, 5, 6, 7, 8, 9]);
  const backwards = Array.from({ length: WINDOW }, (_, i) => 9 + WINDOW - i);
  assert.deepEqual(await publishInOrder(pub, backwards), [...backwards].reverse());
  await sleep(200);
  const titles = witness.pub.all('streams').map(({ data }) => Number(data.streams[1].title.slice(6)));
  assert.deepEqual(titles, [...titles].sort((a, b) => a - b), 'the others see them in the same order');
  assert.equal(titles.at(-1), 9 + WINDOW);
});

test('a flight of one order, many times over', { timeout: 60000 }, async (t) => {
  const pub = await joinNumbered(t);
  for (let first = 2; first < 200; first += 10) {
    const numbers = Array.from({ length: 10 }, (_, i) => first + i);
    assert.deepEqual(await publishInOrder(pub, numbers), numbers);
  }
});

test('a number is good for one request', { timeout: 20000 }, async (t) => {
  const pub = await joinNumbered(t);
  const again = (await pub.request({ request: 'publish', seq: 1, streams: titled(1) })).data;
  assert.equal(again.error_code, 436, JSON.stringify(again));
  const transactions = [5, 5].map((seq) => pub.post({ request: 'publish', seq: 2, streams: titled(seq) }));
  const answers = await Promise.all(transactions.map((transaction) => pub.answer(transaction)));
  assert.deepEqual(answers.map(({ data }) => data.error_code ?? data.buzz).sort(), [436, 'published']);
});

test('a number beyond the window is refused', { timeout: 20000 }, async (t) => {
  const pub = await joinNumbered(t);
  for (const seq of [2 + WINDOW, 1000, 2 ** 31 - 1]) {
    const { data } = await pub.request({ request: 'publish', seq, streams: titled(seq) });
    assert.equal(data.error_code, 436, `seq ${seq}: ${JSON.stringify(data)}`);
  }
  assert.deepEqual(await publishInOrder(pub, [2]), [2], 'the order goes on');
});

test('a request whose predecessor never comes is handled after 2 s', { timeout: 20000 }, async (t) => {
  const pub = await joinNumbered(t);
  const started = performance.now();
  const { data } = await pub.request({ request: 'publish', seq: 4, streams: titled(4) });
  const waited = performance.now() - started;
  assert.equal(data.buzz, 'published');
  assert.ok(waited > 1800 && waited < 3500, `handled after ${Math.round(waited)} ms`);
  const late = (await pub.request({ request: 'publish', seq: 3, streams: titled(3) })).data;
  assert.equal(late.error_code, 436, 'the predecessor is too late then');
});

test('a subscribe that comes before its join waits for it', { timeout: 20000 }, async (t) => {
  const connection = await Connection.open(janus.url);
  t.after(() => connection.drop());
  const [pub, sub] = await connection.attach(2);
  const link = newLink();
  const early = sub.post({ request: 'subscribe', seq: 1, ...ROOM, link });
  await sleep(300);
  assert.deepEqual(sub.events, []);
  const { data: joined } = await pub.request({ request: 'join', seq: 1, ...ROOM, display: 'Late', link });
  const { data } = await sub.answer(early);
  assert.deepEqual(data, { buzz: 'subscribed', id: joined.id });
  const { jsep } = await sub.next('offer');
  assert.equal((await sub.request({ request: 'answer', seq: 2, version: 1 }, makeAnswer(jsep.sdp))).data.buzz, 'answered');
});
