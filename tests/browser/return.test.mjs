// SPDX-License-Identifier: GPL-3.0-only
// Coming back by oneself: a lost WebSocket, a changed network, a session that is gone, a Janus that was killed, a machine that
// slept. Nobody reloads a page, nobody looks at a frozen picture without a word.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Chromium } from '../lib/browser.mjs';
import { Cable } from '../lib/cable.mjs';
import { watchFreezes } from '../lib/pictures.mjs';
import { sleep, until } from '../lib/process.mjs';
import { Scene } from '../lib/scene.mjs';
import { Loss } from '../lib/server.mjs';
import { freeRtpPorts } from '../lib/service.mjs';

const RECLAIM_S = 12; // from the last keep-alive, of which there is one every 5 s
const STEADY_MS = 2500; // then packets have flowed for a second
/** How long a browser sleeps; ten minutes and more can be tried by hand. */
const ASLEEP_S = Number(process.env.BUZZ_TEST_ASLEEP_S ?? 20);
const AWAKE_MS = 10000;
const BACK_MS = 20000;

const rtpPorts = freeRtpPorts();
const loss = await Loss.build();
after(() => loss.remove());
const scene = await Scene.open({
  firefox: true,
  server: {
    rtpPorts, preload: [loss.library], env: loss.env(rtpPorts), args: ['--restart-janus'], reclaim: RECLAIM_S,
    settings: { liveness: { timeout: 8, seat: 20 } },
  },
});
const cable = await Cable.open(scene.server.url);
scene.things.push(cable);

const idOf = async (person) => (await person.snapshot()).id;

async function faceOf(person) {
  const id = await idOf(person);
  return [`${id} mic`, `${id} cam`];
}

/** Ada on the cable, Grace beside it, both see and hear each other; and whoever follows the signalling. */
async function call(t, room, browser = scene.chromium, options = {}) {
  const witness = await scene.witness(t, room);
  const grace = await scene.join(t, scene.chromium, room, 'Grace');
  const ada = await browser.join(cable.url, room, 'Ada', options);
  scene.people.push(ada);
  t.after(() => ada.close().catch(() => {})); // its browser may be gone
  await Promise.all([ada.flowing(await faceOf(grace)), grace.flowing(await faceOf(ada))]);
  await sleep(STEADY_MS);
  await ada.evaluate(() => {
    globalThis.neverReloaded = true;
  });
  return { ada, grace, witness, id: await idOf(ada) };
}

const flowAgain = async (ada, grace) => Promise.all([ada.flowing(await faceOf(grace)), grace.flowing(await faceOf(ada))]);
const bannerOf = (person) => person.evaluate(() => document.getElementById('banner').textContent);
const isSamePage = (person) => person.evaluate(() => globalThis.neverReloaded === true);
const noticeOf = (person, id) => person.evaluate((key) => document.querySelector(`article[data-key="${key}"] .notice`).textContent, id);

test('a lost WebSocket: the session is claimed, and media never stops', { timeout: 60000 }, async (t) => {
  const { ada, grace, witness, id } = await call(t, 'return/socket');
  const nobodyFroze = await watchFreezes([[ada, await idOf(grace)], [grace, id]]);
  const { pub, sub } = await ada.snapshot();
  cable.pull();
  await ada.until('it shows', ({ signalling }) => signalling === 'down', 3000);
  assert.match(await bannerOf(ada), /the call goes on/);
  assert.equal(await ada.evaluate(() => document.getElementById('banner').getAttribute('role')), 'status', 'it is read out');
  await grace.click('#microphone'); // an event that gets lost
  await sleep(2000);
  cable.plug();
  const after = await ada.until('claimed', ({ signalling, state }) => signalling === 'up' && state === 'joined', BACK_MS);
  assert.equal(await bannerOf(ada), '');
  assert.equal(after.id, id);
  assert.deepEqual([after.pub.offers, after.sub.offers], [pub.offers, sub.offers], 'the same connections');
  assert.equal(after.participants.find(({ display }) => display === 'Grace').streams[0].muted, true, 'what was missed is known');
  await ada.flowing([`${await idOf(grace)} cam`]);
  await grace.flowing([`${id} cam`]);
  await nobodyFroze();
  for (const name of ['left', 'interrupted']) assert.deepEqual(witness.pub.all(name), [], `nobody saw ${name}`);
  assert.ok(await isSamePage(ada));
});

