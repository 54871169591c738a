// SPDX-License-Identifier: GPL-3.0-only
// One connection for each person, beside people who have one for everybody: everybody sees and hears everybody, and each
// connection comes, fails and goes on its own.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Scene } from '../lib/scene.mjs';

const scene = await Scene.open();

const idOf = async (person) => (await person.snapshot()).id;
const names = ({ connections }) => connections.map(({ name }) => name);

test('two people with a connection for each other one, and one person with a single connection', { timeout: 120000 }, async (t) => {
  const perPeer = { topology: 'per-peer' };
  const ada = await scene.join(t, scene.chromium, 'topology/mixed', 'Ada', perPeer);
  const grace = await scene.join(t, scene.chromium, 'topology/mixed', 'Grace', perPeer);
  const mary = await scene.join(t, scene.chromium, 'topology/mixed', 'Mary');
  const people = [ada, grace, mary];
  const ids = await Promise.all(people.map(idOf));
  const faces = (self) => ids.filter((_, i) => people[i] !== self).flatMap((id) => [`${id} mic`, `${id} cam`]);

  await t.test('media flows, and the snapshot lists each connection with its state', async () => {
    await Promise.all(people.map((one) => one.flowing(faces(one))));
    const { connections } = await ada.until('all are connected', (now) => {
      return now.connections.length === 3 && now.connections.every(({ connectionState }) => connectionState === 'connected');
    });
    assert.deepEqual(connections.map(({ name, participant }) => [name, participant]), [
      ['pub', ''], [`sub:${ids[1]}`, ids[1]], [`sub:${ids[2]}`, ids[2]],
    ]);
    for (const { signalingState, offers } of connections) assert.deepEqual([signalingState, offers], ['stable', 1]);
    assert.deepEqual(names(await mary.snapshot()), ['pub', 'sub']);
    await ada.screenshot('per-peer');
  });

  await t.test('a screen is a new slot on one connection only', async () => {
    await mary.click('#share');
    const { slots } = await ada.until('the screen', (now) => now.slots.some(({ stream }) => stream.startsWith('s')));
    const screen = slots.find(({ stream }) => !['mic', 'cam'].includes(stream));
    assert.equal(screen.connection, `sub:${ids[2]}`);
    await ada.flowing([`${ids[2]} ${screen.stream}`], { frames: 5 });
    for (const { offers } of (await ada.snapshot()).connections) assert.equal(offers, 1);
  });

  await t.test('a connection that fails is made anew; the others do not notice', async () => {
    const before = await ada.received();
    await ada.evaluate((name) => globalThis.buzz.call.inspect().find((one) => one.name === name).connection.close(), `sub:${ids[1]}`);
    await ada.until('the lost one is gone', (now) => !names(now).includes(`sub:${ids[1]}`));
    await ada.flowing([`${ids[1]} cam`]);
    const now = await ada.received();
    const { framesDecoded } = before.get(`${ids[2]} cam`);
    assert.ok(now.get(`${ids[2]} cam`).framesDecoded > framesDecoded, 'the other went on, with the same decoder');
    assert.equal((await ada.snapshot()).state, 'joined');
  });

  await t.test('who leaves takes only their own connection along', async () => {
    await grace.click('#leave');
    await ada.until('one connection less', (now) => names(now).join() === `pub,sub:${ids[2]}`);
    assert.deepEqual(new Set((await ada.snapshot()).slots.map(({ participant }) => participant)), new Set([ids[2]]));
    await ada.flowing([`${ids[2]} cam`]);
  });
});

test('the choice is kept for the next visit', { timeout: 60000 }, async (t) => {
  const ada = await scene.join(t, scene.chromium, 'topology/choice', 'Ada');
  const grace = await scene.join(t, scene.chromium, 'topology/choice', 'Grace');
  await ada.click('#open-settings');
  await ada.page.selectOption('#topology-choice', 'per-peer');
  assert.deepEqual(names(await ada.snapshot()), ['pub', 'sub'], 'not in the middle of a call');
  await ada.page.reload();
  const id = await idOf(grace);
  await ada.until('back', ({ state }) => state === 'joined');
  await ada.flowing([`${id} cam`]);
  assert.deepEqual(names(await ada.snapshot()), ['pub', `sub:${id}`]);
});
