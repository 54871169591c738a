// SPDX-License-Identifier: GPL-3.0-only
// What one changes during a call, each change to its end: media flows, and both sides are stable.

import assert from 'node:assert/strict';
import test from 'node:test';
import { sleep, until } from '../lib/process.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = await Scene.open();

const idOf = async (person) => (await person.snapshot()).id;
const offersOf = async (person) => (await person.snapshot()).pub.offers;
const streamsOf = ({ participants }, id) => participants.find((one) => one.id === id)?.streams ?? [];
const namesOf = (snapshot, id) => streamsOf(snapshot, id).filter(({ kind }) => kind !== 'screen_audio').map(({ stream }) => stream);

async function call(t, room, options) {
  const ada = await scene.join(t, scene.chromium, room, 'Ada', options);
  const grace = await scene.join(t, scene.chromium, room, 'Grace', { cam: '0' });
  const id = await idOf(ada);
  await grace.flowing([`${id} mic`, `${id} cam`]);
  return { ada, grace, id, mids: () => midsOf(ada) };
}

/** [mid, direction] of each m-line of a person's PUB. */
const midsOf = (person) => person.evaluate(() => globalThis.buzz.call.inspect()[0].connection.getTransceivers()
  .map(({ mid, currentDirection }) => [mid, currentDirection]));

/** Media flows, nothing is out on either connection, and the server and the page have the same list. */
async function settled({ ada, grace, id }, streams) {
  await grace.until('the streams', (now) => JSON.stringify(namesOf(now, id).sort()) === JSON.stringify([...streams].sort()));
  await grace.flowing(streams.map((stream) => `${id} ${stream}`), { frames: 3 });
  for (const one of [ada, grace]) {
    await until(`${one.name} is stable`, () => one.evaluate(() => {
      return globalThis.buzz.call.inspect().every(({ connection }) => connection.signalingState === 'stable');
    }));
  }
  assert.equal((await grace.snapshot()).sub.offers, 1, 'nobody else was offered anything');
}

/** Holds or spoils what the page sends: action is called with each message that carries an offer, and may change it. */
const onOffer = (person, script) => person.evaluate((text) => {
  const action = new Function('message', 'count', `return (${text})(message, count)`); // eslint-disable-line no-new-func
  const socket = globalThis.buzzTest.sockets.at(-1);
  const send = socket.send.bind(socket);
  let count = 0;
  socket.send = async (json) => {
    const message = JSON.parse(json);
    if (message.jsep?.type === 'offer') await action(message, ++count);
    send(JSON.stringify(message));
  };
}, script);

const screen = async (person) => person.click('#share');
const stopScreen = (person) => person.click('article[data-kind="own-screen"] .stop');

test('a screen is added and removed, and its m-line is used again', { timeout: 60000 }, async (t) => {
  const all = await call(t, 'change/screen');
  await screen(all.ada);
  await settled(all, ['mic', 'cam', 'screen1']);
  const before = await all.mids();
  await stopScreen(all.ada);
  await settled(all, ['mic', 'cam']);
  assert.deepEqual((await all.mids()).filter(([, direction]) => direction === 'inactive').length > 0, true);
  await screen(all.ada);
  await settled(all, ['mic', 'cam', 'screen2']);
  assert.deepEqual(await all.mids(), before, 'the same m-lines');
});

test('camera off and on: the transceiver is kept, nothing is offered', { timeout: 60000 }, async (t) => {
  const all = await call(t, 'change/camera');
  const [offers, mids] = [await offersOf(all.ada), await all.mids()];
  await all.ada.click('#camera');
  await all.grace.until('off', (now) => streamsOf(now, all.id).find(({ kind }) => kind === 'camera').muted);
  await all.ada.click('#camera');
  await all.grace.until('on', (now) => !streamsOf(now, all.id).find(({ kind }) => kind === 'camera').muted);
  await settled(all, ['mic', 'cam']);
  assert.deepEqual([await offersOf(all.ada), await all.mids()], [offers, mids]);
});

test('another device: the track is replaced, nothing is offered or announced', { timeout: 60000 }, async (t) => {
  const all = await call(t, 'change/device');
  const offers = await offersOf(all.ada);
  const trackOf = () => all.ada.evaluate(() => globalThis.buzz.call.sender('mic').track.id);
  const before = await trackOf();
  const choices = await all.ada.evaluate(() => {
    document.getElementById('settings').showModal();
    return [...document.getElementById('microphone-choice').options].map(({ value }) => value);
  });
  assert.ok(choices.length > 1, `only ${choices.length} microphones`);
  const current = await all.ada.evaluate(() => document.getElementById('microphone-choice').value);
  await all.ada.page.selectOption('#microphone-choice', choices.find((value) => value !== current));
  await until('another track', async () => (await trackOf()) !== before);
  await all.ada.evaluate(() => document.getElementById('settings').close());
  await settled(all, ['mic', 'cam']);
  assert.equal(await offersOf(all.ada), offers);
});