test('the same with a connection for each of the others', { timeout: 60000 }, async (t) => {
  const { ada, grace, id } = await call(t, 'return/peers', scene.chromium, { topology: 'per-peer' });
  const nobodyFroze = await watchFreezes([[ada, await idOf(grace)], [grace, id]]);
  const names = async () => (await ada.snapshot()).connections.map(({ name }) => name);
  const before = await names();
  cable.pull();
  await ada.until('it shows', ({ signalling }) => signalling === 'down', 3000);
  const late = await scene.join(t, scene.chromium, 'return/peers', 'Late');
  cable.plug();
  await ada.until('claimed', ({ signalling, state }) => signalling === 'up' && state === 'joined', BACK_MS);
  await ada.flowing([...(await faceOf(grace)), ...(await faceOf(late))]);
  assert.deepEqual((await names()).slice(0, before.length), before, 'the connections that there were');
  await nobodyFroze();
});

test('changes made while the WebSocket is lost arrive afterwards', { timeout: 60000 }, async (t) => {
  const { ada, grace, id } = await call(t, 'return/changes');
  cable.pull();
  await ada.until('it shows', ({ signalling }) => signalling === 'down', 3000);
  await ada.click('#share');
  await ada.click('#microphone');
  await sleep(500);
  cable.plug();
  await grace.until('the screen and the microphone', ({ participants }) => {
    const streams = participants.find((one) => one.id === id)?.streams ?? [];
    return streams.some(({ kind }) => kind === 'screen') && streams.some(({ kind, muted }) => kind === 'microphone' && muted);
  }, BACK_MS);
  await grace.flowing([`${id} screen1`], { frames: 3 });
});

test('who leaves while the WebSocket is lost says so when it is back', { timeout: 60000 }, async (t) => {
  const { ada, witness, id } = await call(t, 'return/leave');
  cable.pull();
  await ada.until('it shows', ({ signalling }) => signalling === 'down', 3000);
  await ada.click('#leave');
  await sleep(1000);
  cable.plug();
  assert.equal((await witness.pub.next({ buzz: 'left', participant: id }, BACK_MS)).data.reason, 'leave');
});

test('a session that is gone: it rejoins by its seat, and is seen reconnecting', { timeout: 60000 }, async (t) => {
  const { ada, grace, witness, id } = await call(t, 'return/seat');
  const order = (await grace.snapshot()).participants.map((one) => one.id);
  cable.pull();
  const { data } = await witness.pub.next({ buzz: 'interrupted', participant: id, reason: 'away' }, 1000 * RECLAIM_S + 8000);
  assert.equal(data.reason, 'away');
  await until('the tile says so', async () => (await noticeOf(grace, id)) === 'Reconnecting…');
  await grace.screenshot('reconnecting');
  assert.notEqual(await bannerOf(ada), '');
  cable.plug();
  await witness.pub.next({ buzz: 'resumed', participant: id }, BACK_MS);
  assert.equal((await ada.until('back', ({ state }) => state === 'joined', BACK_MS)).id, id);
  await flowAgain(ada, grace);
  assert.deepEqual((await grace.snapshot()).participants.map((one) => one.id), order, 'the same place');
  assert.deepEqual(witness.pub.all('left'), []);
  assert.equal(witness.pub.all('joined').filter(({ data: { participant } }) => participant?.id === id).length, 1);
  assert.equal(await noticeOf(grace, id), '');
  assert.ok(await isSamePage(ada));
});

