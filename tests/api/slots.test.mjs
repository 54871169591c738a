// SPDX-License-Identifier: GPL-3.0-only
// Slots: what fits in is shown without a session description, what does not makes SUB grow in steps.

import assert from 'node:assert/strict';
import test from 'node:test';
import { CAMERA, MICROPHONE, Participant } from '../lib/client.mjs';
import { janusForThisFile } from '../lib/janus.mjs';
import { sleep } from '../lib/process.mjs';
import { inWords, sections } from '../lib/sdp.mjs';

const FIRST = 8; // slots of each media in the first offer
const STEP = 4;
const QUIET_MS = 300;

const janus = await janusForThisFile({ settings: { rooms: { linger: 0 } } });
const small = await janusForThisFile({ settings: { slots: { video_slots: 4, audio_slots: 4, max_slots: 6 } } });

let rooms = 0;

/** A room of its own for each test: people in it are dropped at the end. */
function newRoom(t, url = janus.url) {
  const room = `slots/${++rooms}`;
  const people = [];
  t.after(() => Promise.all(people.map((one) => one.drop())));
  return async (streams, options = {}) => {
    const one = await Participant.join(url, { room, display: `P${people.length}`, streams, ...options });
    people.push(one);
    return one;
  };
}

const shown = (one) => one.slots.slots.map(({ participant, stream }) => `${participant} ${stream}`).sort();
const mids = (sdp, media) => sections(sdp).filter((one) => one.media === media).map(({ mid }) => mid);

test('joins, leaves, screens and mutes within the slots cause no offer', { timeout: 30000 }, async (t) => {
  const join = newRoom(t);
  const watcher = await join([]);
  const ada = await join([MICROPHONE, CAMERA]);
  const grace = await join([MICROPHONE, CAMERA]);
  const screens = [1, 2, 3].map((n) => ({ stream: `screen${n}`, kind: 'screen', mid: String(n + 1), title: `Screen ${n}` }));
  await ada.publish([MICROPHONE, CAMERA, ...screens]);
  await watcher.slotsFit(({ slots }) => slots.length === 7);
  await ada.publish([MICROPHONE, CAMERA, screens[2]]);
  await watcher.slotsFit(({ slots }) => slots.length === 5);
  await grace.publish([{ ...MICROPHONE, muted: true }, { ...CAMERA, muted: true }], { offer: false });
  await watcher.slotsFit(({ slots }) => slots.length === 4);
  await ada.leave();
  await watcher.slotsFit(({ slots }) => slots.length === 1);
  for (let i = 0; i < 20; i++) {
    const guest = await join([MICROPHONE, CAMERA]);
    await watcher.slotsFit(({ slots }) => slots.length === 3);
    await guest.leave();
    await watcher.slotsFit(({ slots }) => slots.length === 1);
  }
  await sleep(QUIET_MS);
  for (const one of [watcher, grace]) assert.equal(one.offers, 1);
});

test('a stream keeps its slot while others come and go', { timeout: 30000 }, async (t) => {
  const join = newRoom(t);
  const watcher = await join([]);
  const people = [];
  for (let i = 0; i < 4; i++) people.push(await join([MICROPHONE, CAMERA]));
  await watcher.slotsFit(({ slots }) => slots.length === 8);
  const place = () => new Map(watcher.slots.slots.map(({ mid, participant, stream }) => [`${participant} ${stream}`, mid]));
  const before = place();
  await people[1].leave();
  await people[2].publish([MICROPHONE]);
  await join([CAMERA]);
  await watcher.slotsFit(({ slots }) => slots.length === 6);
  for (const [stream, mid] of place()) {
    if (before.has(stream)) assert.equal(mid, before.get(stream), stream);
  }
  assert.equal(new Set(place().values()).size, 6, 'no slot shows two streams');
});

test('past the slots SUB grows stepwise, and never moves an m-line', { timeout: 60000 }, async (t) => {
  const join = newRoom(t);
  const watcher = await join([]);
  const slotsAfter = [];
  for (let i = 1; i <= 17; i++) {
    await join([CAMERA], { watch: false });
    await watcher.slotsFit(({ slots, waiting }) => slots.length === i && waiting.length === 0);
    await sleep(50);
    slotsAfter.push(mids(watcher.sub.all('offer').at(-1).jsep.sdp, 'video').length);
  }
  const expected = Array.from({ length: 17 }, (_, i) => FIRST + STEP * Math.max(0, Math.ceil((i + 1 - FIRST) / STEP)));
  assert.deepEqual(slotsAfter, expected);
  await sleep(QUIET_MS);
  const offers = watcher.sub.all('offer');
  assert.deepEqual(offers.map(({ data }) => data.version), [1, 2, 3, 4]);
  for (const [i, { jsep }] of offers.entries()) {
    const before = i ? sections(offers[i - 1].jsep.sdp).map(({ mid }) => mid) : [];
    assert.deepEqual(sections(jsep.sdp).map(({ mid }) => mid).slice(0, before.length), before);
    assert.equal(mids(jsep.sdp, 'audio').length, FIRST, 'only the media that lacks grows');
  }
});

