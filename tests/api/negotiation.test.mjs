// SPDX-License-Identifier: GPL-3.0-only
// Answers on SUB that are lost, late, repeated, swapped or wrong: only SUB itself ever suffers, and recovers.

import assert from 'node:assert/strict';
import test from 'node:test';
import { CAMERA, JanusError, MICROPHONE, Participant } from '../lib/client.mjs';
import { janusForThisFile } from '../lib/janus.mjs';
import { sleep } from '../lib/process.mjs';
import { makeAnswer, PublisherModel } from '../lib/sdp.mjs';

const TIMEOUT_MS = 1000;
const TRIES = 3;
const UNSOLICITED = 469; // Janus's own refusal of an answer nobody asked for
const GLARE = 490; // Janus's own refusal of an offer while its own is open

const janus = await janusForThisFile({
  settings: { negotiation: { offer_timeout: TIMEOUT_MS / 1000, offer_tries: TRIES } },
});

async function watcher(t) {
  const one = await Participant.join(janus.url, { room: `negotiation/${t.name}`.slice(0, 60), answers: false });
  t.after(() => one.drop());
  return one;
}

function answer(one, offer, version = offer.data.version) {
  return one.sub.request({ request: 'answer', version }, makeAnswer(offer.jsep.sdp, one.transport));
}

/** The plugin's error code, or the core's when it refused first. */
async function refusal(promise) {
  try {
    return (await promise).data.error_code;
  } catch (error) {
    if (error instanceof JanusError) return error.code;
    throw error;
  }
}

test('an unanswered offer is repeated, then SUB is given up', { timeout: 20000 }, async (t) => {
  const one = await watcher(t);
  const started = performance.now();
  const { data } = await one.sub.next('error', (TRIES + 2) * TIMEOUT_MS);
  const took = performance.now() - started;
  assert.equal(data.error_code, 444);
  assert.deepEqual(one.sub.all('offer').map((offer) => offer.data.version), [1, 1, 1]);
  assert.ok(took > TRIES * TIMEOUT_MS - 300 && took < (TRIES + 1) * TIMEOUT_MS + 500, `given up after ${Math.round(took)} ms`);
  assert.ok(await refusal(answer(one, one.sub.all('offer')[2])), 'an answer after that is refused, by Janus or by us');
  [one.sub] = await one.connection.attach(1);
  one.answerOffers();
  await one.sub.request({ request: 'subscribe', ...one.room, id: one.id, seat: one.seat });
  await one.settled();
});

test('an offer whose first try was lost is answered on the second', { timeout: 20000 }, async (t) => {
  const one = await watcher(t);
  await one.sub.next('offer');
  const second = await one.sub.next('offer', 2 * TIMEOUT_MS);
  assert.deepEqual((await answer(one, second)).data, { buzz: 'answered', version: 1 });
  await sleep(2 * TIMEOUT_MS);
  assert.equal(one.offers, 2, 'and is not repeated any more');
});

test('an answer to a version that is not open is refused, and the offer comes again', { timeout: 20000 }, async (t) => {
  const one = await watcher(t);
  const first = await one.sub.next('offer');
  assert.equal(await refusal(answer(one, first, 7)), 441);
  const again = await one.sub.next('offer', TIMEOUT_MS / 2);
  assert.equal(again.data.version, 1);
  assert.equal((await answer(one, again)).data.buzz, 'answered');
});

test('a repeated answer is refused and changes nothing', { timeout: 20000 }, async (t) => {
  const one = await watcher(t);
  const offer = await one.sub.next('offer');
  await answer(one, offer);
  const code = await refusal(answer(one, offer));
  assert.ok([440, 441, UNSOLICITED].includes(code), `refused with ${code}`);
  const ada = await Participant.join(janus.url, { room: one.room.room, streams: [MICROPHONE, CAMERA], watch: false });
  t.after(() => ada.drop());
  await one.slotsFit(({ slots }) => slots.length === 2);
  assert.equal(one.offers, 1);
});

test('an answer that does not fit is refused, and the offer comes again', { timeout: 20000 }, async (t) => {
  const one = await watcher(t);
  const offer = await one.sub.next('offer');
  const short = makeAnswer(offer.jsep.sdp);
  short.sdp = short.sdp.slice(0, short.sdp.lastIndexOf('m=video'));
  const code = await refusal(one.sub.request({ request: 'answer', version: 1 }, short));
  assert.equal(code, 435);
  const again = await one.sub.next('offer', 2 * TIMEOUT_MS);
  assert.equal((await answer(one, again)).data.buzz, 'answered');
});

test('unusable answers end in negotiation_failed, not in a loop', { timeout: 20000 }, async (t) => {
  const one = await watcher(t);
  const codes = [];
  for (let i = 0; i < TRIES; i++) {
    const offer = await one.sub.next('offer', 2 * TIMEOUT_MS);
    const wrong = makeAnswer(offer.jsep.sdp);
    wrong.sdp = wrong.sdp.replaceAll('a=mid:a0\r\n', 'a=mid:zz\r\n');
    codes.push(await refusal(one.sub.request({ request: 'answer', version: 1 }, wrong)));
  }
  assert.deepEqual(codes, [435, 435, 444]);
  await sleep(2 * TIMEOUT_MS);
  assert.equal(one.offers, TRIES);
});

test('offers on SUB, answers on PUB and answers without a description are refused', { timeout: 20000 }, async (t) => {
  const one = await watcher(t);
  await one.sub.next('offer');
  const offer = new PublisherModel().offer([MICROPHONE]);
  assert.equal(await refusal(one.sub.request({ request: 'answer', version: 1 })), 435, 'no description');
  const glare = await refusal(one.sub.request({ request: 'answer', version: 1 }, offer));
  assert.ok([440, GLARE].includes(glare), `an offer on SUB: ${glare}`);
  const onPub = await refusal(one.pub.request({ request: 'publish', streams: [] }, makeAnswer(offer.sdp)));
  assert.ok([440, UNSOLICITED].includes(onPub), `an answer on PUB: ${onPub}`);
  const [fresh] = await one.connection.attach(1);
  const subscribe = { request: 'subscribe', ...one.room, id: one.id, seat: one.seat };
  assert.equal(await refusal(fresh.request(subscribe, offer)), 440, 'a description beside subscribe');
});