test('another network: ICE is restarted on both connections without a gap', { timeout: 60000 }, async (t) => {
  const { ada, grace, id } = await call(t, 'return/ice');
  const names = () => ada.evaluate(() => globalThis.buzzTest.connections.map((connection) => {
    return /a=ice-ufrag:(\S+)/.exec(connection.currentLocalDescription.sdp)[1];
  }));
  const nobodyFroze = await watchFreezes([[ada, await idOf(grace)], [grace, id]]);
  const before = await names();
  await ada.evaluate(() => dispatchEvent(new Event('online')));
  await until('new credentials', async () => (await names()).every((name, index) => name !== before[index]));
  await flowAgain(ada, grace);
  await nobodyFroze();
  const { pub, sub, id: now } = await ada.snapshot();
  assert.deepEqual([pub.connectionState, sub.connectionState, now], ['connected', 'connected', id]);
});

for (const [name, browser, topology] of [
  ['Chromium', scene.chromium, 'shared'],
  ['Firefox', scene.firefox, 'shared'],
  ['Chromium, per-peer', scene.chromium, 'per-peer'],
]) {
  test(`a path that died: it shows within a second, and ICE is restarted (${name})`, { timeout: 60000 }, async (t) => {
    const { ada, grace, witness, id } = await call(t, `return/path-${name.toLowerCase().replace(', ', '-')}`, browser, { topology });
    const before = await ada.snapshot();
    const sub = [...before.slots][0].connection; // the one to the witness carries nothing, and is not missed
    const offersOf = ({ connections }) => ['pub', sub].map((which) => connections.find(({ name }) => name === which).offers);
    await loss.killPaths();
    const killed = performance.now();
    const since = () => Math.round(performance.now() - killed);
    await until('it shows', async () => /Restoring/.test(await bannerOf(ada)), { ms: 3000 });
    t.diagnostic(`shown after ${since()} ms`);
    await flowAgain(ada, grace);
    t.diagnostic(`media seen after ${since()} ms`);
    await until('nothing is wrong any more', async () => (await bannerOf(ada)) === '' && (await bannerOf(grace)) === '');
    const after = await ada.snapshot();
    assert.equal(after.id, id);
    assert.deepEqual(after.connections.map(({ name }) => name), before.connections.map(({ name }) => name));
    assert.deepEqual(offersOf(after), offersOf(before).map((offers) => offers + 1), 'one offer on each, on the same connections');
    assert.deepEqual(witness.pub.all('left'), []);
    assert.ok(await isSamePage(ada));
  });
}

test(`a browser that stood still for ${ASLEEP_S} s comes back by itself`, { timeout: 90000 + 1000 * ASLEEP_S }, async (t) => {
  const frozen = await scene.start(Chromium);
  const { ada, grace, witness, id } = await call(t, 'return/frozen', frozen);
  frozen.signal('SIGSTOP');
  const started = performance.now();
  await witness.pub.next({ buzz: 'interrupted', participant: id, reason: 'silent' }, 2000);
  assert.ok(performance.now() - started < 1500);
  assert.equal((await witness.pub.next({ buzz: 'left', participant: id }, 12000)).data.reason, 'timeout');
  await sleep(1000 * ASLEEP_S - (performance.now() - started));
  frozen.signal('SIGCONT');
  const woke = performance.now();
  await ada.until('back', ({ state, id: now }) => state === 'joined' && now !== id, AWAKE_MS);
  t.diagnostic(`in the room ${Math.round(performance.now() - woke)} ms after waking`);
  await flowAgain(ada, grace);
  assert.ok(await isSamePage(ada));
});

test('a Janus that is killed and started again: everyone is back with media', { timeout: 90000 }, async (t) => {
  const { ada, grace } = await call(t, 'return/killed');
  process.kill(scene.server.pid, 'SIGKILL');
  await Promise.all([ada, grace].map((one) => until(`${one.name} is told`, async () => (await bannerOf(one)) !== '', { ms: 5000 })));
  await Promise.all([ada, grace].map((one) => one.until('back', ({ state, signalling, participants }) => {
    return state === 'joined' && signalling === 'up' && participants.some(({ display }) => display !== 'Witness' && display !== one.name);
  }, 40000)));
  await flowAgain(ada, grace);
  for (const one of [ada, grace]) {
    assert.equal(await bannerOf(one), '');
    assert.ok(await isSamePage(ada));
  }
});