test('another codec is one offer, and arrives as that codec', { timeout: 60000 }, async (t) => {
  const all = await call(t, 'change/codec');
  const offers = await offersOf(all.ada);
  const codec = (now) => streamsOf(now, all.id).find(({ kind }) => kind === 'camera')?.codec;
  assert.equal(codec(await all.grace.snapshot()), 'vp8');
  for (const [index, wanted] of ['vp9', 'h264', 'vp8'].entries()) {
    await all.ada.evaluate((value) => {
      const select = document.getElementById('codec-choice');
      select.value = value;
      select.dispatchEvent(new Event('change'));
    }, wanted);
    await all.grace.until(wanted, (now) => codec(now) === wanted);
    await settled(all, ['mic', 'cam']);
    assert.equal(await offersOf(all.ada), offers + index + 1);
  }
});

test('several changes in one burst are one offer', { timeout: 60000 }, async (t) => {
  const all = await call(t, 'change/burst');
  const offers = await offersOf(all.ada);
  await all.ada.evaluate(async () => {
    const { call: room } = globalThis.buzz;
    const track = document.createElement('canvas').captureStream(8).getVideoTracks()[0];
    const mic = { stream: 'mic', kind: 'microphone', track: room.sender('mic').track, muted: false };
    const cam = { stream: 'cam', kind: 'camera', track: room.sender('cam').track, muted: false };
    const share = (stream) => ({ stream, kind: 'screen', track: track.clone(), muted: false });
    room.publish([mic, cam, share('one')]);
    room.publish([mic, cam, share('one'), share('two')]);
    room.setCodec('vp9');
    await room.publish([mic, { ...cam, muted: true }]);
    await room.publish([mic, cam]);
  });
  await settled(all, ['mic', 'cam']);
  assert.equal(await offersOf(all.ada), offers + 1);
});

test('changes while an offer is out are folded into the next', { timeout: 60000 }, async (t) => {
  const all = await call(t, 'change/out');
  const offers = await offersOf(all.ada);
  await onOffer(all.ada, 'async (message, count) => { if (count === 1) await new Promise((done) => setTimeout(done, 2000)); }');
  await screen(all.ada);
  await all.ada.until('the offer is out', ({ pub }) => pub.offers === offers + 1);
  await screen(all.ada);
  await sleep(300);
  await screen(all.ada);
  await sleep(300);
  assert.equal(await offersOf(all.ada), offers + 1, 'one offer at a time');
  await settled(all, ['mic', 'cam', 'screen1', 'screen2', 'screen3']);
  assert.equal(await offersOf(all.ada), offers + 2, 'two screens in the second');
});

test('an offer that fails is made again', { timeout: 60000 }, async (t) => {
  const all = await call(t, 'change/fails');
  const offers = await offersOf(all.ada);
  await onOffer(all.ada, `(message, count) => { if (count === 1) message.jsep.sdp = 'nothing that Janus could read'; }`);
  await screen(all.ada);
  await settled(all, ['mic', 'cam', 'screen1']);
  assert.equal(await offersOf(all.ada), offers + 1, 'the same one');
});

test('an offer that the plugin refuses because it is busy is made again', { timeout: 60000 }, async (t) => {
  const all = await call(t, 'change/refused');
  // the answer says busy, although Janus and the plugin took the offer: the worst of both worlds
  await all.ada.evaluate(() => {
    const socket = globalThis.buzzTest.sockets.at(-1);
    let spoiled = false;
    const parse = JSON.parse;
    JSON.parse = (text) => {
      const message = parse(text);
      if (!spoiled && message?.plugindata?.data?.buzz === 'published' && socket.readyState === 1) {
        spoiled = true;
        message.plugindata.data = { buzz: 'error', error_code: 453, error: 'busy' };
        delete message.jsep;
      }
      return message;
    };
  });
  await screen(all.ada);
  await settled(all, ['mic', 'cam', 'screen1']);
  assert.match(JSON.stringify(await all.ada.snapshot()), /"state":"joined"/);
});
