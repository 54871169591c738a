// SPDX-License-Identifier: GPL-3.0-only
// A call of Chromium and Firefox: everybody sees and hears everybody, screens come and go, people come and go.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Chromium } from '../lib/browser.mjs';
import { sleep, until } from '../lib/process.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = await Scene.open({ firefox: true });

const idOf = async (person) => (await person.snapshot()).id;
const others = (people, self) => people.filter((one) => one !== self);

/** Camera and microphone of each of these, as received() names them. */
async function faces(people) {
  const ids = await Promise.all(people.map(idOf));
  return ids.flatMap((id) => [`${id} mic`, `${id} cam`]);
}

async function everybodyFlows(people) {
  await Promise.all(people.map(async (one) => one.flowing(await faces(others(people, one)))));
}

const screensOf = ({ participants }) => participants.flatMap(({ id, streams }) => {
  return streams.filter(({ kind }) => kind === 'screen').map(({ stream }) => `${id} ${stream}`);
});

test('three Chromium and a Firefox see and hear each other; screens, a latecomer, a leaver', { timeout: 240000 }, async (t) => {
  const people = [];
  for (const name of ['Ada', 'Grace', 'Edsger']) people.push(await scene.join(t, scene.chromium, 'call/one', name));
  people.push(await scene.join(t, scene.firefox, 'call/one', 'Barbara'));
  const [ada, grace, edsger, barbara] = people;

  await t.test('every camera and every microphone flows', () => everybodyFlows(people));
  await ada.screenshot('four-people');

  await t.test('two screens of one person', async () => {
    await ada.click('#share');
    await grace.until('the first screen', (now) => screensOf(now).length === 1);
    await ada.click('#share');
    for (const one of [grace, edsger, barbara]) {
      const now = await one.until('both screens', (snapshot) => screensOf(snapshot).length === 2);
      await one.flowing(screensOf(now), { frames: 5 });
    }
    await grace.screenshot('two-screens');
  });

  await t.test('one is stopped, a latecomer sees the other', async () => {
    await ada.click('article[data-kind="own-screen"] .stop');
    for (const one of [grace, edsger, barbara]) await one.until('one screen left', (now) => screensOf(now).length === 1);
    const late = await scene.join(t, scene.chromium, 'call/one', 'Late');
    const now = await late.until('the screen', (snapshot) => screensOf(snapshot).length === 1);
    await late.flowing(screensOf(now), { frames: 5 });
    await late.close();
    await ada.until('the latecomer is gone', ({ participants }) => participants.length === 3);
    await ada.click('article[data-kind="own-screen"] .stop');
    for (const one of [grace, edsger, barbara]) await one.until('no screen left', (snapshot) => !screensOf(snapshot).length);
  });

  await t.test('one leaves and one joins: no new offer for anybody else', async () => {
    await edsger.click('#leave');
    for (const one of [ada, grace, barbara]) await one.until('one less', ({ participants }) => participants.length === 2);
    assert.match(await edsger.text(), /left the room/i);
    const next = await scene.join(t, scene.chromium, 'call/one', 'Next');
    const present = [ada, grace, barbara, next];
    await everybodyFlows(present);
    for (const one of present) assert.equal((await one.snapshot()).sub.offers, 1, `${one.name}'s SUB offers`);
  });
});

/** What is in the jitter buffer plays on for a while; then a whole second must be silent. */
const silent = async (page, name) => {
  const energy = async () => (await page.received()).get(name).totalAudioEnergy;
  const ends = performance.now() + 15000;
  let before = await energy();
  for (;;) {
    await sleep(1000);
    const now = await energy();
    if (now - before < 0.0005) return;
    assert.ok(performance.now() < ends, `still ${now - before} of sound in a second`);
    before = now;
  }
};

/** For some seconds, ten times each: how visible the ring of somebody's tile is, and how much on the page is being animated. */
const watchRing = (person, id) => person.evaluate(async (participant) => {
  const tile = document.querySelector(`article[data-participant="${participant}"]`);
  const seen = [];
  for (let i = 0; i < 40; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    seen.push({ ring: Number(getComputedStyle(tile, '::after').opacity), animations: document.getAnimations().length });
  }
  return seen;
}, id);

test('a voice lights its ring up without keeping the page busy', { timeout: 90000 }, async (t) => {
  const ada = await scene.join(t, scene.chromium, 'call/ring', 'Ada');
  const grace = await scene.join(t, scene.chromium, 'call/ring', 'Grace');
  const id = await idOf(ada);
  await grace.flowing(await faces([ada]));
  const beeping = await watchRing(grace, id);
  assert.ok(beeping.some(({ ring }) => ring > 0.2) && beeping.some(({ ring }) => ring === 0), 'a beep each second');
  assert.deepEqual(beeping.filter(({ animations }) => animations > 0), [], 'nothing has the page drawn all the time');
  await ada.click('#microphone');
  await silent(grace, `${id} mic`);
  assert.ok((await watchRing(grace, id)).every(({ ring }) => ring === 0), 'and none for a microphone that is off');
});

test('camera off and on, microphone off and on', { timeout: 90000 }, async (t) => {
  const ada = await scene.join(t, scene.chromium, 'call/two', 'Ada');
  const grace = await scene.join(t, scene.chromium, 'call/two', 'Grace');
  const id = await idOf(ada);
  await grace.flowing(await faces([ada]));
  const { offers } = (await ada.snapshot()).pub;
  const stream = (now, kind) => now.participants[0].streams.find((one) => one.kind === kind);

  await ada.click('#camera');
  await grace.until('camera off', (now) => stream(now, 'camera').muted && !now.slots.some(({ stream: name }) => name === 'cam'));
  await ada.click('#camera');
  await grace.until('camera on', (now) => !stream(now, 'camera').muted);
  await grace.flowing([`${id} cam`]);

  await ada.click('#microphone');
  await grace.until('microphone off', (now) => stream(now, 'microphone').muted);
  await silent(grace, `${id} mic`);
  await ada.click('#microphone');
  await grace.flowing([`${id} mic`]);
  assert.equal((await ada.snapshot()).pub.offers, offers, 'none of it took an offer');
  assert.equal((await grace.snapshot()).sub.offers, 1);
});

test('somebody without camera and microphone watches and listens', { timeout: 90000 }, async (t) => {
  const bare = await scene.start(Chromium, { devices: false });
  const viewer = await scene.join(t, bare, 'call/three', 'Viewer');
  const ada = await scene.join(t, scene.chromium, 'call/three', 'Ada');
  await viewer.flowing(await faces([ada]));
  const { participants } = await ada.until('the viewer', (now) => now.participants.length === 1);
  assert.deepEqual(participants[0].streams, []);
  assert.equal((await viewer.snapshot()).sub.offers, 1);
});

test('the best layer of a camera arrives', { timeout: 90000 }, async (t) => {
  const ada = await scene.join(t, scene.chromium, 'call/four', 'Ada', { width: '640' });
  const grace = await scene.join(t, scene.chromium, 'call/four', 'Grace', { cam: '0' });
  const [, camera] = await faces([ada]);
  await grace.flowing([camera]);
  const layers = async () => {
    return (await ada.encoded()).filter(({ framesEncoded }) => framesEncoded > 0).map(({ frameWidth }) => frameWidth);
  };
  const whole = async () => (await grace.received()).get(camera).frameWidth === 640;
  await until('the whole width', whole, { ms: 15000, every: 250 }).catch(async (error) => {
    throw new Error(`${error.message}; Ada sends ${await layers()}`);
  });
  assert.ok((await layers()).length >= 2, `Ada sends ${await layers()}: no simulcast`);
});
