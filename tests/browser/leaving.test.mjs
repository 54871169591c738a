// SPDX-License-Identifier: GPL-3.0-only
// Browsers that vanish: closed, killed, frozen, cut off. The others are told in time, and who can comes back.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Chromium } from '../lib/browser.mjs';
import { Scene } from '../lib/scene.mjs';
import { sleep, until } from '../lib/process.mjs';

const NOTICED_MS = 1000;
const QUIET_MS = 800;
const STEADY_MS = 2500; // then its packets have flowed for a second
const TIMEOUT_MS = 7000;
const TICK_MS = 1500; // the server looks around so often at the least

const scene = await Scene.open({ server: { reclaim: 20, settings: { liveness: { timeout: TIMEOUT_MS / 1000, quiet: QUIET_MS / 1000 } } } });

/** How long it takes until the witness is told this, ms. */
async function noticed(witness, event, ms) {
  const started = performance.now();
  const { data } = await witness.pub.next(event, ms);
  return { took: performance.now() - started, data };
}

const idOf = async (person) => (await person.snapshot()).id;

async function faceOf(person) {
  const id = await idOf(person);
  return [`${id} mic`, `${id} cam`];
}

test('a closed tab is noticed within a second', { timeout: 90000 }, async (t) => {
  const witness = await scene.witness(t, 'leaving/tab');
  const ada = await scene.join(t, scene.chromium, 'leaving/tab', 'Ada');
  const id = await idOf(ada);
  const closing = ada.close();
  const { took, data } = await noticed(witness, { buzz: 'left', participant: id }, 5000);
  await closing;
  assert.ok(['leave', 'gone'].includes(data.reason), data.reason);
  assert.ok(took < NOTICED_MS, `${Math.round(took)} ms`);
});

test('a killed browser is shown as interrupted within a second, then has left', { timeout: 90000 }, async (t) => {
  const doomed = await scene.start(Chromium);
  const witness = await scene.witness(t, 'leaving/killed');
  const ada = await scene.join(t, doomed, 'leaving/killed', 'Ada');
  const id = await idOf(ada);
  await ada.until('connected', ({ pub }) => pub.connectionState === 'connected');
  await sleep(STEADY_MS);
  process.kill(doomed.pid, 'SIGKILL');
  const { took, data } = await noticed(witness, { buzz: 'interrupted', participant: id }, 5000);
  assert.equal(data.reason, 'silent');
  assert.ok(took < NOTICED_MS, `interrupted after ${Math.round(took)} ms`);
  const left = await noticed(witness, { buzz: 'left', participant: id }, TIMEOUT_MS + 5000);
  assert.equal(left.data.reason, 'timeout');
  t.diagnostic(`interrupted after ${Math.round(took)} ms, left after ${Math.round(took + left.took)} ms`);
  assert.ok(took + left.took < TIMEOUT_MS + TICK_MS, `left after ${Math.round(took + left.took)} ms`);
});

test('a frozen browser is shown as interrupted, and comes back', { timeout: 90000 }, async (t) => {
  const frozen = await scene.start(Chromium);
  const witness = await scene.witness(t, 'leaving/frozen');
  const grace = await scene.join(t, scene.chromium, 'leaving/frozen', 'Grace', { cam: '0' });
  const ada = await scene.join(t, frozen, 'leaving/frozen', 'Ada');
  const face = await faceOf(ada);
  const id = await idOf(ada);
  await grace.flowing(face);
  await sleep(STEADY_MS);
  const interruptedTile = () => grace.evaluate((key) => {
    return document.querySelector(`article[data-key="${key}"]`)?.classList.contains('interrupted') ?? false;
  }, id);

  await t.test('for a moment: it goes on where it was', async () => {
    frozen.signal('SIGSTOP');
    const { took } = await noticed(witness, { buzz: 'interrupted', participant: id }, 10000);
    assert.ok(took > QUIET_MS - 100 && took < NOTICED_MS, `interrupted after ${Math.round(took)} ms`);
    await until('the tile shows it', interruptedTile);
    await grace.screenshot('interrupted');
    frozen.signal('SIGCONT');
    await witness.pub.next({ buzz: 'resumed', participant: id }, 3000);
    await grace.flowing(face);
    assert.equal(await interruptedTile(), false);
    assert.equal(await idOf(ada), id);
  });

  await t.test('for long: it is put out, and joins again by itself', async () => {
    frozen.signal('SIGSTOP');
    const { took, data } = await noticed(witness, { buzz: 'left', participant: id }, TIMEOUT_MS + 5000);
    assert.equal(data.reason, 'timeout');
    assert.ok(took > TIMEOUT_MS - 1000 && took < TIMEOUT_MS + TICK_MS, `left after ${Math.round(took)} ms`);
    frozen.signal('SIGCONT');
    await ada.until('joined anew', ({ state, id: now }) => state === 'joined' && now !== id, 20000);
    await grace.flowing(await faceOf(ada));
  });
});

test('whoever loses the WebSocket goes on where it was', { timeout: 90000 }, async (t) => {
  const grace = await scene.join(t, scene.chromium, 'leaving/cut', 'Grace');
  const ada = await scene.join(t, scene.chromium, 'leaving/cut', 'Ada');
  const id = await idOf(ada);
  await grace.flowing(await faceOf(ada));
  await ada.cutSocket();
  await ada.until('lost', ({ signalling }) => signalling === 'down');
  await ada.until('claimed', ({ signalling, id: now }) => signalling === 'up' && now === id, 20000);
  await grace.flowing(await faceOf(ada));
  await ada.flowing(await faceOf(grace));
  const { participants } = await grace.snapshot();
  assert.deepEqual(participants.map(({ display }) => display), ['Ada'], 'no ghost is left');
});

test('whose connection ends is put out, and joins again by itself', { timeout: 90000 }, async (t) => {
  const witness = await scene.witness(t, 'leaving/hangup');
  const ada = await scene.join(t, scene.chromium, 'leaving/hangup', 'Ada');
  const id = await idOf(ada);
  await ada.until('connected', ({ pub }) => pub.connectionState === 'connected');
  await ada.evaluate(() => globalThis.buzzTest.connections.find((one) => one.getSenders().some(({ track }) => track)).close());
  const { took, data } = await noticed(witness, { buzz: 'left', participant: id }, 5000);
  // 'gone' when the page, told by Janus, gives up the rest before the server does
  assert.ok(['hangup', 'gone'].includes(data.reason), data.reason);
  assert.ok(took < 2 * NOTICED_MS, `${Math.round(took)} ms`);
  await ada.until('joined anew', ({ state, id: now }) => state === 'joined' && now !== id, 20000);
});