test('who comes late is offered what is there and a step more', { timeout: 60000 }, async (t) => {
  const join = newRoom(t);
  for (let i = 0; i < 7; i++) await join([CAMERA, MICROPHONE], { watch: false });
  const late = await join([]);
  const [{ jsep }] = late.sub.all('offer');
  assert.equal(inWords(jsep.sdp), '11 audio, 11 video, sendonly');
  assert.equal(late.slots.slots.length, 14);
});

test('changes while an offer is out are folded into the next one', { timeout: 30000 }, async (t) => {
  const join = newRoom(t);
  const watcher = await join([], { answers: false });
  const offer = await watcher.sub.next('offer');
  const streams = [CAMERA, ...[2, 3, 4].map((n) => ({ stream: `s${n}`, kind: 'screen', mid: String(n) }))];
  const people = [];
  for (let i = 0; i < 5; i++) people.push(await join(streams, { watch: false }));
  await people[0].leave();
  await sleep(QUIET_MS);
  assert.equal(watcher.offers, 1, 'one at a time');
  watcher.answerOffer(offer);
  const next = await watcher.sub.next('offer');
  assert.equal(next.data.version, 2);
  assert.ok(mids(next.jsep.sdp, 'video').length >= 16, inWords(next.jsep.sdp));
  watcher.answerOffer(next);
  await watcher.sub.next({ buzz: 'answered', version: 2 });
  await watcher.slotsFit(({ slots, waiting }) => slots.length === 16 && waiting.length === 0);
  await sleep(QUIET_MS);
  assert.equal(watcher.offers, 2);
});

test('what a client cannot decode is named and takes no slot', { timeout: 30000 }, async (t) => {
  const join = newRoom(t);
  const ada = await join([MICROPHONE, CAMERA]);
  const narrow = await join([], { subscribe: { codecs: ['opus', 'h264'] } });
  assert.deepEqual(narrow.slots.undecodable, [{ participant: ada.id, stream: 'cam', codec: 'vp8' }]);
  assert.deepEqual(shown(narrow), [`${ada.id} mic`]);
  assert.doesNotMatch(narrow.sub.all('offer')[0].jsep.sdp, /VP8|VP9|AV1/);
  const deaf = await join([], { subscribe: { codecs: ['vp8'] } });
  assert.deepEqual(shown(deaf), [`${ada.id} cam`]);
});

test('congestion feedback is one kind for the whole connection', { timeout: 30000 }, async (t) => {
  const join = newRoom(t);
  for (const rtx of [true, false]) {
    const one = await join([], { subscribe: { rtx } });
    for (const { mid, lines } of sections(one.sub.all('offer')[0].jsep.sdp)) {
      const transport = lines.some((line) => /^a=rtcp-fb:\S+ transport-cc$/.test(line));
      assert.equal(transport, !rtx, `${mid} with rtx ${rtx}:\n${lines.join('\n')}`);
      if (!rtx) assert.ok(!lines.some((line) => line.endsWith(' goog-remb')), `${mid}: both kinds`);
    }
  }
});

test('beyond max_slots streams wait, and get the first slot that is free', { timeout: 60000 }, async (t) => {
  const join = newRoom(t, small.url);
  const watcher = await join([]);
  const people = [];
  for (let i = 0; i < 8; i++) people.push(await join([CAMERA], { watch: false }));
  await watcher.slotsFit(({ slots, waiting }) => slots.length === 6 && waiting.length === 2);
  assert.deepEqual(watcher.slots.waiting.map(({ participant }) => participant), [people[6].id, people[7].id]);
  await people[2].leave();
  await watcher.slotsFit(({ slots, waiting }) => slots.length === 6 && waiting.length === 1);
  assert.ok(shown(watcher).includes(`${people[6].id} cam`));
  await people[0].publish([{ ...CAMERA, muted: true }], { offer: false });
  await watcher.slotsFit(({ slots, waiting }) => slots.length === 6 && waiting.length === 0);
  await people[0].publish([CAMERA], { offer: false });
  await watcher.slotsFit(({ waiting }) => waiting.length === 1 && waiting[0].participant === people[0].id);
});
